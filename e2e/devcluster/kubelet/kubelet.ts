/**
 * The kubelet of the dev cluster: runs the pods bound to its node through a `PodRuntime` and
 * reports what becomes of them. An ordinary client of the API server, so it can be the node of
 * a real control plane as well.
 * https://kubernetes.io/docs/reference/command-line-tools-reference/kubelet/
 */
import { type ClusterAccess, kubeClient } from "../client/client.ts";
import {
  persistentVolumeClaims,
  persistentVolumes,
  pods as podResource,
} from "../client/resources.ts";
import { watchCaches } from "../client/watch_cache.ts";
import type { Pod } from "../objects/pod.ts";
import type { PersistentVolume } from "../objects/storage.ts";
import { type AddressPool, claimLoopbackBlock, loopbackAddresses } from "./addresses.ts";
import { containerLogs } from "./container_logs.ts";
import { type KubeletContext, volumeDirectory } from "./context.ts";
import { eventRecorder } from "../client/event_recorder.ts";
import { startHeartbeat } from "./heartbeat.ts";
import { markNotReady, registerNode, stayReady } from "./node.ts";
import { type PodWorker, startPodWorker } from "./pod_worker.ts";
import type { PodRuntime } from "./runtime.ts";
import { startSecureServer } from "./secure_server.ts";
import { type FindPod, startKubeletServer } from "./server.ts";

export interface KubeletOptions extends ClusterAccess {
  readonly nodeName: string;
  readonly runtime: PodRuntime;
  /** Where volumes and logs are kept; a temporary directory, removed at the end, when absent. */
  readonly directory?: string;
  /** Where the volumes of claims are; nodes that share it can take over each other's pods. */
  readonly volumes?: string;
  /**
   * PEM of the CA whose certificates an API server shows to kubelets. With it the node says that its
   * endpoint is an HTTPS one for those; without it only the embedded API server reaches it.
   */
  readonly clientCaPem?: string;
  /** How often the node says that it is alive, 10 s when absent. */
  readonly heartbeatMs?: number;
  /** Loopback addresses for pods; a block that no other kubelet uses when absent. */
  readonly addresses?: AddressPool;
  /** Labels of the Node. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Pause before a container's second restart, 10 s when absent. */
  readonly backoffMs?: number;
  /** Hears of what went wrong and is tried again. Standard error when absent. */
  readonly onError?: (error: unknown) => void;
}

/** A kubelet that runs. */
export interface RunningKubelet {
  /** Its own endpoint for the embedded API server: exec, logs and port-forward. */
  readonly url: string;
  /** The port that the Node names: of the HTTPS endpoint where there is one. */
  readonly port: number;
  /** Kills all containers, which stay pods in the API server, and frees everything. */
  stop(): Promise<void>;
  /** As a node that loses its power: all containers are killed, and nobody hears of it. */
  fail(): Promise<void>;
}

const HEARTBEAT_MS = 10_000;

/** Starts a kubelet; resolves when its Node is registered. */
export async function startKubelet(options: KubeletOptions): Promise<RunningKubelet> {
  const client = kubeClient(options);
  const caches = watchCaches(client, options.onError ?? reportError);
  const block = options.addresses ? undefined : claimLoopbackBlock();
  const directory = options.directory ?? await Deno.makeTempDir({ prefix: "devcluster-kubelet-" });
  const addresses = options.addresses ?? loopbackAddresses(block!.second);
  const context = contextOf(options, { client, caches, directory, addresses });
  const workers = new Map<string, PodWorker>();
  const find: FindPod = (namespace, name) => {
    const pod = caches.of<Pod>(podResource).get(namespace, name);
    return pod && workers.get(pod.metadata.uid!);
  };
  const server = startKubeletServer(context, find);
  const secure = options.clientCaPem
    ? await startSecureServer(context, find, options.clientCaPem)
    : undefined;
  const port = secure?.port ?? Number(new URL(server.url).port);
  const node = { url: server.url, port, labels: options.labels ?? {} };
  const heartbeat = await startHeartbeat(
    context,
    options.heartbeatMs ?? HEARTBEAT_MS,
    () => stayReady(context, node),
  );
  await registerNode(context, node);
  await Promise.all(
    [podResource, persistentVolumeClaims, persistentVolumes].map((it) => caches.of(it).synced),
  );
  const kills = followPods(context, workers);
  caches.of<PersistentVolume>(persistentVolumes).onChange((volume, gone) => {
    if (gone && volume.spec.csi) void removeVolume(context, volume.spec.csi.volumeHandle);
  });

  async function end(): Promise<void> {
    await caches.stop();
    await Promise.all([...workers.values()].map((worker) => worker.kill()));
    await Promise.all(kills);
    await context.events.flush();
    await options.runtime.close();
    await server.stop();
    await secure?.stop();
    client.close();
    block?.release();
    if (!options.directory) await Deno.remove(directory, { recursive: true });
  }
  return {
    url: server.url,
    port,
    async stop() {
      await heartbeat.stop();
      await markNotReady(context).catch(() => {}); // the API server may have gone before us
      await end();
    },
    async fail() {
      await heartbeat.stop();
      context.silence();
      await end();
    },
  };
}

function contextOf(
  options: KubeletOptions,
  parts: Pick<KubeletContext, "client" | "caches" | "directory" | "addresses">,
): KubeletContext {
  const { nodeName } = options;
  let silent = false;
  return {
    ...parts,
    nodeName,
    runtime: options.runtime,
    volumes: options.volumes ?? `${parts.directory}/volumes`,
    events: eventRecorder(parts.client, { component: "kubelet", host: nodeName }),
    logs: containerLogs(),
    backoffMs: options.backoffMs ?? 10_000,
    onError: options.onError ?? reportError,
    isSilent: () => silent,
    silence: () => void (silent = true),
  };
}

/** Hands every change of a pod to its worker; the ends under way are in the set. */
function followPods(context: KubeletContext, workers: Map<string, PodWorker>): Set<Promise<void>> {
  const kills = new Set<Promise<void>>();
  context.caches.of<Pod>(podResource).onChange((pod, gone) => {
    const kill = follow(context, workers, pod, gone);
    if (!kill) return;
    const settled = kill.catch(context.onError).finally(() => kills.delete(settled));
    kills.add(settled);
  });
  return kills;
}

/** Hands a pod's change to its worker; the promise of its end when the pod is gone. */
function follow(
  context: KubeletContext,
  workers: Map<string, PodWorker>,
  pod: Pod,
  gone: boolean,
): Promise<void> | undefined {
  const uid = pod.metadata.uid!;
  const worker = workers.get(uid);
  if (gone) {
    workers.delete(uid);
    return worker?.kill();
  }
  if (pod.spec.nodeName !== context.nodeName) return undefined;
  if (worker) worker.update(pod);
  else if (!isOver(pod) || pod.metadata.deletionTimestamp) {
    workers.set(uid, startPodWorker(context, pod));
  }
  return undefined;
}

function isOver({ status }: Pod): boolean {
  return status?.phase === "Succeeded" || status?.phase === "Failed";
}

async function removeVolume(context: KubeletContext, handle: string): Promise<void> {
  try {
    await Deno.remove(volumeDirectory(context, handle), { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) context.onError(error);
  }
}

function reportError(error: unknown): void {
  const text = error instanceof Error ? error.message : String(error);
  Deno.stderr.writeSync(new TextEncoder().encode(`kubelet: ${text}\n`));
}
