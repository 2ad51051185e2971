/**
 * One pod on this node, from its binding to its removal (dev cluster, kubelet layer).
 */
import { isConflict, isNotFound } from "../client/client.ts";
import { pods as podResource } from "../client/resources.ts";
import { pause } from "../client/watch_cache.ts";
import type { Pod, PodStatus } from "../objects/pod.ts";
import { type ContainerWorker, startContainer } from "./container_worker.ts";
import { type KubeletContext, podDirectory } from "./context.ts";
import { isSidecar, podStatus, waitingStatus } from "./pod_status.ts";
import { statusPublisher } from "./status_publisher.ts";
import type { RunningPod } from "./runtime.ts";
import { isProjected, type PreparedVolume, prepareVolumes } from "./volumes.ts";
import { kubeTime } from "../objects/time.ts";

export interface PodWorker {
  readonly pod: Pod;
  readonly running: RunningPod | undefined;
  container(name: string): ContainerWorker | undefined;
  /** Takes in a newer version; a deletion timestamp begins the end. */
  update(pod: Pod): void;
  /** Ends at once: the object is gone already, or the kubelet stops. */
  kill(): Promise<void>;
}

/** Pause before volumes that could not be prepared are tried again. */
const VOLUME_RETRY_MS = 2000;
/** How often what projected volumes show is brought up to date, as in a real kubelet. */
const VOLUME_REFRESH_MS = 60_000;
const DEFAULT_GRACE_S = 30;

/** Begins to run a pod. */
export function startPodWorker(context: KubeletContext, bound: Pod): PodWorker {
  const ending = new AbortController();
  if (bound.metadata.deletionTimestamp) ending.abort(); // nothing of it is to be started
  const state: State = {
    context,
    pod: bound,
    ip: undefined,
    startTime: kubeTime(),
    containers: new Map(),
    running: undefined,
    signal: ending.signal,
    publish: () => publisher.request(),
  };
  const publisher = statusPublisher(context, () => state.pod, () => statusOf(state));
  const life = live(state).catch(context.onError);
  let end: Promise<void> | undefined;

  async function finish(graceMs: number): Promise<void> {
    await stopContainers(state, graceMs, ending);
    await life;
    // The last containers may have started while the first ones were being stopped.
    await state.running?.stop(0);
    await publisher.close();
  }

  function update(pod: Pod): void {
    state.pod = pod;
    if (!pod.metadata.deletionTimestamp || end) return;
    end = finish(graceMsOf(pod))
      .then(() => confirmDeletion(context, pod))
      .catch(context.onError);
  }

  update(bound);
  return {
    update,
    get pod() {
      return state.pod;
    },
    get running() {
      return state.running;
    },
    container: (name) => state.containers.get(name),
    async kill() {
      ending.abort();
      await state.running?.stop(0);
      await life;
      await (end ?? finish(0));
      await cleanUp(state);
    },
  };
}

interface State {
  readonly context: KubeletContext;
  pod: Pod;
  ip: string | undefined;
  readonly startTime: string;
  readonly containers: Map<string, ContainerWorker>;
  running: RunningPod | undefined;
  readonly signal: AbortSignal;
  readonly publish: () => void;
}

function statusOf({ pod, ip, startTime, containers }: State): PodStatus {
  const of = (list: Pod["spec"]["containers"], reason: string) =>
    list.map((it) => containers.get(it.name)?.status ?? waitingStatus(it, reason));
  const init = pod.spec.initContainers ?? [];
  const waiting = init.length > 0 ? "PodInitializing" : "ContainerCreating";
  return podStatus({
    pod,
    ip,
    startTime,
    initStatuses: of(init, waiting),
    statuses: of(pod.spec.containers, waiting),
    now: kubeTime(),
  });
}

async function live(state: State): Promise<void> {
  const { context, signal } = state;
  const { pod } = state;
  state.publish();
  const directory = `${podDirectory(context, pod.metadata.uid!)}/runtime`;
  await Deno.mkdir(directory, { recursive: true });
  const volumes = await waitForVolumes(state);
  if (signal.aborted || !volumes) return;
  state.ip = context.addresses.take();
  const hostname = pod.spec.hostname ?? pod.metadata.name;
  state.running = await context.runtime.startPod({ pod, ip: state.ip, hostname, directory });
  if (signal.aborted) return;
  if (context.runtime.probedBy === "kubelet") void refreshVolumes(state, volumes);
  state.publish();
  if (!await runInitContainers(state, volumes)) return;
  const done: Promise<void>[] = [];
  for (const container of pod.spec.containers) {
    if (signal.aborted) return;
    done.push(launch(state, volumes, container).done);
  }
  await Promise.all(done);
  if (!signal.aborted) await state.running.stop(graceMsOf(state.pod)); // sidecars end last
}

function launch(
  state: State,
  volumes: ReadonlyMap<string, PreparedVolume>,
  container: Pod["spec"]["containers"][number],
  restartPolicy = state.pod.spec.restartPolicy ?? "Always",
): ContainerWorker {
  const worker = startContainer({
    context: state.context,
    pod: () => state.pod,
    ip: state.ip!,
    runningPod: state.running!,
    volumes,
    restartPolicy,
    signal: state.signal,
    onChange: state.publish,
  }, container);
  state.containers.set(container.name, worker);
  return worker;
}

/** Runs init containers one after the other; says whether the others may start. */
async function runInitContainers(
  state: State,
  volumes: ReadonlyMap<string, PreparedVolume>,
): Promise<boolean> {
  const policy = state.pod.spec.restartPolicy ?? "Always";
  for (const container of state.pod.spec.initContainers ?? []) {
    if (isSidecar(container)) {
      await launch(state, volumes, container, "Always").started;
    } else {
      // "Always" would start an init container that succeeded again.
      const worker = launch(state, volumes, container, policy === "Never" ? policy : "OnFailure");
      await worker.done;
      if (worker.status.state?.terminated?.exitCode !== 0) return false;
      worker.status.ready = true;
    }
    if (state.signal.aborted) return false;
  }
  return true;
}

async function waitForVolumes(state: State) {
  const { context, signal } = state;
  while (!signal.aborted) {
    try {
      return await prepareVolumes(context, state.pod);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      context.events.record(state.pod, { type: "Warning", reason: "FailedMount", message });
      await pause(VOLUME_RETRY_MS, signal);
    }
  }
  return undefined;
}

async function refreshVolumes(
  state: State,
  volumes: ReadonlyMap<string, PreparedVolume>,
): Promise<void> {
  if (![...volumes.values()].some(isProjected)) return;
  while (!state.signal.aborted) {
    await pause(VOLUME_REFRESH_MS, state.signal);
    if (state.signal.aborted) return;
    // What is gone meanwhile stays as it was, as in a real kubelet.
    await prepareVolumes(state.context, state.pod).catch(() => {});
  }
}

function graceMsOf({ metadata, spec }: Pod): number {
  const seconds = metadata.deletionGracePeriodSeconds ?? spec.terminationGracePeriodSeconds;
  return (seconds ?? DEFAULT_GRACE_S) * 1000;
}

async function stopContainers(
  state: State,
  graceMs: number,
  ending: AbortController,
): Promise<void> {
  const { context, pod } = state;
  const deadline = Date.now() + graceMs;
  const alive = [...state.containers.values()].filter((it) => it.running);
  for (const { container } of alive) {
    context.events.record(pod, {
      type: "Normal",
      reason: "Killing",
      message: `Stopping container ${container.name}`,
      container: container.name,
    });
  }
  await Promise.all(alive.map((it) => it.beforeStop(graceMs)));
  ending.abort();
  await state.running?.stop(Math.max(0, deadline - Date.now()));
}

/** Tells the API server that nothing of the pod is left, upon which the object goes. */
async function confirmDeletion(
  { client, isSilent }: KubeletContext,
  { metadata }: Pod,
): Promise<void> {
  if (isSilent()) return;
  const { namespace, name, uid } = metadata;
  const options = { gracePeriodSeconds: 0, preconditions: { uid: uid! } };
  try {
    await client.delete(podResource, { namespace, name }, options);
  } catch (error) {
    // It is gone already, and another pod may have its name.
    if (!isNotFound(error) && !isConflict(error)) throw error;
  }
}

async function cleanUp({ context, pod, ip }: State): Promise<void> {
  const uid = pod.metadata.uid!;
  context.logs.forget(uid);
  if (ip) context.addresses.give(ip);
  try {
    await Deno.remove(podDirectory(context, uid), { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) context.onError(error);
  }
}
