/**
 * Cluster names as lines of /etc/hosts, in the place of a cluster DNS (network layer; pure).
 *
 * https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/
 */
import type { EndpointAddress, Endpoints, Service } from "../objects/network.ts";

/** A name of the cluster and the addresses behind it. */
export interface ClusterName {
  readonly namespace: string;
  /** `service` or `pod.service`. */
  readonly name: string;
  readonly addresses: readonly string[];
}

/** The pod that a hosts file is for. */
export interface HostsOwner {
  readonly namespace: string;
  readonly hostname: string;
  readonly ip: string;
}

const DOMAIN = "cluster.local";

/** The names that a Service stands for: its own, and those of the pods behind it. */
export function serviceNames(service: Service, endpoints: Endpoints | undefined): ClusterName[] {
  const namespace = service.metadata.namespace ?? "default";
  const name = service.metadata.name;
  const ready = (endpoints?.subsets ?? []).flatMap((subset) => subset.addresses ?? []);
  const ip = service.spec.clusterIP;
  const headless = ip === "None" || !ip;
  const own = headless ? ready.map((address) => address.ip) : [ip];
  const pods = ready.filter((address): address is EndpointAddress & { hostname: string } =>
    address.hostname !== undefined
  );
  return [
    { namespace, name, addresses: own },
    ...pods.map((pod) => ({ namespace, name: `${pod.hostname}.${name}`, addresses: [pod.ip] })),
  ].filter((entry) => entry.addresses.length > 0);
}

/** `localhost` is the pod itself, as in a network namespace of its own. */
export function hostsFile(names: readonly ClusterName[], owner: HostsOwner): string {
  const lines = [`${owner.ip} localhost ${owner.hostname}`];
  for (const { namespace, name, addresses } of names) {
    const full = `${name}.${namespace}`;
    const short = namespace === owner.namespace ? ` ${name}` : "";
    for (const address of addresses) {
      lines.push(`${address} ${full}.svc.${DOMAIN} ${full}.svc ${full}${short}`);
    }
  }
  return `${lines.join("\n")}\n`;
}
