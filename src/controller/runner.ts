/** Runs one pass for a key of the queue, notes how it went, and decides when the next one comes. */

import type { Cancellation } from "../cluster/apply/apply_plan.ts";
import type { DeletionPorts } from "../cluster/pass/delete.ts";
import { afterFault, type FollowUp, followUp, worked } from "../cluster/pass/follow_up.ts";
import type { PassOutcome, PassRecord } from "../cluster/pass/outcome.ts";
import { makePass } from "../cluster/pass/pass.ts";
import { pauseLeftMs } from "../cluster/pass/refused.ts";
import type { BrakeLedger } from "../cluster/pass/memory.ts";
import type { Plan, StepOutcome } from "../cluster/plan/steps/action.ts";
import type { PlanContext } from "../cluster/plan/steps/context.ts";
import { reasonTexts } from "../cluster/plan/steps/reasons.ts";
import type { Logger } from "../log/logger.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { isConflict } from "../ports/errors.ts";
import type { Span, Tracing } from "../ports/tracing.ts";
import { dependenciesOf } from "./dependencies.ts";
import { heldSinceAfter } from "./held_since.ts";
import { withBeginning } from "./history.ts";
import { countedSteps } from "./pass_counts.ts";
import { startPassTime } from "./pass_time.ts";
import { withPatience } from "./patience.ts";
import type { KeyQueue, QueueClock } from "./queue.ts";
import type { Cause, QueueItem } from "./queue_item.ts";
import { withPlan } from "./plans.ts";
import type { ClusterEntry, Registry } from "./registry.ts";
import type { Waves } from "./waves.ts";
import { seenOf } from "./seen.ts";

const PASS_TIMEOUT_MS = 5 * 60_000;

/** A plan that is about to be carried out, and everything that it was made of. */
export interface RecordedPass {
  readonly key: string;
  readonly cause: Cause;
  readonly at: Date;
  readonly context: PlanContext;
  readonly brake: BrakeLedger;
  readonly plan: Plan;
}

/** Keeps passes that do something, for those who ask later. */
export type RecordPass = (pass: RecordedPass) => void;

export interface RunnerPorts extends DeletionPorts {
  readonly registry: Registry;
  readonly queue: KeyQueue;
  readonly logger: Logger;
  readonly metrics: Pick<Metrics, "keyTaken" | "passEnded">;
  /** Absent where nobody asked for traces. */
  readonly tracing?: Tracing;
  /** Milliseconds since 1970. */
  readonly nowMs: () => number;
  readonly clock: QueueClock;
  /** Absent where no passes are kept. */
  readonly record?: RecordPass;
  /** How long a pass may take, without an upgrade of the data; five minutes unless told. */
  readonly passTimeoutMs?: number;
  /** Ends every pass at once, in the middle of a step. */
  readonly abort: AbortSignal;
  /** Makes reads that no watch covers ask again for what belongs to a cluster. */
  readonly invalidate: (key: string) => void;
  readonly forget: (key: string) => void;
  readonly waves: Pick<Waves, "passed">;
}

/** A pass under way. */
interface Run {
  readonly entry: ClusterEntry;
  readonly item: QueueItem;
  readonly log: Logger;
  readonly leave: () => void;
  readonly cancellation: Cancellation;
}

/** A key that a worker took. */
export interface Taken {
  readonly item: QueueItem;
  readonly slot: number;
  /** Frees the worker while the pass waits for a peer of its cluster. */
  readonly leave: () => void;
}

/** Runs the pass of a key; never throws. */
export async function runPass(ports: RunnerPorts, { item, slot, leave }: Taken): Promise<void> {
  // What was handed over or forgotten meanwhile is not looked at again.
  const entry = ports.registry.get(item.key);
  if (entry === undefined) return;
  const log = ports.logger.with({ "cluster-name": item.key, worker: slot });
  const startMs = ports.nowMs();
  ports.metrics.keyTaken((startMs - item.sinceMs) / 1000);
  entry.running = { slot, since: new Date(startMs) };
  entry.history = withBeginning(entry.history, entry.running.since);
  const before = entry.last;
  let threw = false;
  const time = startPassTime({
    clock: ports.clock,
    limitMs: ports.passTimeoutMs ?? PASS_TIMEOUT_MS,
    stopping: entry.stop.signal,
    aborting: ports.abort,
  });
  const run = { entry, item, log, leave, cancellation: time.cancellation };
  try {
    if (item.cause === "sync" || item.cause === "repair") ports.invalidate(item.key);
    const outcome = await attempt(ports, run);
    note(ports, run, outcome);
    const { failures, refused } = entry.memory;
    follow(ports, entry, followUp(outcome, failures, pauseLeftMs(refused, ports.nowMs())));
  } catch (error) {
    threw = true;
    fault(ports, run, error);
  } finally {
    time.end();
    const last = entry.last === before ? undefined : entry.last;
    count(ports, entry, { startMs, last, threw });
    delete entry.running;
    ports.waves.passed(item.key);
  }
}

/** Makes the pass, within a span where somebody follows. */
async function attempt(ports: RunnerPorts, run: Run): Promise<PassOutcome> {
  const { key, cause } = run.item;
  const span = ports.tracing?.start("pass", { "pgop.cluster": key, "pgop.cause": cause });
  try {
    const outcome = await makeOne(ports, run, span);
    const failure = failureOf(outcome);
    span?.set({ "pgop.outcome": outcome.kind });
    if (failure !== undefined) span?.fail(failure);
    return outcome;
  } catch (error) {
    span?.fail(error instanceof Error ? error.message : String(error));
    throw error;
  } finally {
    span?.end();
  }
}

function failureOf(outcome: PassOutcome): string | undefined {
  if (outcome.kind === "unmanaged" || outcome.kind === "left") return undefined;
  return (outcome.kind === "reconciled" ? outcome.report : outcome.record)?.failure;
}

function makeOne(
  ports: RunnerPorts,
  { entry, item, log, leave, cancellation }: Run,
  span: Span | undefined,
): Promise<PassOutcome> {
  const patient = withPatience(ports.tools, ports.clock, leave);
  const tools = span === undefined
    ? patient
    : { ...patient, writers: { ...patient.writers, span } };
  return makePass({ ...ports, tools }, {
    cluster: entry,
    full: ["add", "sync", "repair", "retry"].includes(item.cause),
    log,
    cancellation,
    isOurs: () => isOurs(ports, entry),
    planned: ({ metadata }, context, plan) => {
      if (!isOurs(ports, entry)) return;
      const { desired, observed } = context;
      const { namespace = "" } = metadata;
      const foreignObjects = context.foreignObjects.map(({ ref }) => ref);
      const dependencies = dependenciesOf(ports.config, namespace, desired, foreignObjects);
      ports.registry.dependsOn(entry.key, dependencies);
      const at = new Date(ports.nowMs());
      const { cause } = item;
      const seen = seenOf(desired, observed);
      entry.last = { cause, at, plan, outcomes: [], failure: undefined, seen };
      const { key, memory: { brake } } = entry;
      if (plan.steps.length > 0) ports.record?.({ key, cause, at, context, brake, plan });
      for (const step of plan.steps) log.debug(`${step.subject}: ${reasonTexts(step).join("; ")}`);
    },
  });
}

function isOurs({ registry }: RunnerPorts, entry: ClusterEntry): boolean {
  return registry.get(entry.key) === entry;
}

/** Keeps the pass for those who ask, and says in the log what went wrong. */
function note(ports: RunnerPorts, { entry, item, log }: Run, outcome: PassOutcome): void {
  if (outcome.kind === "unmanaged" || outcome.kind === "left") return;
  const record = outcome.kind === "reconciled" ? outcome.report : outcome.record;
  if (record === undefined) return;
  const { plan, outcomes, failure } = record;
  const seen = outcome.kind === "reconciled" ? entry.last?.seen : undefined;
  const at = new Date(ports.nowMs());
  entry.last = { cause: item.cause, at, plan, outcomes, failure, ...seen && { seen } };
  entry.heldSince = heldSinceAfter(entry.heldSince, plan.held, at.getTime());
  entry.plans = withPlan(entry.plans, entry.key, entry.last);
  if (outcome.kind !== "reconciled") return;
  logFailedSteps(outcomes, log);
  logFailure(entry, record, log);
}

function logFailedSteps(outcomes: readonly StepOutcome[], log: Logger): void {
  for (const outcome of outcomes) {
    if (outcome.result !== "failed" || outcome.remembered) continue;
    // The next pass mends what another writer was faster with.
    if (isConflict(outcome.error)) log.info(outcome.error.message);
    else log.error(outcome.error.message);
  }
}

/** What stays as it is is logged once, however often the cluster is looked at meanwhile. */
function logFailure({ memory }: ClusterEntry, record: PassRecord, log: Logger): void {
  const { failure } = record;
  if (failure === undefined) {
    delete memory.failureLogged;
    return;
  }
  if (memory.failureLogged !== failure || worked(record)) log.warn(failure);
  memory.failureLogged = failure;
}

function follow(ports: RunnerPorts, entry: ClusterEntry, next: FollowUp): void {
  const { key, stop } = entry;
  switch (next.kind) {
    case "forget":
      if (isOurs(ports, entry)) ports.forget(key);
      return;
    case "rest":
      return;
    case "again":
      if (!stop.signal.aborted) ports.queue.add(key, "requeue");
      return;
    case "later":
      if (!stop.signal.aborted) ports.queue.addAfter(key, next.cause, next.afterMs);
      return;
    default:
      next satisfies never;
  }
}

/** A pass that ended in the middle: an unread manifest, or a fault of the operator. */
function fault(ports: RunnerPorts, { entry, item, log }: Run, error: unknown): void {
  if (ports.abort.aborted || !isOurs(ports, entry)) return;
  const message = error instanceof Error ? error.message : String(error);
  log.error(`pass (${item.cause}) failed: ${message}`);
  log.debug(error instanceof Error ? error.stack ?? message : message);
  entry.memory.failures++;
  follow(ports, entry, afterFault(entry.memory.failures));
}

function count(
  { metrics, nowMs }: RunnerPorts,
  entry: ClusterEntry,
  { startMs, last, threw }: {
    readonly startMs: number;
    readonly last: ClusterEntry["last"] | undefined;
    readonly threw: boolean;
  },
): void {
  const failed = threw || last?.failure !== undefined;
  if (!failed) entry.lastSuccess = new Date(nowMs());
  const waits = last?.plan.requeueAfterMs !== undefined;
  metrics.passEnded({
    seconds: (nowMs() - startMs) / 1000,
    result: failed ? "error" : waits ? "requeue_after" : "success",
    steps: countedSteps(last?.outcomes ?? []),
  });
}
