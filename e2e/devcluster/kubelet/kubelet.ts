/**
 * The kubelet of the dev cluster: runs the pods bound to its node through a `PodRuntime` and
 * reports what becomes of them. An ordinary client of the API server, so it can be the node of
 * a real control plane as well.
 * https://kubernetes.io/docs/reference/command-line-tools-reference/kubelet/
 */
import { type ClusterAccess, kubeClient } from "../client/client.ts";
import {
  nodes,
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
import { eventRecorder } from "./event_recorder.ts";
import { markNotReady, registerNode } from "./node.ts";
import { type PodWorker, startPodWorker } from "./pod_worker.ts";
import type { PodRuntime } from "./runtime.ts";
import { startScheduler } from "./scheduler.ts";
import { startKubeletServer } from "./server.ts";

export interface KubeletOptions extends ClusterAccess {
  readonly nodeName: string;
  readonly runtime: PodRuntime;
  /** Where volumes and logs are kept; a temporary directory, removed at the end, when absent. */
  readonly directory?: string;
  /** Loopback addresses for pods; a block that no other kubelet uses when absent. */
  readonly addresses?: AddressPool;
  /** Labels of the Node. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Whether this kubelet binds pods to nodes too; on unless there is a scheduler elsewhere. */
  readonly schedules?: boolean;
  /** Pause before a container's second restart, 10 s when absent. */
  readonly backoffMs?: number;
  /** Hears of what went wrong and is tried again. Standard error when absent. */
  readonly onError?: (error: unknown) => void;
}

/** A kubelet that runs. */
export interface RunningKubelet {
  /** Its own endpoint, for exec, logs and port-forward. */
  readonly url: string;
  /** Kills all containers, which stay pods in the API server, and frees everything. */
  stop(): Promise<void>;
}

/** Starts a kubelet; resolves when its Node is registered. */
export async function startKubelet(options: KubeletOptions): Promise<RunningKubelet> {
  const onError = options.onError ?? reportError;
  const client = kubeClient(options);
  const caches = watchCaches(client, onError);
  const block = options.addresses ? undefined : claimLoopbackBlock();
  const directory = options.directory ?? await Deno.makeTempDir({ prefix: "devcluster-kubelet-" });
  const context: KubeletContext = {
    client,
    caches,
    nodeName: options.nodeName,
    runtime: options.runtime,
    directory,
    addresses: options.addresses ?? loopbackAddresses(block!.second),
    events: eventRecorder(client, { component: "kubelet", host: options.nodeName }),
    logs: containerLogs(),
    backoffMs: options.backoffMs ?? 10_000,
    onError,
  };
  const workers = new Map<string, PodWorker>();
  const kills = new Set<Promise<void>>();
  const server = startKubeletServer(context, (namespace, name) => {
    const pod = caches.of<Pod>(podResource).get(namespace, name);
    return pod && workers.get(pod.metadata.uid!);
  });
  await registerNode(context, server.url, options.labels ?? {});
  await Promise.all(
    [podResource, persistentVolumeClaims, persistentVolumes, nodes].map((it) =>
      caches.of(it).synced
    ),
  );
  const scheduler = options.schedules === false
    ? undefined
    : startScheduler({ ...context, events: eventRecorder(client, SCHEDULER) });
  caches.of<Pod>(podResource).onChange((pod, gone) => {
    const kill = follow(context, workers, pod, gone);
    if (!kill) return;
    const settled = kill.catch(onError).finally(() => kills.delete(settled));
    kills.add(settled);
  });
  caches.of<PersistentVolume>(persistentVolumes).onChange((volume, gone) => {
    if (gone && volume.spec.csi) void removeVolume(context, volume.spec.csi.volumeHandle);
  });

  async function stop(): Promise<void> {
    await scheduler?.stop();
    await markNotReady(context).catch(() => {}); // the API server may have gone before us
    await caches.stop();
    await Promise.all([...workers.values()].map((worker) => worker.kill()));
    await Promise.all(kills);
    await context.events.flush();
    await options.runtime.close();
    await server.stop();
    client.close();
    block?.release();
    if (!options.directory) await Deno.remove(directory, { recursive: true });
  }
  return { url: server.url, stop };
}

const SCHEDULER = { component: "default-scheduler" };

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
