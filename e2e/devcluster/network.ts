/**
 * The dev cluster's network: Services on loopback addresses, and names for them (network layer).
 *
 * It is a client of the API server like kube-proxy and CoreDNS: it watches Services and
 * Endpoints, carries connections, and writes hosts files.
 */
import type { KubeClient } from "./client/client.ts";
import { cacheKey, type WatchCache, watchCaches } from "./client/watch_cache.ts";
import { endpoints, services } from "./client/resources.ts";
import { hostsFile, type HostsOwner, serviceNames } from "./network/names.ts";
import { type Target, type TcpProxy, tcpProxy } from "./network/tcp_proxy.ts";
import type { Endpoints, Service, ServicePort } from "./objects/network.ts";

/** A running network; it serves as the `names` of a process runtime. */
export interface ServiceNetwork {
  /** The text of /etc/hosts for a pod, or for a program of this machine. */
  hostsFile(owner: HostsOwner): string;
  /** Calls back when a name or an address changed; returns how to stop that. */
  onChange(changed: () => void): () => void;
  close(): Promise<void>;
}

/** Starts serving the Services whose `clusterIP` is a loopback address. */
export async function startServiceNetwork(
  client: KubeClient,
  onError: (error: unknown) => void,
): Promise<ServiceNetwork> {
  const caches = watchCaches(client, onError);
  const known = {
    services: caches.of<Service>(services),
    endpoints: caches.of<Endpoints>(endpoints),
  };
  const proxies = serviceProxies(onError);
  const listeners = new Set<() => void>();
  let lastNames = "";

  function update({ namespace, name }: { namespace?: string; name: string }): void {
    const service = known.services.get(namespace, name);
    proxies.update(cacheKey(namespace, name), service, known.endpoints.get(namespace, name));
    const names = JSON.stringify(allNames(known));
    if (names === lastNames) return;
    lastNames = names;
    for (const changed of listeners) changed();
  }

  known.services.onChange((service) => update(service.metadata));
  known.endpoints.onChange((each) => update(each.metadata));
  await Promise.all([known.services.synced, known.endpoints.synced]);
  return {
    hostsFile: (owner) => hostsFile(allNames(known), owner),
    onChange(changed) {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
    async close() {
      await caches.stop();
      proxies.close();
    },
  };
}

interface Known {
  readonly services: WatchCache<Service>;
  readonly endpoints: WatchCache<Endpoints>;
}

function allNames(known: Known) {
  return [...known.services.all()].flatMap((service) => {
    const { namespace, name } = service.metadata;
    return serviceNames(service, known.endpoints.get(namespace, name));
  });
}

/** One proxy for each port of each Service. */
function serviceProxies(onError: (error: unknown) => void) {
  const proxies = new Map<string, Map<string, TcpProxy>>();
  return {
    update(key: string, service: Service | undefined, behind: Endpoints | undefined): void {
      const wanted = new Map(servedPorts(service).map((port) => [addressOf(service!, port), port]));
      const running = proxies.get(key) ?? new Map<string, TcpProxy>();
      for (const [address, proxy] of running) {
        if (wanted.has(address)) continue;
        proxy.close();
        running.delete(address);
      }
      for (const [address, port] of wanted) {
        const ip = service!.spec.clusterIP!;
        const proxy = running.get(address) ?? tcpProxy({ ip, port: port.port }, onError);
        running.set(address, proxy);
        proxy.route(targetsOf(port, behind));
      }
      if (running.size === 0) proxies.delete(key);
      else proxies.set(key, running);
    },
    close(): void {
      for (const running of proxies.values()) for (const proxy of running.values()) proxy.close();
    },
  };
}

function servedPorts(service: Service | undefined): ServicePort[] {
  if (!service?.spec.clusterIP?.startsWith("127.")) return [];
  return (service.spec.ports ?? []).filter((port) => (port.protocol ?? "TCP") === "TCP");
}

function addressOf(service: Service, port: ServicePort): string {
  return `${service.spec.clusterIP}:${port.port}`;
}

/** A Service's port is found in Endpoints by its name. */
function targetsOf(port: ServicePort, behind: Endpoints | undefined): Target[] {
  return (behind?.subsets ?? []).flatMap((subset) => {
    const there = subset.ports?.find((each) => (each.name ?? "") === (port.name ?? ""));
    if (there === undefined) return [];
    return (subset.addresses ?? []).map((address) => ({ ip: address.ip, port: there.port }));
  });
}
