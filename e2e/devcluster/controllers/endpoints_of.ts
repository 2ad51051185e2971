/** The addresses that a Service's pods make (controllers; pure). */
import type { Draft } from "../client/client.ts";
import { services } from "../client/resources.ts";
import type {
  EndpointAddress,
  EndpointPort,
  EndpointSlice,
  EndpointSubset,
  Service,
  ServicePort,
} from "../objects/network.ts";
import type { Pod } from "../objects/pod.ts";
import { controllerReference } from "./context.ts";
import { isFinished, isReady, isTerminating } from "./workloads/pods.ts";

/** Whether a pod can be among a Service's addresses at all. */
export function hasAddress(pod: Pod): boolean {
  return Boolean(pod.status?.podIP) && !isFinished(pod);
}

/** The subsets of a Service's Endpoints: one for each set of ports that its pods resolve to. */
export function subsetsOf(service: Service, pods: readonly Pod[]): EndpointSubset[] {
  const subsets = new Map<string, EndpointSubset>();
  for (const pod of byName(pods)) {
    const ready = isReady(pod) && !isTerminating(pod) || service.spec.publishNotReadyAddresses;
    if (isTerminating(pod) && !service.spec.publishNotReadyAddresses) continue;
    const ports = portsOf(service, pod);
    if (ports.length === 0 && (service.spec.ports ?? []).length > 0) continue;
    const key = JSON.stringify(ports);
    const subset = subsets.get(key) ?? (ports.length > 0 ? { ports } : {});
    const field = ready ? "addresses" : "notReadyAddresses";
    subset[field] = [...subset[field] ?? [], addressOf(service, pod)];
    subsets.set(key, subset);
  }
  return [...subsets.values()];
}

/** The EndpointSlice of a Service; the API server completes its name. */
export function endpointSliceOf(service: Service, pods: readonly Pod[]): Draft<EndpointSlice> {
  const { name, namespace } = service.metadata;
  const there = byName(pods);
  const ports = there.map((pod) => portsOf(service, pod)).find((it) => it.length > 0);
  const headless = service.spec.clusterIP === "None";
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: {
      generateName: `${name}-`,
      namespace: namespace!,
      labels: {
        ...service.metadata.labels,
        "kubernetes.io/service-name": name,
        "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
        ...(headless ? { "service.kubernetes.io/headless": "" } : {}),
      },
      ownerReferences: [controllerReference(service, services)],
    },
    addressType: "IPv4",
    endpoints: there.map((pod) => sliceEndpoint(service, pod)),
    ports: (ports ?? []).map((port) => ({ ...port, name: port.name ?? "" })),
  };
}

function sliceEndpoint(service: Service, pod: Pod): EndpointSlice["endpoints"][number] {
  const { ip, ...rest } = addressOf(service, pod);
  const ready = isReady(pod);
  const all = service.spec.publishNotReadyAddresses ?? false;
  return {
    addresses: [ip],
    conditions: {
      ready: all || ready && !isTerminating(pod),
      serving: ready,
      terminating: isTerminating(pod),
    },
    ...rest,
  };
}

function addressOf(service: Service, pod: Pod): EndpointAddress {
  const { name, namespace, uid } = pod.metadata;
  const named = pod.spec.hostname && pod.spec.subdomain === service.metadata.name &&
    service.metadata.namespace === namespace;
  return {
    ip: pod.status!.podIP!,
    ...(named ? { hostname: pod.spec.hostname! } : {}),
    ...(pod.spec.nodeName ? { nodeName: pod.spec.nodeName } : {}),
    targetRef: { kind: "Pod", name, namespace: namespace!, uid: uid! },
  };
}

function portsOf(service: Service, pod: Pod): EndpointPort[] {
  return (service.spec.ports ?? []).flatMap((port) => {
    const number = podPort(port, pod);
    if (number === undefined) return [];
    return [{
      ...(port.name ? { name: port.name } : {}),
      port: number,
      protocol: port.protocol ?? "TCP",
      ...(port.appProtocol ? { appProtocol: port.appProtocol } : {}),
    }];
  });
}

function podPort({ targetPort, port }: ServicePort, pod: Pod): number | undefined {
  if (targetPort === undefined || targetPort === 0 || targetPort === "") return port;
  if (typeof targetPort === "number") return targetPort;
  if (/^\d+$/.test(targetPort)) return Number(targetPort);
  return pod.spec.containers.flatMap((it) => it.ports ?? [])
    .find((it) => it.name === targetPort)?.containerPort;
}

function byName(pods: readonly Pod[]): Pod[] {
  return [...pods].sort((a, b) => a.metadata.name < b.metadata.name ? -1 : 1);
}
