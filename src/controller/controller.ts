/**
 * The controller: changes lead to keys, keys to passes, passes to a report. Everything outside comes
 * in by `ControllerPorts`; this file holds no client.
 */

import type { Postgresql } from "../api/types.gen.ts";
import { type Issue, issueText, validate } from "../api/validate.ts";
import type { KubeObject, StatefulSet } from "../kubernetes/types.gen.ts";
import { type PassReport, type PassTools, reconcile } from "../cluster/pass/reconcile.ts";
import type { HeldKind, StepOutcome } from "../cluster/plan/steps/action.ts";
import { deletionNote } from "../cluster/plan/deletion.ts";
import { strangersOf } from "../cluster/plan/steps/ownership.ts";
import { emptyMemory } from "../cluster/memory.ts";
import { invalidStatus, isConflict } from "../cluster/pass/status.ts";
import type { Config } from "../config/config.ts";
import { typedWriter } from "../ports/client.gen.ts";
import type { KubeReader } from "../ports/ports.ts";
import { RESOURCES } from "../ports/resources.gen.ts";
import { isOf } from "../ports/typed.ts";
import type { Logger } from "../log/logger.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { continueDeletion } from "./deletion.ts";
import { dependenciesOf } from "./dependencies.ts";
import { withBeginning, withChange } from "./history.ts";
import { owns } from "./ownership.ts";
import { countedSteps } from "./pass_counts.ts";
import { type Orphan, type OrphanWatch, watchOrphans } from "./orphans.ts";
import { KeyQueue, type QueueClock, type QueueItem } from "./queue.ts";
import { type ClusterEntry, Registry } from "./registry.ts";
import { startResync } from "./resync.ts";
import { type Change, type Trigger, triggersOf } from "./triggers.ts";
import { startWorkers, type Workers } from "./workers.ts";

/** Longest and shortest wait before a failed cluster is looked at again. */
const RETRY_MS = { first: 1000, refused: 60_000, longest: 5 * 60_000 };
const SHUTDOWN_MS = 5000;
/** What a failed pass may be held by and still need no early look. */
const IDLE_KINDS: readonly HeldKind[] = [
  "refused",
  "waiting",
  "postponed",
  "left",
  "braked",
  "overridden",
];

export interface ControllerPorts {
  readonly tools: PassTools;
  readonly config: Config;
  readonly controllerId: string;
  readonly logger: Logger;
  readonly clock: QueueClock;
  /** Copies of all manifests, and of Services that an unfinished deletion may have left. */
  readonly manifests: () => readonly Postgresql[];
  readonly services: () => readonly KubeObject[];
  readonly statefulSets: () => readonly StatefulSet[];
  /** Reads without a cache, for what must not be done on the word of one. */
  readonly live: KubeReader;
  readonly onChange: (listener: (change: Change) => void) => () => void;
  readonly metrics: Pick<Metrics, "keyAdded" | "keyTaken" | "passEnded">;
  /** Told of a cluster that is looked after no longer. */
  readonly forgotten: (key: string) => void;
  /** Makes reads that no watch covers ask again for what belongs to a cluster. */
  readonly invalidate: (key: string) => void;
}

export interface Controller {
  readonly registry: Registry;
  readonly queue: KeyQueue;
  workers(): Workers | undefined;
  /** Seconds since 1970 of the last periodic look at all clusters. */
  lastSync(): number;
  /** Clusters without a manifest. */
  orphans(): readonly Orphan[];
  /** Begins to work; caches must be filled. */
  start(): void;
  /** Ends after the writes under way; gives up on them after some seconds. */
  stop(): Promise<void>;
}

/** True when the API server refused every failed step for good: asking again soon is no use. */
function isRefusal(outcomes: readonly StepOutcome[]): boolean {
  const failed = outcomes.flatMap((outcome) => outcome.result === "failed" ? [outcome.error] : []);
  const statuses = failed.map((error) => (error as { status?: number }).status ?? 0);
  return statuses.length > 0 && statuses.every((status) => status === 403 || status === 422);
}

/** Makes a controller; it does nothing before `start`. */
export function createController(ports: ControllerPorts): Controller {
  const { config, clock, logger } = ports;
  const registry = new Registry();
  const queue = new KeyQueue(clock, ports.metrics.keyAdded);
  const stopping = new AbortController();
  const aborting = new AbortController();
  let workers: Workers | undefined;
  let stopResync = () => {};
  let orphans: OrphanWatch | undefined;
  let lastSync = 0;

  const known = {
    clusterNameLabel: config.clusterNameLabel,
    has: (key: string) => registry.has(key),
    inNamespace: (namespace: string) => registry.inNamespace(namespace),
    all: () => registry.keys(),
    dependents: ({ kind, metadata }: KubeObject) =>
      kind === "Node"
        ? registry.onNode(metadata.name ?? "")
        : registry.dependents(`${kind} ${metadata.namespace}/${metadata.name}`),
  };

  function take({ key, cause }: Trigger, change: Change): void {
    if (isOf(RESOURCES.Postgresql, change.object)) {
      const cr = change.object;
      if (!owns(ports.controllerId, change.object)) {
        registry.get(key)?.stop.abort(new Error("another operator looks after the cluster"));
        forget(key);
        return;
      }
      const entry = registry.entry(key);
      if (entry.cr?.metadata.uid !== cr.metadata.uid) {
        entry.memory = emptyMemory();
        entry.history = [];
      } else if (entry.cr !== undefined) {
        const change = { from: entry.cr, to: cr, at: new Date(clock.now()) };
        entry.history = withChange(entry.history, change, config.clusterHistoryEntries);
      }
      entry.cr = cr;
    }
    queue.add(key, cause);
  }

  function forget(key: string): void {
    registry.forget(key);
    ports.forgotten(key);
  }

  const unsubscribe = ports.onChange((change) => {
    for (const trigger of triggersOf(change, known)) take(trigger, change);
  });

  async function run(item: QueueItem, slot: number): Promise<void> {
    // What was handed over or forgotten meanwhile is not looked at again.
    const entry = registry.get(item.key);
    if (entry === undefined) return;
    const log = logger.with({ "cluster-name": item.key, worker: slot });
    entry.running = { slot, since: new Date(clock.now()) };
    entry.history = withBeginning(entry.history, entry.running.since);
    const before = entry.last;
    ports.metrics.keyTaken((clock.now() - item.sinceMs) / 1000);
    let threw = false;
    try {
      if (item.cause === "sync" || item.cause === "repair") ports.invalidate(item.key);
      await pass(entry, item, log);
    } catch (error) {
      threw = true;
      failed(entry, item, error, log);
    } finally {
      count(entry, { before, threw });
      delete entry.running;
    }
  }

  function count(
    entry: ClusterEntry,
    { before, threw }: { before: ClusterEntry["last"]; threw: boolean },
  ): void {
    const last = entry.last === before ? undefined : entry.last;
    const now = clock.now();
    const failed = threw || last?.failure !== undefined;
    if (!failed) entry.lastSuccess = new Date(now);
    const waits = last?.plan.requeueAfterMs !== undefined;
    ports.metrics.passEnded({
      seconds: (now - (entry.running?.since.getTime() ?? now)) / 1000,
      result: failed ? "error" : waits ? "requeue_after" : "success",
      steps: countedSteps(last?.outcomes ?? []),
    });
  }

  async function pass(entry: ClusterEntry, item: QueueItem, log: Logger): Promise<void> {
    const cancellation = { stop: entry.stop.signal, abort: aborting.signal };
    const isOurs = () => registry.get(entry.key) === entry;
    const context = { entry, item, log, cancellation };
    const current = await continueDeletion(ports, context);
    if (!isOurs()) return;
    if (current === "gone") {
      forget(item.key);
      return;
    }
    if (current === "busy") {
      queue.addAfter(item.key, "requeue", RETRY_MS.first);
      return;
    }
    entry.cr = current;
    const found = validate(current, config);
    const unmanaged = found.filter(({ severity }) => severity === "unmanaged");
    // A cluster that runs is not dropped because its manifest was renamed away from its team.
    const running = !["", "Invalid"].includes(current.status?.PostgresClusterStatus ?? "");
    if (unmanaged.length > 0 && !running) {
      await markInvalid(current, unmanaged);
      return;
    }
    const issues = found.filter(({ severity }) => severity !== "unmanaged");
    const report = await reconcile(ports.tools, {
      cr: current,
      issues,
      full: ["add", "sync", "repair", "retry"].includes(item.cause),
      memory: entry.memory,
      cancellation,
      isOurs,
      planned: (planContext, plan) => {
        if (!isOurs()) return;
        const at = new Date(clock.now());
        const { desired, observed } = planContext;
        const { namespace = "" } = current.metadata;
        const strangers = strangersOf(planContext).map(({ ref }) => ref);
        registry.dependsOn(
          entry.key,
          dependenciesOf(config, namespace, desired, strangers),
        );
        const { cause } = item;
        entry.last = { cause, at, plan, outcomes: [], failure: undefined, desired, observed };
        for (const step of plan.steps) {
          log.debug(`${step.subject}: ${step.reasons.join("; ")}`);
        }
      },
    });
    if (isOurs()) settle(entry, item, report, log);
  }

  /** A cluster that this operator may not take on. */
  async function markInvalid(cr: Postgresql, issues: readonly Issue[]): Promise<void> {
    if (cr.status?.PostgresClusterStatus === "Invalid") return;
    const { name = "", namespace = "" } = cr.metadata;
    const message = issues.map(issueText).join("; ");
    logger.warn(message, { "cluster-name": `${namespace}/${name}` });
    ports.tools.writers.events.emit(cr, { type: "Warning", reason: "Create", message });
    const body = { status: invalidStatus(cr, message, new Date(clock.now())) };
    const patch = { type: "merge", subresource: "status", body } as const;
    const { postgresqls } = typedWriter(ports.tools.writers.kube);
    await postgresqls.patch({ namespace, name }, patch, aborting.signal);
  }

  function settle(entry: ClusterEntry, item: QueueItem, report: PassReport, log: Logger): void {
    const { plan, outcomes, failure } = report;
    entry.last = {
      desired: undefined,
      observed: undefined,
      ...entry.last,
      cause: item.cause,
      at: new Date(clock.now()),
      plan,
      outcomes,
      failure,
    } as NonNullable<ClusterEntry["last"]>;
    for (const outcome of outcomes) {
      if (outcome.result !== "failed") continue;
      // The next pass mends what another writer was faster with.
      if (isConflict(outcome.error)) log.info(outcome.error.message);
      else log.error(outcome.error.message);
    }
    const worked = plan.steps.some(({ action }) => action.kind !== "event");
    if (failure !== undefined) {
      // What is left for a while is told once, however often the cluster is looked at meanwhile.
      const quiet = entry.memory.failureLogged === failure && !worked;
      if (!quiet) log.warn(failure);
      entry.memory.failureLogged = failure;
      const idle = plan.held.length > 0 && !worked &&
        plan.held.every(({ kind }) => IDLE_KINDS.includes(kind));
      if (!idle) retryLater(entry, isRefusal(outcomes) ? RETRY_MS.refused : RETRY_MS.first);
      else if (plan.requeueAfterMs !== undefined) {
        queue.addAfter(entry.key, "requeue", plan.requeueAfterMs);
      }
      return;
    }
    delete entry.memory.failureLogged;
    if (stopping.signal.aborted) return;
    // Looks at once whether the steps had their effect.
    if (worked && plan.requeueAfterMs === undefined) queue.add(entry.key, "requeue");
    if (plan.requeueAfterMs !== undefined) {
      queue.addAfter(entry.key, "requeue", plan.requeueAfterMs);
    }
  }

  function retryLater(entry: ClusterEntry, firstMs = RETRY_MS.first): void {
    const failures = Math.max(1, entry.memory.failures);
    const ms = Math.min(firstMs * 2 ** (failures - 1), RETRY_MS.longest);
    queue.addAfter(entry.key, "retry", ms);
  }

  function failed(entry: ClusterEntry, item: QueueItem, error: unknown, log: Logger): void {
    if (aborting.signal.aborted || registry.get(entry.key) !== entry) return;
    const message = error instanceof Error ? error.message : String(error);
    const stack = error instanceof Error ? error.stack ?? message : message;
    log.error(`pass (${item.cause}) failed: ${message}`);
    log.debug(stack);
    entry.memory.failures++;
    retryLater(entry);
  }

  /** Deletions that an earlier process did not finish. */
  function adoptUnfinishedDeletions(): void {
    for (const service of ports.services()) {
      const noted = deletionNote(service, ports);
      if (noted === undefined) continue;
      const { namespace, name } = service.metadata;
      const key = `${namespace}/${name}`;
      registry.entry(key).noted = noted;
      queue.add(key, "delete");
    }
  }

  function lookForOrphans(): OrphanWatch {
    return watchOrphans({
      ...ports,
      signal: stopping.signal,
      isKnown(key) {
        const isManifest = ({ metadata }: Postgresql) =>
          `${metadata.namespace}/${metadata.name}` === key;
        return registry.has(key) || ports.manifests().some(isManifest);
      },
      remove({ key, uid }) {
        registry.entry(key).orphan = uid;
        queue.add(key, "delete");
      },
    });
  }

  return {
    registry,
    queue,
    workers: () => workers,
    lastSync: () => lastSync,
    orphans: () => orphans?.list() ?? [],
    start() {
      for (const cr of ports.manifests()) {
        const key = `${cr.metadata.namespace}/${cr.metadata.name}`;
        take({ key, cause: "add" }, { type: "apply", object: cr });
      }
      adoptUnfinishedDeletions();
      orphans = lookForOrphans();
      lastSync = Math.floor(clock.now() / 1000);
      workers = startWorkers(config.workers, queue, run, () => new Date(clock.now()));
      stopResync = startResync(queue, {
        resyncPeriodMs: config.resyncPeriodMs,
        repairPeriodMs: config.repairPeriodMs,
        keys: () => {
          lastSync = Math.floor(clock.now() / 1000);
          return registry.keys();
        },
        failedKeys: () => registry.failed(),
        setTimer: clock.setTimer,
        clearTimer: clock.clearTimer,
      });
    },
    async stop() {
      unsubscribe();
      stopResync();
      orphans?.stop();
      stopping.abort(new Error("the operator is shutting down"));
      for (const { stop } of registry.entries()) stop.abort(stopping.signal.reason);
      queue.close();
      const timer = clock.setTimer(() => aborting.abort(new Error("shutdown")), SHUTDOWN_MS);
      await workers?.stopped;
      clock.clearTimer(timer);
    },
  };
}
