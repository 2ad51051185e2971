/** Tells how a pass goes: the status of the cluster, Events for failures and for what was noticed. */

import type {
  Postgresql,
  PostgresqlRequest,
  PostgresqlRestart,
  PostgresqlStatus,
} from "../../api/types.gen.ts";
import type { Cancellation } from "../apply/apply_plan.ts";
import type { Writers } from "../apply/perform.ts";
import type { Notice } from "../effective/notice.ts";
import type { ClusterMemory } from "./memory.ts";
import type { Plan, StepOutcome } from "../plan/steps/action.ts";
import type { PlanContext } from "../plan/steps/context.ts";
import {
  describeHeld,
  failuresOf,
  isSettled,
  listed,
  nextStatus,
  statusDiffers,
  tellsMembers,
  waitedTooLong,
} from "./status.ts";
import { manifestOf, type Phase } from "../plan/steps/phase.ts";
import { mayPass } from "./follow_up.ts";
import { answerText, beginsRequest, keptRequests, newlyAnswered } from "./requests.ts";
import type { Clock } from "../../ports/ports.ts";
import { refOf } from "../../ports/requests.ts";
import { type ClusterEvent, clusterEvent } from "../events.ts";
import { backupCondition, backupsAfter } from "./backups.ts";
import { statusPatch } from "./status_patch.ts";
import { ledgerAfter, ledgerBefore, type LedgerView } from "./ledger.ts";

export interface PassStatus {
  readonly phase: Phase;
  readonly settled: boolean;
  readonly failure: string | undefined;
}

interface Tools {
  readonly config: {
    readonly podRoleLabel: string;
    readonly resourceCheckTimeoutMs: number;
    readonly patroniApiCheckTimeoutMs: number;
  };
  readonly writers: Writers;
  readonly clock: Clock;
}

interface Request {
  readonly cr: Postgresql;
  readonly memory: ClusterMemory;
  readonly cancellation: Pick<Cancellation, "abort" | "process">;
  readonly isOurs?: () => boolean;
}

interface Pass {
  readonly phase: Phase;
  readonly plan: Plan;
  readonly outcomes: readonly StepOutcome[];
  readonly context?: PlanContext;
  readonly notices?: readonly Notice[];
  /** What the ledger of restarts is written from; absent where no server can be disturbed. */
  readonly ledger?: LedgerView;
}

const REASON = { creation: "Create", update: "Update", sync: "Sync" } as const;

/** Says that work begins, before the first write: `Creating` with an Event, or `Updating`. */
export async function announceStart(tools: Tools, request: Request, pass: Pass): Promise<void> {
  const { cr } = request;
  const word = cr.status?.PostgresClusterStatus ?? "";
  const busy = pass.plan.steps.some(({ action }) => action.kind !== "event");
  if (!busy || pass.phase === "sync" || request.isOurs?.() === false) return;
  // Passes that try again after a failure say nothing new.
  const manifest = manifestOf(cr);
  const begins = pass.phase === "creation"
    ? word === "" || word === "Invalid"
    : word !== "Updating" && request.memory.announcedManifest !== manifest;
  if (!begins) return;
  request.memory.announcedManifest = manifest;
  if (pass.phase === "creation") {
    tools.writers.events.emit(cr, clusterEvent("creationBegun"));
  }
  await writeStatus(tools, request, { ...pass, outcomes: [] });
}

/**
 * Says in the status, before the first step, which requests are begun and what is restarted and why.
 * Gives the plan without the steps of requests that the API server did not keep.
 */
export async function announceSteps(tools: Tools, request: Request, pass: Pass): Promise<Plan> {
  const { plan } = pass;
  const disrupts = restartsOf(request, pass) !== knownRestarts(request);
  const asks = beginsRequest(plan);
  if ((!asks && !disrupts) || request.isOurs?.() === false) return plan;
  const stored = await writeStatus(tools, request, { ...pass, outcomes: [] });
  return asks ? keptRequests(plan, stored?.requests) : plan;
}

/** Writes the status where it differs, and tells failures and notices by Events. */
export async function report(tools: Tools, request: Request, pass: Pass): Promise<PassStatus> {
  const { memory, cr } = request;
  if (request.isOurs?.() === false) {
    return { phase: pass.phase, settled: false, failure: undefined };
  }
  const settled = isSettled(pass);
  const failures = [...waitingFailures(tools, memory, pass, settled), ...failuresOf(pass)];
  const failure = failures.length === 0 ? undefined : listed(failures);
  const asked = cr.status?.requests;
  const started = cr.status?.PostgresClusterStatus === "Creating" && settled;
  emitOverridden(tools, request, pass);
  await writeStatus(tools, request, {
    ...pass,
    ...(failures.length === 0 ? {} : { failures }),
  });
  const { generation } = cr.metadata;
  if (settled && generation !== undefined) {
    memory.settledGeneration = generation;
    memory.settledManifest = manifestOf(cr);
    const { sources = [] } = pass.context ?? {};
    const versions = new Map(sources.map((one) => [one.object, one.resourceVersion]));
    memory.settledInputs = { cr, versions };
  }
  memory.failures = failure !== undefined && mayPass(pass) ? memory.failures + 1 : 0;
  if (started) tools.writers.events.emit(cr, clusterEvent("podsReady"));
  emitFailures(tools, request, pass, failures);
  if (pass.phase !== "sync") emitNotices(tools, request, pass.notices ?? []);
  emitLeft(tools, request, pass.plan);
  emitAnswers(tools, request, asked);
  return { phase: pass.phase, settled, failure };
}

/** Tells failures by an Event: when one of them is new, not in every pass that meets them again. */
function emitFailures(
  tools: Tools,
  { memory, cr }: Request,
  pass: Pass,
  failures: readonly string[],
): void {
  if (failures.length === 0) return memory.toldFailures.clear();
  if (onlyBraked(pass)) return;
  const reason = REASON[pass.phase];
  const keys = failures.map((text) => `${cr.metadata.generation} ${reason} ${text}`);
  if (keys.every((key) => memory.toldFailures.has(key))) return;
  for (const key of keys) memory.toldFailures.add(key);
  tools.writers.events.emit(cr, clusterEvent("failed", reason, listed(failures)));
}

/** What is left for a while has an Event of its own, once. */
function onlyBraked({ plan }: Pass): boolean {
  return plan.held.some(({ kind }) => kind === "braked") &&
    plan.steps.every(({ action }) => action.kind === "event");
}

/** A wait that has lasted longer than `resource_check_timeout` is a failure. */
function waitingFailures(
  tools: Tools,
  memory: ClusterMemory,
  pass: Pass,
  settled: boolean,
): readonly string[] {
  const nowMs = tools.clock.now().getTime();
  const progressed = pass.outcomes.some(({ step, result }) =>
    result === "done" && step.action.kind !== "event"
  );
  if (settled || progressed || pass.plan.held.length === 0) {
    delete memory.waitingSinceMs;
    return [];
  }
  memory.waitingSinceMs ??= nowMs;
  const { resourceCheckTimeoutMs: waitingMs, patroniApiCheckTimeoutMs: blockedMs } = tools.config;
  return waitedTooLong(pass.plan, nowMs - memory.waitingSinceMs, { waitingMs, blockedMs });
}

/** What stays as it is until somebody changes something: told at any time, once a generation. */
function emitLeft(tools: Tools, request: Request, { held }: Plan): void {
  for (const one of held.filter(({ kind }) => kind === "left")) {
    emitOnce(tools, request, clusterEvent("leftAsItIs", describeHeld(one)));
  }
}

/** Tells what came of a request. */
function emitAnswers(
  tools: Tools,
  request: Request,
  before: readonly PostgresqlRequest[] | undefined,
): void {
  for (const answer of newlyAnswered(before, request.cr.status?.requests)) {
    const well = answer.state === "done" || answer.state === "active";
    emitOnce(tools, request, clusterEvent("requestAnswered", answerText(answer), well));
  }
}

/** Tells by an Event what others set, once: the status still holds it after a restart. */
function emitOverridden(tools: Tools, { cr, memory }: Request, { plan }: Pass): void {
  const known = new Set(cr.status?.overridden);
  for (const { kind, reason, fields = [] } of plan.held) {
    if (kind !== "overridden" || memory.told.has(reason)) continue;
    memory.told.add(reason);
    if (fields.every((field) => known.has(field))) continue;
    tools.writers.events.emit(cr, clusterEvent("overridden", reason));
  }
}

/** Emits an Event that was not emitted for this manifest yet. */
function emitOnce(tools: Tools, { cr, memory }: Request, event: ClusterEvent): void {
  const key = `${manifestOf(cr)} ${event.message}`;
  if (memory.told.has(key)) return;
  memory.told.add(key);
  tools.writers.events.emit(cr, event);
}

function emitNotices(tools: Tools, request: Request, notices: readonly Notice[]): void {
  for (const { reason, severity, message } of notices) {
    if (reason === undefined) continue;
    const type = severity === "warning" ? "Warning" : "Normal";
    emitOnce(tools, request, clusterEvent("noticed", type, reason, message));
  }
}

/** What this process has written counts before a cache. */
function knownRestarts({ cr, memory }: Request): readonly PostgresqlRestart[] | undefined {
  return memory.ledger ?? cr.status?.restarts;
}

/** The ledger as the status should have it. */
function restartsOf(
  request: Request,
  { plan, outcomes, ledger }: Pass,
): readonly PostgresqlRestart[] | undefined {
  const known = knownRestarts(request);
  if (ledger === undefined) return known;
  return outcomes.length === 0
    ? ledgerBefore(known, plan, ledger)
    : ledgerAfter(known, outcomes, ledger);
}

async function writeStatus(
  tools: Tools,
  request: Request,
  pass: Pass & { readonly failures?: readonly string[] },
): Promise<PostgresqlStatus | undefined> {
  const { cr, memory } = request;
  const pods = pass.context?.observed.pods;
  const restarts = restartsOf(request, pass);
  const { context } = pass;
  const backups = context && backupsAfter(cr, context.desired, context.observed);
  const status = nextStatus(cr, pass.phase, pass, {
    pods: pods?.known ? pods.value : undefined,
    roleLabel: tools.config.podRoleLabel,
    memberLabels: context?.effective.identity.labels.base ?? {},
    now: tools.clock.now(),
    ...(restarts === undefined ? {} : { restarts }),
    ...(backups === undefined ? {} : { backups }),
    further: context === undefined ? {} : backupCondition(cr, context),
  });
  if (!statusDiffers(cr.status, status, tellsMembers(pass))) return cr.status;
  const text = JSON.stringify({ ...status, conditions: status.conditions?.map(stable) });
  const dropped = memory.statusSent === text &&
    cr.status?.PostgresClusterStatus === status.PostgresClusterStatus;
  if (dropped) return cr.status;
  memory.statusSent = text;
  const stored = await tools.writers.kube.patch({
    target: refOf(cr),
    type: "merge",
    subresource: "status",
    body: { status: statusPatch(cr.status, status) },
  }, request.cancellation.process ?? request.cancellation.abort);
  // What follows in this pass compares with what was written.
  cr.status = status;
  if (restarts !== undefined) memory.ledger = restarts;
  const { status: kept } = stored as Partial<Postgresql>;
  if (kept?.requests !== undefined && status.requests !== undefined) {
    memory.answers = status.requests;
  }
  return kept;
}

/** A condition without its time, to tell whether the same was sent before. */
function stable(condition: { type: string; status: string; reason: string; message: string }) {
  return [condition.type, condition.status, condition.reason, condition.message];
}
