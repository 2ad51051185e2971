/** The nodes of a dev cluster: kubelets that share addresses, volumes and a runtime. */
import type { ClusterAccess } from "./client/client.ts";
import type { AddressPool } from "./kubelet/addresses.ts";
import { type RunningKubelet, startKubelet } from "./kubelet/kubelet.ts";
import type { PodRuntime } from "./kubelet/runtime.ts";

/** A node that can be switched off and on. */
export interface DevNode {
  readonly name: string;
  /** Switches the power off: its containers die, and nobody is told. */
  fail(): Promise<void>;
  /** Switches it on again. */
  recover(): Promise<void>;
}

/** What nodes are started with. */
export interface NodesOptions {
  readonly access: ClusterAccess;
  readonly runtime: PodRuntime;
  readonly addresses: AddressPool;
  readonly nodes?: number | readonly string[];
  readonly nodeTiming?: { readonly heartbeatMs: number };
  readonly kubeletDirectory?: string;
  readonly backoffMs?: number;
  readonly onError: (error: unknown) => void;
}

const FIRST_NAME = "devcluster";

/** Starts the nodes; resolves when all are registered. */
export async function startNodes(
  options: NodesOptions,
): Promise<{ nodes: readonly DevNode[]; stop(): Promise<void> }> {
  const given = options.kubeletDirectory;
  const directory = given ?? await Deno.makeTempDir({ prefix: "devcluster-kubelet-" });
  const { nodes = 1 } = options;
  const names = typeof nodes === "number" ? namesOf(nodes) : nodes;
  const started = await Promise.all(names.map((name) => startNode(options, directory, name)));
  return {
    nodes: started.map(({ node }) => node),
    async stop() {
      await Promise.all(started.map(({ stop }) => stop()));
      await options.runtime.close();
      if (given === undefined) await Deno.remove(directory, { recursive: true });
    },
  };
}

function namesOf(count: number): string[] {
  return Array.from(
    { length: count },
    (_, index) => index === 0 ? FIRST_NAME : `${FIRST_NAME}-${index + 1}`,
  );
}

async function startNode(options: NodesOptions, directory: string, name: string) {
  const start = () =>
    startKubelet({
      ...options.access,
      nodeName: name,
      // The nodes share it: the last one gone closes it.
      runtime: { ...options.runtime, close: () => Promise.resolve() },
      directory: `${directory}/nodes/${name}`,
      volumes: `${directory}/volumes`,
      addresses: options.addresses,
      onError: options.onError,
      ...(options.nodeTiming ? { heartbeatMs: options.nodeTiming.heartbeatMs } : {}),
      ...(options.backoffMs === undefined ? {} : { backoffMs: options.backoffMs }),
    });
  let kubelet: RunningKubelet | undefined = await start();
  const node: DevNode = {
    name,
    async fail() {
      const failing = kubelet;
      kubelet = undefined;
      await failing?.fail();
    },
    async recover() {
      kubelet ??= await start();
    },
  };
  return { node, stop: async () => await kubelet?.stop() };
}
