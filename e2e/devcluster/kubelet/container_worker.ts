/**
 * One container of a pod: started, probed, restarted with a back-off, stopped
 * (dev cluster, kubelet layer).
 */
import { pause } from "../client/watch_cache.ts";
import type { Container, ContainerStatus, Pod, SecurityContext } from "../objects/pod.ts";
import type { ContainerLog } from "./container_logs.ts";
import { type KubeletContext, podDirectory } from "./context.ts";
import { ConfigurationError, expand, resolveEnvironment } from "./environment.ts";
import { restarts, waitingStatus } from "./pod_status.ts";
import { type ProbeVerdict, watchProbe } from "./probes.ts";
import {
  type ContainerExit,
  type ContainerRequest,
  ImageUnavailableError,
  type RunningContainer,
  type RunningPod,
} from "./runtime.ts";
import { mountsOf, type PreparedVolume } from "./volumes.ts";
import { kubeTime } from "../objects/time.ts";

export interface ContainerWorker {
  readonly container: Container;
  readonly status: ContainerStatus;
  readonly running: RunningContainer | undefined;
  /** Settles when the container has started for the first time (and its startup probe is met). */
  readonly started: Promise<void>;
  /** Settles when the container is over and will not start again. */
  readonly done: Promise<void>;
  /** Runs the preStop hook; the container itself is stopped with its pod. */
  beforeStop(graceMs: number): Promise<void>;
}

/** What a container runs in. */
export interface ContainerSurroundings {
  readonly context: KubeletContext;
  /** The pod as it is now. */
  readonly pod: () => Pod;
  readonly ip: string;
  readonly runningPod: RunningPod;
  readonly volumes: ReadonlyMap<string, PreparedVolume>;
  /** The restart policy that holds for this container. */
  readonly restartPolicy: string;
  /** Aborted when the pod is to end: nothing is started any more. */
  readonly signal: AbortSignal;
  readonly onChange: () => void;
}

/** The longest pause before a restart; a container that ran this long twice over starts afresh. */
const LONGEST_BACKOFF_MS = 300_000;
/** Pause before a container that cannot be configured is tried again. */
const CONFIGURE_RETRY_MS = 2000;

/** Runs a container until it is done. */
export function startContainer(around: ContainerSurroundings, container: Container) {
  const started = Promise.withResolvers<void>();
  const worker = {
    container,
    status: waitingStatus(container, "PodInitializing"),
    running: undefined as RunningContainer | undefined,
    started: started.promise,
    done: Promise.resolve(),
    beforeStop: (graceMs: number) => runHook(worker.running, container, graceMs),
  };
  const change = (status: Partial<ContainerStatus>) => {
    worker.status = { ...worker.status, ...status };
    around.onChange();
  };
  const life: Life = { around, container, worker, change, onStarted: () => started.resolve() };
  worker.done = runToEnd(life).finally(() => started.resolve());
  return worker satisfies ContainerWorker;
}

interface Life {
  readonly around: ContainerSurroundings;
  readonly container: Container;
  readonly worker: { status: ContainerStatus; running: RunningContainer | undefined };
  readonly change: (status: Partial<ContainerStatus>) => void;
  readonly onStarted: () => void;
}

async function runToEnd(life: Life): Promise<void> {
  const { around, worker, change } = life;
  let backoffMs = 0;
  while (!around.signal.aborted) {
    const startedMs = Date.now();
    const exit = await runOnce(life);
    if (around.signal.aborted) return;
    if (exit && !restarts(around.restartPolicy, exit.exitCode)) return;
    if (!exit) {
      await pause(CONFIGURE_RETRY_MS, around.signal);
      continue;
    }
    if (Date.now() - startedMs > 2 * LONGEST_BACKOFF_MS) backoffMs = 0;
    if (backoffMs > 0) {
      const message = `back-off ${backoffMs / 1000}s restarting failed container`;
      const { state } = worker.status;
      change({
        lastState: state ?? {},
        state: { waiting: { reason: "CrashLoopBackOff", message } },
      });
      recordEvent(life, "Warning", "BackOff", `Back-off restarting failed container`);
      await pause(backoffMs, around.signal);
      if (around.signal.aborted) return;
      worker.status = { ...worker.status, state: state ?? {} };
    }
    backoffMs = backoffMs === 0
      ? around.context.backoffMs
      : Math.min(LONGEST_BACKOFF_MS, backoffMs * 2);
    const { state, restartCount } = worker.status;
    worker.status = { ...worker.status, lastState: state ?? {}, restartCount: restartCount + 1 };
  }
}

/** Runs a container once; undefined when it could not even be started. */
async function runOnce(life: Life): Promise<ContainerExit | undefined> {
  const { around, container, worker, change } = life;
  const { context } = around;
  const uid = around.pod().metadata.uid!;
  const directory = `${podDirectory(context, uid)}/logs`;
  // A start that fails has no log, so the one before it stays readable.
  let log: ContainerLog | undefined;
  const openLog = () =>
    log ??= context.logs.begin({ podUid: uid, container: container.name, directory });
  let running: RunningContainer;
  try {
    const request = await requestFor(life, (stream, bytes) => openLog().append(stream, bytes));
    running = await around.runningPod.startContainer(request);
    openLog();
  } catch (error) {
    log?.close();
    reportStartError(life, error);
    return undefined;
  }
  worker.running = running;
  const startedAt = kubeTime();
  const { name, image } = container;
  recordEvent(life, "Normal", "Pulled", `Container image "${image}" already present on machine`);
  recordEvent(life, "Normal", "Created", `Created container: ${name}`);
  recordEvent(life, "Normal", "Started", `Started container ${name}`);
  const ready = context.runtime.probedBy === "kubelet" && !hasProbe(container);
  change({
    containerID: `${context.runtime.version.split("://")[0]}://${running.id}`,
    image: container.image ?? "",
    imageID: container.image ?? "",
    started: !container.startupProbe,
    ready,
    state: { running: { startedAt } },
  });
  if (!container.startupProbe) life.onStarted();
  const probing = new AbortController();
  void runHookAfterStart(life, running);
  if (context.runtime.probedBy === "kubelet") void probe(life, running, probing.signal);
  const exit = await running.exited;
  probing.abort();
  worker.running = undefined;
  log?.close();
  change({
    ready: false,
    started: false,
    state: { terminated: terminated(exit, startedAt, worker.status.containerID!) },
  });
  return exit;
}

function terminated(exit: ContainerExit, startedAt: string, containerID: string) {
  return {
    exitCode: exit.exitCode,
    ...(exit.signal ? { signal: exit.signal } : {}),
    reason: exit.exitCode === 0 ? "Completed" : "Error",
    ...(exit.message ? { message: exit.message } : {}),
    startedAt,
    finishedAt: kubeTime(),
    containerID,
  };
}

function hasProbe({ readinessProbe, startupProbe }: Container): boolean {
  return readinessProbe !== undefined || startupProbe !== undefined;
}

async function requestFor(
  { around, container, worker, change }: Life,
  onOutput: ContainerRequest["onOutput"],
): Promise<ContainerRequest> {
  const pod = around.pod();
  const withAddress = { ...pod, status: { ...pod.status, podIP: around.ip } };
  const env = await resolveEnvironment(around.context, withAddress, container);
  env.HOSTNAME ??= pod.spec.hostname ?? pod.metadata.name;
  const security: SecurityContext = {
    ...pod.spec.securityContext,
    ...container.securityContext,
  };
  const { runAsUser, runAsGroup } = security;
  const { fsGroup } = pod.spec.securityContext ?? {};
  return {
    name: container.name,
    image: container.image ?? "",
    env,
    mounts: await mountsOf(container, around.volumes, env),
    tty: container.tty ?? false,
    restartCount: worker.status.restartCount,
    onOutput,
    onReady: (ready) => {
      if (worker.running) change({ ready, started: true });
    },
    ...(container.command ? { command: container.command.map((it) => expand(it, env)) } : {}),
    ...(container.args ? { args: container.args.map((it) => expand(it, env)) } : {}),
    ...(container.workingDir ? { workingDir: container.workingDir } : {}),
    ...(runAsUser === undefined ? {} : { runAsUser }),
    ...(runAsGroup === undefined ? {} : { runAsGroup }),
    ...(fsGroup === undefined ? {} : { fsGroup }),
  };
}

function reportStartError(life: Life, error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  const reason = error instanceof ConfigurationError
    ? "CreateContainerConfigError"
    : error instanceof ImageUnavailableError
    ? "ErrImagePull"
    : "CreateContainerError";
  life.change({ ready: false, state: { waiting: { reason, message } } });
  recordEvent(life, "Warning", "Failed", `Error: ${message}`);
}

function recordEvent(
  { around, container }: Life,
  type: "Normal" | "Warning",
  reason: string,
  message: string,
): void {
  const { events } = around.context;
  events.record(around.pod(), { type, reason, message, container: container.name });
}

/** Startup first, then readiness and liveness until the container is over. */
async function probe(life: Life, running: RunningContainer, signal: AbortSignal): Promise<void> {
  const { container, around, change } = life;
  const target = { container, running, podIP: around.ip };
  const kill = (kind: string) => ({ success, message }: ProbeVerdict) => {
    if (success) return;
    recordEvent(life, "Warning", "Unhealthy", `${kind} probe failed: ${message}`);
    recordEvent(life, "Normal", "Killing", `Container failed ${kind.toLowerCase()} probe`);
    const seconds = around.pod().spec.terminationGracePeriodSeconds ?? 30;
    void running.stop(seconds * 1000);
  };
  if (container.startupProbe) {
    const met = new AbortController();
    const either = AbortSignal.any([signal, met.signal]);
    await watchProbe(target, container.startupProbe, (verdict) => {
      if (verdict.success) met.abort();
      else kill("Startup")(verdict);
    }, either);
    if (!met.signal.aborted) return;
    change({ started: true, ready: !container.readinessProbe });
    life.onStarted();
  }
  if (container.livenessProbe) {
    void watchProbe(target, container.livenessProbe, kill("Liveness"), signal);
  }
  if (!container.readinessProbe) return;
  await watchProbe(target, container.readinessProbe, ({ success, message }) => {
    if (!success) recordEvent(life, "Warning", "Unhealthy", `Readiness probe failed: ${message}`);
    change({ ready: success });
  }, signal);
}

async function runHookAfterStart(life: Life, running: RunningContainer): Promise<void> {
  const command = life.container.lifecycle?.postStart?.exec?.command;
  if (!command) return;
  try {
    const session = await running.exec({ command, tty: false, onOutput: () => {} });
    const exitCode = await session.exitCode;
    if (exitCode !== 0) throw new Error(`command exited with ${exitCode}`);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    recordEvent(life, "Warning", "FailedPostStartHook", `PostStartHook failed: ${message}`);
    void running.stop(0);
  }
}

async function runHook(
  running: RunningContainer | undefined,
  { lifecycle }: Container,
  graceMs: number,
): Promise<void> {
  const command = lifecycle?.preStop?.exec?.command;
  if (!command || !running) return;
  const timeUp = new AbortController();
  try {
    const session = await running.exec({ command, tty: false, onOutput: () => {} });
    await Promise.race([session.exitCode, pause(graceMs, timeUp.signal)]);
    session.kill();
  } catch {
    // A hook that fails does not keep a container from being stopped.
  } finally {
    timeUp.abort();
  }
}
