/**
 * The status of a cluster, made once at the end of a pass from its outcomes. The words are
 * Zalando's; `Running` is said only when nothing was left to do, nothing waits and nothing failed.
 * Conditions, members and `observedGeneration` are additions of ours.
 */

import type {
  Postgresql,
  PostgresqlBackups,
  PostgresqlMember,
  PostgresqlRequest,
  PostgresqlRestart,
  PostgresqlStatus,
} from "../../api/types.gen.ts";
import { answersAfter, lastingConditions } from "./requests.ts";
import type { Condition, Pod } from "../../kubernetes/types.gen.ts";
import { isMember, roleOf } from "../observed/pods.ts";
import { type Held, isPending, type Plan, type StepOutcome } from "../plan/steps/action.ts";
import type { Phase } from "../plan/steps/phase.ts";
import { isConflict } from "../../ports/errors.ts";
import { timestamp } from "../../lib/timestamp.ts";

/** How a pass ended, as far as the status is concerned. */
export interface PassResult {
  readonly plan: Plan;
  readonly outcomes: readonly StepOutcome[];
  /** What made the pass fail before there was a plan, or a wait that took too long. */
  readonly failures?: readonly string[];
}

/** The word for a failed pass of a phase. */
export function failureWord(phase: Phase): string {
  return { creation: "CreateFailed", update: "UpdateFailed", sync: "SyncFailed" }[phase];
}

/** What failed or could not be read, one text each. */
export function failuresOf(result: PassResult): readonly string[] {
  if (result.failures !== undefined) return result.failures;
  const failed = result.outcomes.flatMap((outcome) =>
    isFailedStep(outcome) ? [outcome.error.message] : []
  );
  const held = result.plan.held.filter(isFailure).map(describeHeld);
  return [...failed, ...held];
}

/** Several texts as people read them. */
export function listed(texts: readonly string[]): string {
  return texts.join("; ");
}

/** What fails of a request is its answer, and no failure of the cluster. */
function isFailedStep(outcome: StepOutcome): outcome is StepOutcome & { result: "failed" } {
  return outcome.result === "failed" && !isConflict(outcome.error) &&
    outcome.step.asked === undefined;
}

/** True for what is a failure at once, and none of waiting too long. */
function isFailure({ kind }: Held): boolean {
  return ["unreadable", "refused", "braked"].includes(kind);
}

/** How long a plan may wait before that counts as a failure. */
export interface WaitLimits {
  readonly waitingMs: number;
  readonly blockedMs: number;
}

/** What a plan has waited for longer than allowed, one text each. */
export function waitedTooLong(
  plan: Plan,
  waitedMs: number,
  limits: WaitLimits,
): readonly string[] {
  const limitOf = ({ kind, limitMs }: Held) =>
    limitMs ?? (kind === "blocked" ? limits.blockedMs : limits.waitingMs);
  const late = plan.held.filter((held) =>
    isPending(held) && !isFailure(held) && held.kind !== "paused" &&
    limitOf(held) > 0 && waitedMs >= limitOf(held)
  );
  // The limit, not the time: a text that grows would be written again in every pass.
  const seconds = Math.round(Math.min(...late.map(limitOf)) / 1000);
  return late.map(describeHeld)
    .map((text, index) => index === 0 ? `waited more than ${seconds} s: ${text}` : text);
}

/** `subject: reason`. */
export function describeHeld(held: Held): string {
  return `${held.subject}: ${held.reason}`;
}

/** True when there was nothing to do but tell, and nothing is waited for. */
export function isSettled(result: PassResult): boolean {
  const { plan } = result;
  return failuresOf(result).length === 0 && !plan.held.some(isPending) &&
    plan.steps.every(({ action }) => action.kind === "event");
}

/**
 * The status after a pass. Members are told first when a cluster has come to rest, so that one that
 * comes up costs no write for each step of its pods; from then on they are those that were seen, and
 * only who sees none keeps the former.
 */
export function nextStatus(
  cr: Postgresql,
  phase: Phase,
  result: PassResult,
  view: {
    readonly pods: readonly Pod[] | undefined;
    readonly roleLabel: string;
    /** Labels that all members have, and nothing else. */
    readonly memberLabels: Readonly<Record<string, string>>;
    readonly now: Date;
    readonly restarts?: readonly PostgresqlRestart[];
    readonly backups?: PostgresqlBackups;
    /** Conditions beside those of every cluster. */
    readonly further?: Readonly<Record<string, ConditionText>>;
  },
): PostgresqlStatus {
  const failures = failuresOf(result);
  const failure = failures.length === 0 ? undefined : listed(failures);
  const settled = isSettled(result);
  const before = cr.status;
  const requests = answersAfter(result.plan, result.outcomes, view.now);
  const word = isPaused(result.plan) && failure === undefined
    ? before?.PostgresClusterStatus ?? ""
    : nextWord(before?.PostgresClusterStatus, phase, failure, settled);
  const generation = cr.metadata.generation;
  return {
    ...(view.pods !== undefined && (settled || before?.members !== undefined)
      ? { ...withoutMembers(before), ...membership(view.pods, view) }
      : before),
    ...(settled ? overriddenIn(result.plan, before) : {}),
    PostgresClusterStatus: word,
    ...(settled && generation !== undefined ? { observedGeneration: generation } : {}),
    conditions: conditions(cr, { phase, failure, settled, result, requests, ...view }),
    ...(requests === undefined ? {} : { requests: [...requests] }),
    ...(view.backups === undefined ? {} : { backups: view.backups }),
    ...(view.restarts === undefined ? {} : { restarts: [...view.restarts] }),
  };
}

/** The status of a manifest that is not taken on, and why. */
export function invalidStatus(cr: Postgresql, message: string, now: Date): PostgresqlStatus {
  const refused = { status: "False", reason: "Refused", message };
  return {
    ...cr.status,
    PostgresClusterStatus: "Invalid",
    conditions: [condition(cr, now, "Synced", refused)],
  };
}

/** Fields that are left to others; absent where there never were any. */
function overriddenIn(
  { held }: Plan,
  before: PostgresqlStatus | undefined,
): Pick<PostgresqlStatus, "overridden"> {
  const overridden = held.flatMap(({ fields = [] }) => fields);
  return overridden.length === 0 && before?.overridden === undefined ? {} : { overridden };
}

function isPaused({ held }: Plan): boolean {
  return held.some(({ kind }) => kind === "paused");
}

function nextWord(
  before: string | undefined,
  phase: Phase,
  failure: string | undefined,
  settled: boolean,
): string {
  if (failure !== undefined) return failureWord(phase);
  if (settled) return "Running";
  if (phase === "creation") return "Creating";
  if (phase === "update") return "Updating";
  return before ?? "";
}

/** What a former status says of members goes, also the primary that there is none of now. */
function withoutMembers(status: PostgresqlStatus | undefined): Partial<PostgresqlStatus> {
  const { primary: _, ...rest } = status ?? {};
  return rest;
}

function membership(
  pods: readonly Pod[],
  { roleLabel, memberLabels }: {
    readonly roleLabel: string;
    readonly memberLabels: Readonly<Record<string, string>>;
  },
): Partial<PostgresqlStatus> {
  const members: PostgresqlMember[] = pods.map((pod) => {
    const role = roleOf(pod, roleLabel);
    return {
      name: pod.metadata.name ?? "",
      ready: isMember(pod, roleLabel),
      ...(role === undefined ? {} : { role }),
    };
  });
  const primary = members.find(({ role }) => role === "primary")?.name;
  return {
    members,
    labelSelector: selectorText(memberLabels),
    numberOfInstances: members.length,
    readyInstances: members.filter(({ ready }) => ready).length,
    ...(primary === undefined ? {} : { primary }),
  };
}

/** Labels as one text, as autoscalers read it from the scale subresource. */
function selectorText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels).map(([name, value]) => `${name}=${value}`).sort().join(",");
}

interface ConditionInput {
  readonly phase: Phase;
  readonly failure: string | undefined;
  readonly settled: boolean;
  readonly result: PassResult;
  readonly requests: readonly PostgresqlRequest[] | undefined;
  readonly pods: readonly Pod[] | undefined;
  readonly roleLabel: string;
  readonly now: Date;
  readonly further?: Readonly<Record<string, ConditionText>>;
}

/** `Ready`: a primary is up. `Synced`: everything is as the manifest asks. */
function conditions(cr: Postgresql, input: ConditionInput): Condition[] {
  const { failure, settled, result, pods, roleLabel } = input;
  const [primary, ...others] = (pods ?? []).filter((pod) =>
    isMember(pod, roleLabel) && roleOf(pod, roleLabel) === "primary"
  );
  const ready = pods === undefined
    ? { status: "Unknown", reason: "PodsUnreadable", message: "the pods could not be read" }
    : primary === undefined
    ? { status: "False", reason: "NoPrimary", message: "no pod is up in the primary's role" }
    : others.length > 0
    ? { status: "False", reason: "TwoPrimaries", message: tooMany([primary, ...others]) }
    : { status: "True", reason: "PrimaryUp", message: `${primary.metadata.name} is the primary` };
  const waits = listed(result.plan.held.map(describeHeld));
  const known = cr.status?.conditions?.find(({ type }) => type === "Synced");
  // A passing wait of a cluster that nobody changed (a pod recreated) is not worth two writes.
  const passing = input.phase === "sync" && failure === undefined && !settled &&
    known?.reason !== "Paused" && known;
  const synced = isPaused(result.plan) && failure === undefined
    ? { status: "False", reason: "Paused", message: waits }
    : passing
    ? known
    : failure !== undefined
    ? { status: "False", reason: "Failed", message: failure }
    : settled && waits !== ""
    ? { status: "False", reason: postponedReason(result.plan), message: waits }
    : settled
    ? { status: "True", reason: "AsSpecified", message: "everything is as the manifest asks" }
    : { status: "False", reason: "Progressing", message: waits || "changes are being made" };
  const found = {
    Ready: ready,
    Synced: synced,
    ...restartsPrevented(result.plan),
    ...lastingConditions(input.requests),
    ...input.further,
  };
  return Object.entries(found).map(([type, given]) => condition(cr, input.now, type, given));
}

/** Nothing that disturbs pods is done meanwhile. */
function tooMany(primaries: readonly Pod[]): string {
  const names = primaries.map(({ metadata }) => metadata.name).join(", ");
  return `more than one pod is up in the primary's role: ${names}`;
}

/** `RestartLoopPrevented` stands only while restarts are left. */
function restartsPrevented({ held }: Plan): Record<string, ConditionText> {
  const left = held.filter(({ restarts }) => restarts === true);
  if (left.length === 0) return {};
  const message = listed(left.map(describeHeld));
  return { RestartLoopPrevented: { status: "True", reason: "Repeated", message } };
}

interface ConditionText {
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

/** One word for what a settled cluster goes without. */
function postponedReason({ held }: Plan): string {
  if (held.every(({ kind }) => kind === "left")) return "LeftAsItIs";
  return held.every(({ kind }) => kind === "overridden") ? "Overridden" : "Postponed";
}

function condition(
  cr: Postgresql,
  now: Date,
  type: string,
  given: ConditionText,
): Condition {
  const before = cr.status?.conditions?.find((known) => known.type === type);
  const since = before?.status === given.status ? before.lastTransitionTime : undefined;
  return {
    type,
    ...given,
    message: given.message.slice(0, 32000),
    lastTransitionTime: since ?? timestamp(now),
    observedGeneration: cr.metadata.generation ?? 0,
  };
}

/** True where members of their own are worth a write: each step of a pod would otherwise cost one. */
export function tellsMembers(result: PassResult): boolean {
  return isSettled(result) || failuresOf(result).length > 0;
}

/**
 * True when a status must be written. While a pass is under way only a new word counts: texts of
 * what is waited for would otherwise cost a write each.
 */
export function statusDiffers(
  before: PostgresqlStatus | undefined,
  after: PostgresqlStatus,
  withMembers = true,
): boolean {
  if (before?.PostgresClusterStatus !== after.PostgresClusterStatus) return true;
  if (!sameAnswers(before?.requests, after.requests)) return true;
  if (JSON.stringify(before?.restarts) !== JSON.stringify(after.restarts)) return true;
  const found = (status: PostgresqlStatus | undefined, wanted: string) =>
    status?.conditions?.find(({ type }) => type === wanted);
  // Somebody may wait for the primary although the rest is still being made.
  const ready = (status: PostgresqlStatus | undefined) => found(status, "Ready")?.status;
  if (ready(after) === "True" && ready(before) !== "True") return true;
  // What was begun and stands still by somebody's will is not on its way any more.
  const paused = (status: PostgresqlStatus | undefined) =>
    found(status, "Synced")?.reason === "Paused";
  if (paused(before) !== paused(after)) return true;
  const stable = ["Running", "CreateFailed", "UpdateFailed", "SyncFailed", "Invalid"];
  if (!stable.includes(after.PostgresClusterStatus)) return false;
  return JSON.stringify(comparable(before, withMembers)) !==
    JSON.stringify(comparable(after, withMembers));
}

/** What a request waits for may change its words without a write. */
function sameAnswers(
  before: readonly PostgresqlRequest[] = [],
  after: readonly PostgresqlRequest[] = [],
): boolean {
  const shown = (list: readonly PostgresqlRequest[]) =>
    JSON.stringify(list.map(({ what, id, state, message, members }) => [
      what,
      id,
      state,
      state === "waiting" ? "" : message,
      members,
    ]));
  return shown(before) === shown(after);
}

/** Status in a fixed order of keys. A word without a failure keeps quiet about passing waits. */
function comparable(status: PostgresqlStatus | undefined, withMembers: boolean): unknown {
  if (status === undefined) return undefined;
  const { observedGeneration, labelSelector, numberOfInstances, readyInstances, primary } = status;
  const members = (status.members ?? []).map(({ name, role, ready }) => [name, role, ready]);
  const kept = (status.conditions ?? []).map(({ type, status: value, reason, message }) => [
    type,
    value,
    reason,
    reason === "Progressing" ? "" : message,
  ]);
  const { overridden = [], backups } = status;
  return [
    observedGeneration,
    labelSelector,
    ...(withMembers ? [numberOfInstances, readyInstances, primary, members] : []),
    kept,
    overridden,
    backups,
  ];
}
