/**
 * The embedded Kubernetes for demo and tests: API server, controllers and nodes, all on loopback.
 * It knows nothing of the operator; everything in it talks to the API server over HTTPS.
 */
import { type ApiServer, type ApiServerOptions, startApiServer } from "./apiserver/server.ts";
import type { ClusterAccess } from "./client/client.ts";
import { kubeClient } from "./client/client.ts";
import { startControllers } from "./controllers/mod.ts";
import { type DevNode, startNodes } from "./nodes.ts";
import { processRuntime, type ProcessRuntimeOptions } from "./kubelet/process_runtime.ts";
import type { PodRuntime } from "./kubelet/runtime.ts";
import { type StubRuntime, stubRuntime, type StubRuntimeOptions } from "./kubelet/stub_runtime.ts";
import { startServiceNetwork } from "./network.ts";
import { claimLoopbackNetwork } from "./network/loopback.ts";
import { startScheduler } from "./scheduler/scheduler.ts";

export interface DevClusterOptions extends
  Pick<
    ApiServerOptions,
    "port" | "dataDir" | "tokens" | "faults" | "audit" | "upgradeAsksCreate"
  > {
  /** `stub` pretends that containers run, `process` runs them as processes of this machine. */
  runtime: "stub" | "process";
  stub?: Omit<StubRuntimeOptions, keyof ClusterAccess>;
  process?: Omit<ProcessRuntimeOptions, "names">;
  /** Names, or how many; one unless told. `devcluster`, `devcluster-2` and up are their names then. */
  nodes?: number | readonly string[];
  /** How soon a node that falls silent is noticed; as in a real cluster when absent. */
  nodeTiming?: { readonly heartbeatMs: number; readonly graceMs: number };
  /** Where the nodes keep volumes and logs; a temporary directory when absent. */
  kubeletDirectory?: string;
  /** Pause before a container's second restart. */
  backoffMs?: number;
  /** Hears of what went wrong and is tried again. Standard error when absent. */
  onError?: (error: unknown) => void;
}

export interface DevCluster {
  url: string;
  /** Path of a kubeconfig of a cluster admin. */
  kubeconfig: string;
  adminToken: string;
  caPem: string;
  /** For fault knobs and for looking into the store. */
  apiServer: ApiServer;
  /** What the stub was asked to do; with the stub runtime only. */
  stub?: StubRuntime;
  nodes: readonly DevNode[];
  stop(): Promise<void>;
}

type Undo = (() => Promise<unknown> | void)[];

function reportError(error: unknown): void {
  const text = error instanceof Error ? error.message : String(error);
  Deno.stderr.writeSync(new TextEncoder().encode(`dev cluster: ${text}\n`));
}

/** The runtime; with processes also the network that they reach Services through. */
async function startRuntime(
  options: DevClusterOptions,
  access: ClusterAccess,
  undo: Undo,
): Promise<PodRuntime | StubRuntime> {
  const onError = options.onError ?? reportError;
  if (options.runtime === "stub") return stubRuntime({ onError, ...options.stub, ...access });
  const client = kubeClient(access);
  undo.push(() => client.close());
  const names = await startServiceNetwork(client, onError);
  undo.push(() => names.close());
  return processRuntime({ ...options.process, names });
}

/** Starts a cluster and waits until its node is registered. @throws Error when a part cannot start. */
export async function startDevCluster(options: DevClusterOptions): Promise<DevCluster> {
  const onError = options.onError ?? reportError;
  const undo: Undo = [];
  // The node goes first, so that its pods can still say goodbye; the API server goes last.
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const loopback = await claimLoopbackNetwork();
    undo.push(() => loopback.close());
    const { nodeAddress: address, serviceNetwork, pods: addresses } = loopback;
    const apiServer = await startApiServer({ ...options, address, serviceNetwork });
    undo.push(() => apiServer.stop());
    const access = { url: apiServer.url, token: apiServer.token, caPem: apiServer.caPem };
    const graceMs = options.nodeTiming?.graceMs;
    const controllers = await startControllers({
      ...access,
      onError,
      ...(graceMs === undefined ? {} : { nodeGraceMs: graceMs }),
    });
    undo.push(() => controllers.stop());
    const scheduler = await startScheduler(access, onError);
    undo.push(() => scheduler.stop());
    const runtime = await startRuntime(options, access, undo);
    const { nodes, stop: stopNodes } = await startNodes({
      ...options,
      access,
      runtime,
      addresses,
      onError,
    });
    undo.push(stopNodes);
    return {
      url: apiServer.url,
      kubeconfig: apiServer.kubeconfigPath,
      adminToken: apiServer.token,
      caPem: apiServer.caPem,
      apiServer,
      nodes,
      ...("requests" in runtime ? { stub: runtime } : {}),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
