/** What is to be done for a Job, from its pods (controllers; pure). */
import type { Condition } from "../../objects/meta.ts";
import type { Pod } from "../../objects/pod.ts";
import type { Job } from "../../objects/workloads.ts";
import { isActive, isReady, isTerminating } from "./pods.ts";
import { kubeTime } from "../../objects/time.ts";

/** The decision for one Job. */
export interface JobDecision {
  /** How many pods to make now. */
  readonly create: number;
  /** Pods to end, e.g. of a Job that failed. */
  readonly end: readonly Pod[];
  readonly status: NonNullable<Job["status"]>;
  /** When time alone changes the decision. */
  readonly againInMs?: number;
}

const FIRST_BACKOFF_MS = 10_000;
const LAST_BACKOFF_MS = 10 * 60_000;

/** Whether the Job has ended, with or without success. */
export function isFinishedJob(job: Job): boolean {
  return conditionOf(job, "Complete") || conditionOf(job, "Failed");
}

/** Whether a condition of the Job holds. */
export function conditionOf(job: Job, type: string): boolean {
  return job.status?.conditions?.some((it) => it.type === type && it.status === "True") ?? false;
}

/** Decides what an unfinished Job needs. */
export function decideJob(job: Job, pods: readonly Pod[], nowMs: number): JobDecision {
  const active = pods.filter(isActive);
  const succeeded = pods.filter((pod) => pod.status?.phase === "Succeeded").length;
  const failures = pods.filter((pod) => pod.status?.phase === "Failed");
  const startTime = job.spec.suspend ? undefined : job.status?.startTime ?? kubeTime(nowMs);
  const status: NonNullable<Job["status"]> = {
    ready: active.filter(isReady).length,
    terminating: pods.filter(isTerminating).length,
    conditions: (job.status?.conditions ?? []).filter((it) => it.type !== "Suspended"),
    ...(active.length > 0 ? { active: active.length } : {}),
    ...(succeeded > 0 ? { succeeded } : {}),
    ...(failures.length > 0 ? { failed: failures.length } : {}),
    ...(startTime ? { startTime } : {}),
  };
  if (job.spec.suspend) return suspended(active, status, nowMs);
  const failure = failureOf(job, { pods, failures, nowMs, startTime: startTime! });
  if (failure) return failed(active, status, failure, nowMs);
  const { completions } = job.spec;
  const enough = completions === undefined || completions === null
    ? succeeded > 0 && active.length === 0
    : succeeded >= completions;
  if (enough) return complete(active, status, nowMs);
  return running(job, { active, succeeded, failures, status, nowMs, startTime: startTime! });
}

interface Failure {
  readonly reason: string;
  readonly message: string;
}

function failureOf(
  job: Job,
  given: {
    pods: readonly Pod[];
    failures: readonly Pod[];
    nowMs: number;
    startTime: string;
  },
): Failure | undefined {
  const limit = job.spec.backoffLimit ?? 6;
  const restarts = job.spec.template.spec.restartPolicy === "OnFailure"
    ? given.pods.filter(isActive).reduce((sum, pod) => sum + restartsOf(pod), 0)
    : 0;
  if (given.failures.length > limit || (restarts > 0 && restarts >= limit)) {
    const message = "Job has reached the specified backoff limit";
    return { reason: "BackoffLimitExceeded", message };
  }
  const deadline = job.spec.activeDeadlineSeconds;
  if (deadline !== undefined && given.nowMs >= Date.parse(given.startTime) + deadline * 1000) {
    const message = "Job was active longer than specified deadline";
    return { reason: "DeadlineExceeded", message };
  }
  return undefined;
}

function restartsOf(pod: Pod): number {
  const all = [
    ...pod.status?.initContainerStatuses ?? [],
    ...pod.status?.containerStatuses ?? [],
  ];
  return all.reduce((sum, it) => sum + it.restartCount, 0);
}

type Status = NonNullable<Job["status"]>;

function suspended(active: readonly Pod[], status: Status, nowMs: number): JobDecision {
  const condition = made("Suspended", { reason: "JobSuspended", message: "Job suspended" }, nowMs);
  const known = status.conditions!.some((it) => it.type === "Suspended");
  const conditions = known ? status.conditions! : [...status.conditions!, condition];
  return { create: 0, end: active, status: { ...status, conditions } };
}

function failed(active: readonly Pod[], status: Status, failure: Failure, nowMs: number) {
  const conditions = [
    ...status.conditions!,
    made("FailureTarget", failure, nowMs),
    made("Failed", failure, nowMs),
  ];
  return { create: 0, end: active, status: { ...ended(status), conditions } };
}

function complete(active: readonly Pod[], status: Status, nowMs: number): JobDecision {
  const why = {
    reason: "CompletionsReached",
    message: "Reached expected number of succeeded pods",
  };
  const conditions = [
    ...status.conditions!,
    made("SuccessCriteriaMet", why, nowMs),
    made("Complete", why, nowMs),
  ];
  const completionTime = kubeTime(nowMs);
  return {
    create: 0,
    end: active,
    status: { ...ended(status), conditions, completionTime },
  };
}

/** The status of a Job that ends now: what was active counts no longer. */
function ended(status: Status): Status {
  const { active: _, ...rest } = status;
  return { ...rest, ready: 0 };
}

function running(
  job: Job,
  given: {
    active: readonly Pod[];
    succeeded: number;
    failures: readonly Pod[];
    status: Status;
    nowMs: number;
    startTime: string;
  },
): JobDecision {
  const { active, succeeded, failures, status, nowMs, startTime } = given;
  const { parallelism = 1, completions, activeDeadlineSeconds } = job.spec;
  const wanted = completions === undefined || completions === null
    ? (succeeded > 0 ? active.length : parallelism)
    : Math.min(parallelism, completions - succeeded);
  const waits: number[] = [];
  if (activeDeadlineSeconds !== undefined) {
    waits.push(Date.parse(startTime) + activeDeadlineSeconds * 1000 - nowMs);
  }
  const backoff = backoffMs(failures, nowMs);
  if (backoff > 0 && wanted > active.length) waits.push(backoff);
  return {
    create: backoff > 0 ? 0 : Math.max(0, wanted - active.length),
    end: active.slice(Math.max(0, wanted)),
    status,
    ...(waits.length > 0 ? { againInMs: Math.max(1, Math.min(...waits)) } : {}),
  };
}

/** How long to wait after the last failure before the next pod. */
function backoffMs(failures: readonly Pod[], nowMs: number): number {
  if (failures.length === 0) return 0;
  const last = Math.max(...failures.map((pod) => finishedAt(pod) || nowMs));
  const wait = Math.min(LAST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (failures.length - 1));
  return Math.max(0, last + wait - nowMs);
}

function finishedAt(pod: Pod): number {
  const times = (pod.status?.containerStatuses ?? [])
    .map((it) => Date.parse(it.state?.terminated?.finishedAt ?? ""))
    .filter((ms) => !Number.isNaN(ms));
  return Math.max(0, ...times);
}

function made(type: string, why: Failure, nowMs: number): Condition {
  const time = kubeTime(nowMs);
  return { type, status: "True", ...why, lastProbeTime: time, lastTransitionTime: time };
}
