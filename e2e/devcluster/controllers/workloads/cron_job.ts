/**
 * CronJobs: a Job at each scheduled time, and a short history of them
 * (controllers of the dev cluster).
 * https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/
 */
import { alreadyExists, unlessGone } from "../../client/client.ts";
import { reconciler } from "../../client/reconciler.ts";
import { cronJobs, jobs } from "../../client/resources.ts";
import { splitKey } from "../../client/watch_cache.ts";
import type { ObjectReference } from "../../objects/meta.ts";
import type { CronJob, Job } from "../../objects/workloads.ts";
import {
  type Controller,
  type ControllerContext,
  controllerKey,
  controllerOf,
  controllerReference,
  refOf,
  writeStatus,
} from "../context.ts";
import { latestTime, nextTime, parseSchedule } from "./cron_schedule.ts";
import { conditionOf, isFinishedJob } from "./job_state.ts";
import { kubeTime } from "../../objects/time.ts";

const TIME_ANNOTATION = "batch.kubernetes.io/cronjob-scheduled-timestamp";
/** Timers of a host may not be longer than 2^31 ms; looking again earlier does no harm. */
const LONGEST_WAIT_MS = 24 * 3600 * 1000;

/** Starts the controller. */
export function cronJobController(context: ControllerContext): Controller {
  const { caches, onError } = context;
  const queue = reconciler((key) => syncCronJob(context, key), onError);
  caches.of<CronJob>(cronJobs).onChange(({ metadata }) =>
    queue.enqueue(`${metadata.namespace}/${metadata.name}`)
  );
  caches.of<Job>(jobs).onChange((job) => {
    const key = controllerKey(job, cronJobs);
    if (key) queue.enqueue(key);
  });
  return queue;
}

async function syncCronJob(context: ControllerContext, key: string) {
  const { namespace, name } = splitKey(key);
  const cronJob = context.caches.of<CronJob>(cronJobs).get(namespace, name);
  if (!cronJob || cronJob.metadata.deletionTimestamp) return;
  const owned = context.caches.of<Job>(jobs).inNamespace(namespace)
    .filter((job) => controllerOf(job)?.uid === cronJob.metadata.uid);
  await pruneHistory(context, cronJob, owned);
  const due = dueTime(cronJob, Date.now());
  const started = due === undefined ? undefined : await startJob(context, cronJob, owned, due);
  const present = started && !owned.includes(started) ? [...owned, started] : owned;
  await writeStatus(context, cronJobs, cronJob, {
    ...statusOf(cronJob, present),
    ...(started ? { lastScheduleTime: kubeTime(due!) } : {}),
  });
  return untilNext(cronJob, Date.now());
}

/** The scheduled time to serve now, if one has come and is not too long ago. */
function dueTime({ spec, status, metadata }: CronJob, nowMs: number): number | undefined {
  if (spec.suspend) return undefined;
  const last = Date.parse(status?.lastScheduleTime ?? metadata.creationTimestamp!);
  const due = latestTime(parseSchedule(spec.schedule, spec.timeZone), last, nowMs);
  const deadline = spec.startingDeadlineSeconds;
  const tooLate = due !== undefined && deadline !== undefined && due + deadline * 1000 < nowMs;
  return tooLate ? undefined : due;
}

function untilNext({ spec }: CronJob, nowMs: number): { againInMs: number } | undefined {
  if (spec.suspend) return undefined;
  const next = nextTime(parseSchedule(spec.schedule, spec.timeZone), nowMs);
  if (next === undefined) return undefined;
  return { againInMs: Math.min(LONGEST_WAIT_MS, next - nowMs) };
}

async function startJob(
  { client, caches }: ControllerContext,
  cronJob: CronJob,
  owned: readonly Job[],
  dueMs: number,
): Promise<Job | undefined> {
  const active = owned.filter((job) => !isFinishedJob(job));
  const { concurrencyPolicy } = cronJob.spec;
  if (concurrencyPolicy === "Forbid" && active.length > 0) return undefined;
  if (concurrencyPolicy === "Replace") {
    for (const job of active) await remove(client, job);
  }
  const job = jobAt(cronJob, dueMs);
  try {
    const created = await client.create<Job>(jobs, job);
    caches.of<Job>(jobs).learn(created);
    return created;
  } catch (error) {
    if (!alreadyExists(error)) throw error;
    return await client.get<Job>(jobs, refOf(job));
  }
}

function jobAt(cronJob: CronJob, dueMs: number): Job {
  const { metadata = {}, spec } = cronJob.spec.jobTemplate;
  const { name, namespace } = cronJob.metadata;
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      name: `${name}-${Math.floor(dueMs / 60_000)}`,
      namespace: namespace!,
      ...(metadata.labels ? { labels: metadata.labels } : {}),
      annotations: { ...metadata.annotations, [TIME_ANNOTATION]: kubeTime(dueMs) },
      ownerReferences: [controllerReference(cronJob, cronJobs)],
    },
    spec,
  };
}

function statusOf(cronJob: CronJob, owned: readonly Job[]): NonNullable<CronJob["status"]> {
  const active = owned
    .filter((job) => !isFinishedJob(job) && !job.metadata.deletionTimestamp)
    .map(({ metadata }): ObjectReference => ({
      apiVersion: "batch/v1",
      kind: "Job",
      name: metadata.name,
      namespace: metadata.namespace!,
      uid: metadata.uid!,
      resourceVersion: metadata.resourceVersion!,
    }));
  const known = cronJob.status?.active ?? [];
  const successes = owned
    .filter((job) => conditionOf(job, "Complete"))
    .map((job) => job.status!.completionTime!);
  const lastSuccess = [cronJob.status?.lastSuccessfulTime ?? "", ...successes].sort().at(-1);
  const { active: _, ...rest } = cronJob.status ?? {};
  return {
    ...rest,
    // A reference stays as it was written: the Job's later versions are no reason to write.
    ...(active.length > 0
      ? { active: active.map((it) => known.find((old) => old.uid === it.uid) ?? it) }
      : {}),
    ...(lastSuccess ? { lastSuccessfulTime: lastSuccess } : {}),
  };
}

async function pruneHistory(
  { client }: ControllerContext,
  cronJob: CronJob,
  owned: readonly Job[],
): Promise<void> {
  const limits = [
    { type: "Complete", keep: cronJob.spec.successfulJobsHistoryLimit ?? 3 },
    { type: "Failed", keep: cronJob.spec.failedJobsHistoryLimit ?? 1 },
  ];
  for (const { type, keep } of limits) {
    const ended = owned
      .filter((job) => conditionOf(job, type) && !job.metadata.deletionTimestamp)
      .sort((a, b) => (a.status?.startTime ?? "") < (b.status?.startTime ?? "") ? -1 : 1);
    for (const job of ended.slice(0, Math.max(0, ended.length - keep))) await remove(client, job);
  }
}

async function remove(client: ControllerContext["client"], job: Job): Promise<void> {
  await unlessGone(client.delete(jobs, refOf(job), { propagationPolicy: "Background" }));
}
