/** The Node object that a kubelet registers (dev cluster, kubelet layer). */
import { alreadyExists, unlessGone } from "../client/client.ts";
import { nodes } from "../client/resources.ts";
import type { Condition } from "../objects/meta.ts";
import type { Node } from "../objects/placement.ts";
import { HOST_IP, type KubeletContext } from "./context.ts";
import { NODE_CAPACITY } from "./resource_fields.ts";
import { kubeTime } from "../objects/time.ts";

/** Where the API server finds the kubelet's own endpoint, for exec, logs and port-forward. */
export const ENDPOINT_ANNOTATION = "devcluster/kubelet-url";

/** What a node says of itself. */
export interface NodeFacts {
  /** The kubelet's endpoint for the embedded API server. */
  readonly url: string;
  /** Where other API servers find it. */
  readonly port: number;
  readonly labels: Readonly<Record<string, string>>;
}

/** Makes or updates the Node. */
export async function registerNode(
  { client, nodeName, runtime }: KubeletContext,
  { url, port, labels }: NodeFacts,
): Promise<void> {
  const metadata = {
    name: nodeName,
    labels: {
      "kubernetes.io/hostname": nodeName,
      "kubernetes.io/os": "linux",
      "kubernetes.io/arch": Deno.build.arch === "aarch64" ? "arm64" : "amd64",
      ...labels,
    },
    annotations: { [ENDPOINT_ANNOTATION]: url },
  };
  try {
    await client.create<Node>(nodes, { apiVersion: "v1", kind: "Node", metadata, spec: {} });
  } catch (error) {
    if (!alreadyExists(error)) throw error;
    await client.patch(nodes, { name: nodeName }, { metadata });
  }
  const status = nodeStatus(runtime.version, port);
  await client.patch(nodes, { name: nodeName }, { status }, { subresource: "status" });
  await makeSchedulable({ client, nodeName });
}

/** Registers the node again where it does not count as ready, or was deleted. */
export async function stayReady(context: KubeletContext, facts: NodeFacts): Promise<void> {
  const node = await context.client.get<Node>(nodes, { name: context.nodeName });
  const ready = node?.status?.conditions?.find(({ type }) => type === "Ready");
  if (ready?.status !== "True") await registerNode(context, facts);
}

/** Tells schedulers that this node takes no pods any more; a Node that is gone is no error. */
export async function markNotReady({ client, nodeName }: KubeletContext): Promise<void> {
  const node = await client.get<Node>(nodes, { name: nodeName });
  const others = (node?.status?.conditions ?? []).filter((it) => it.type !== "Ready");
  const ready = condition("Ready", "False", "KubeletStopped");
  const patch = { status: { conditions: [...others, ready] } };
  await unlessGone(client.patch(nodes, { name: nodeName }, patch, { subresource: "status" }));
}

function condition(type: string, status: string, reason: string): Condition {
  const now = kubeTime();
  return { type, status, reason, lastHeartbeatTime: now, lastTransitionTime: now };
}

function nodeStatus(runtimeVersion: string, port: number) {
  const capacity = { ...NODE_CAPACITY, pods: "100000" };
  return {
    capacity,
    allocatable: capacity,
    conditions: [
      condition("MemoryPressure", "False", "KubeletHasSufficientMemory"),
      condition("DiskPressure", "False", "KubeletHasNoDiskPressure"),
      condition("PIDPressure", "False", "KubeletHasSufficientPID"),
      condition("Ready", "True", "KubeletReady"),
    ],
    // No name: an API server would ask for it first, and nobody can look it up.
    addresses: [{ type: "InternalIP", address: HOST_IP }],
    daemonEndpoints: { kubeletEndpoint: { Port: port } },
    nodeInfo: {
      containerRuntimeVersion: runtimeVersion,
      kubeletVersion: "v1.34.0",
      operatingSystem: "linux",
      architecture: Deno.build.arch,
      machineID: "",
      systemUUID: "",
      bootID: "",
      kernelVersion: Deno.osRelease(),
      osImage: "dev cluster",
      kubeProxyVersion: "",
    },
  };
}

/** A real API server taints new nodes until a controller finds them ready; here that is now. */
async function makeSchedulable({ client, nodeName }: Pick<KubeletContext, "client" | "nodeName">) {
  const node = await client.get<Node>(nodes, { name: nodeName });
  const taints = node?.spec?.taints ?? [];
  const rest = taints.filter((it) => it.key !== "node.kubernetes.io/not-ready");
  if (rest.length === taints.length) return;
  await client.patch(nodes, { name: nodeName }, { spec: { taints: rest } });
}
