/**
 * A pod's status from the states of its containers (dev cluster, kubelet layer; pure).
 * https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/
 */
import type { Condition } from "../objects/meta.ts";
import type { Container, ContainerStatus, Pod, PodStatus } from "../objects/pod.ts";
import { HOST_IP } from "./context.ts";

/** What the kubelet knows of a pod. */
export interface PodFacts {
  readonly pod: Pod;
  readonly ip: string | undefined;
  readonly startTime: string;
  readonly initStatuses: readonly ContainerStatus[];
  readonly statuses: readonly ContainerStatus[];
  readonly now: string;
}

/** The status of a container that has not been started yet. */
export function waitingStatus({ name, image }: Container, reason: string): ContainerStatus {
  return {
    name,
    image: image ?? "",
    imageID: "",
    ready: false,
    started: false,
    restartCount: 0,
    state: { waiting: { reason } },
  };
}

/** Whether an init container goes on running beside the others. */
export function isSidecar({ restartPolicy }: Container): boolean {
  return restartPolicy === "Always";
}

/** The phase, conditions and everything else of the status. */
export function podStatus(facts: PodFacts): PodStatus {
  const { pod, ip, startTime, initStatuses, statuses } = facts;
  return {
    phase: phaseOf(facts),
    conditions: conditionsOf(facts),
    startTime,
    hostIP: HOST_IP,
    hostIPs: [{ ip: HOST_IP }],
    ...(ip ? { podIP: ip, podIPs: [{ ip }] } : {}),
    ...(pod.spec.initContainers ? { initContainerStatuses: [...initStatuses] } : {}),
    containerStatuses: [...statuses],
  };
}

function phaseOf({ pod, initStatuses, statuses }: PodFacts): string {
  const over = (it: ContainerStatus) => it.state?.terminated;
  if (statuses.length > 0 && statuses.every(over) && !willRestart(pod, statuses)) {
    return statuses.every((it) => over(it)!.exitCode === 0) ? "Succeeded" : "Failed";
  }
  const failedInit = initStatuses.some((it) => over(it) && over(it)!.exitCode !== 0);
  if (failedInit && pod.spec.restartPolicy === "Never") return "Failed";
  return statuses.some((it) => it.state?.running || it.restartCount > 0) ? "Running" : "Pending";
}

/** Whether the restart policy starts one of these ended containers again. */
export function willRestart({ spec, metadata }: Pod, statuses: readonly ContainerStatus[]) {
  if (metadata.deletionTimestamp) return false;
  return statuses.some(({ state }) => restarts(spec.restartPolicy, state?.terminated?.exitCode));
}

/** Whether a container that ended so is started again. */
export function restarts(policy = "Always", exitCode = 0): boolean {
  return policy === "Always" || policy === "OnFailure" && exitCode !== 0;
}

function conditionsOf(facts: PodFacts): Condition[] {
  const { pod, initStatuses, statuses, now } = facts;
  const known = pod.status?.conditions ?? [];
  const done = phaseOf(facts);
  const sidecars = new Set((pod.spec.initContainers ?? []).filter(isSidecar).map((it) => it.name));
  const initialized = initStatuses.every((it) =>
    sidecars.has(it.name) ? it.started : it.state?.terminated?.exitCode === 0
  );
  const notReady = [...initStatuses.filter((it) => sidecars.has(it.name)), ...statuses]
    .filter((it) => !it.ready).map((it) => it.name);
  const containersReady = notReady.length === 0 && done === "Running";
  const gates = (pod.spec.readinessGates ?? []).every((gate) =>
    known.some((it) => it.type === gate.conditionType && it.status === "True")
  );
  const why = done === "Succeeded"
    ? { reason: "PodCompleted" }
    : { reason: "ContainersNotReady", message: unready(notReady) };
  const own = [
    make("PodReadyToStartContainers", facts.ip !== undefined),
    make("Initialized", initialized, { reason: "ContainersNotInitialized" }),
    make("Ready", containersReady && gates, why),
    make("ContainersReady", containersReady, why),
    make("PodScheduled", true),
  ];
  const foreign = known.filter(({ type }) => !own.some((it) => it.type === type));
  return [...own.map(keepTime), ...foreign];

  function make(type: string, holds: boolean, unless: Partial<Condition> = {}): Condition {
    return { type, status: holds ? "True" : "False", ...(holds ? {} : unless) };
  }

  /** The time of a condition is that of its last change. */
  function keepTime(condition: Condition): Condition {
    const before = known.find((it) => it.type === condition.type);
    const same = before?.status === condition.status;
    return { ...condition, lastTransitionTime: same ? before.lastTransitionTime ?? now : now };
  }
}

function unready(names: readonly string[]): string {
  return `containers with unready status: [${names.join(" ")}]`;
}
