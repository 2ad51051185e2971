/**
 * A whole dev cluster with real processes: API server, controllers, network and a kubelet on a
 * /16 of the loopback network of its own.
 */
import { startApiServer } from "./apiserver/server.ts";
import { kubeClient } from "./client.ts";
import { startControllers } from "./controllers/mod.ts";
import { startKubelet } from "./kubelet/kubelet.ts";
import { processRuntime, type ProcessRuntimeOptions } from "./kubelet/process_runtime.ts";
import { startServiceNetwork } from "./network.ts";
import { claimLoopbackNetwork } from "./network/loopback.ts";

export interface ProcessClusterOptions extends Omit<ProcessRuntimeOptions, "names"> {
  /** Where everything of the cluster is kept; a temporary directory, removed at the end, when absent. */
  readonly directory?: string;
  /** Hears of what went wrong and is tried again. Standard error when absent. */
  readonly onError?: (error: unknown) => void;
}

/** A dev cluster that runs. */
export interface ProcessCluster {
  readonly url: string;
  /** Path of a kubeconfig of a member of system:masters. */
  readonly kubeconfig: string;
  /** A file for programs of this machine to see as /etc/hosts; kept up to date. */
  readonly hostsFile: string;
  /** Ends every pod and frees everything. */
  stop(): Promise<void>;
}

/** Starts a dev cluster whose pods are processes. @throws Error naming what the machine lacks */
export async function startProcessCluster(
  options: ProcessClusterOptions = {},
): Promise<ProcessCluster> {
  const { directory: given, onError = reportError, ...runtimeOptions } = options;
  const undo: (() => Promise<unknown> | void)[] = [];
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const directory = given ?? await Deno.makeTempDir({ prefix: "devcluster-" });
    if (given === undefined) undo.push(() => Deno.remove(directory, { recursive: true }));
    const loopback = await claimLoopbackNetwork();
    undo.push(() => loopback.close());
    const { nodeAddress: address, serviceNetwork, pods: addresses } = loopback;
    const api = await startApiServer({ address, port: 6443, serviceNetwork });
    undo.push(() => api.stop());
    const access = { url: api.url, token: api.token, caPem: api.caPem, onError };
    const client = kubeClient(access);
    undo.push(() => client.close());
    const names = await startServiceNetwork(client, onError);
    undo.push(() => names.close());
    const controllers = await startControllers(access);
    undo.push(() => controllers.stop());
    const runtime = processRuntime({ ...runtimeOptions, names });
    const kubelet = await startKubelet({
      ...access,
      nodeName: "devcluster",
      directory: `${directory}/kubelet`,
      runtime,
      addresses,
      backoffMs: 2_000,
    });
    undo.push(() => kubelet.stop());
    const hostsFile = `${directory}/hosts`;
    const machine = { namespace: "", hostname: Deno.hostname(), ip: "127.0.0.1" };
    const writeHosts = () => Deno.writeTextFileSync(hostsFile, names.hostsFile(machine));
    writeHosts();
    undo.push(names.onChange(writeHosts));
    return { url: api.url, kubeconfig: api.kubeconfigPath, hostsFile, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function reportError(error: unknown): void {
  const text = error instanceof Error ? error.message : String(error);
  Deno.stderr.writeSync(new TextEncoder().encode(`dev cluster: ${text}\n`));
}
