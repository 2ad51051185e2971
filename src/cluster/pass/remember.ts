/** Keeps what a pass has learned for the next one; what its loss costs stands in `memory.ts`. */

import { catalogFingerprint, patroniFingerprint } from "./due.ts";
import { volumeFingerprint } from "./volume_reader.ts";
import type { StatefulSet } from "../../kubernetes/types.gen.ts";
import { refOf } from "../../ports/requests.ts";
import type { ClusterMemory } from "./memory.ts";
import type { UpgradeAttempt } from "../plan/steps/memory.ts";
import type { ObservedPatroni } from "../observed/cluster.ts";
import { observedObject } from "../observed/cluster.ts";
import { isOfCurrentTemplate, templateImage } from "../observed/revisions.ts";
import { directionOf, followedParameters } from "../observed/followed.ts";
import type { Pod } from "../../kubernetes/types.gen.ts";
import { isFlagged } from "../observed/pods.ts";
import { type Action, isPending, type Plan, type StepOutcome } from "../plan/steps/action.ts";
import type { Subject } from "../subject.ts";
import type { PlanContext } from "../plan/steps/context.ts";
import { moveKey } from "../plan/pods/node_move.ts";
import { parametersOf } from "../plan/pods/postgres_restart.ts";
import { settledPodPasswords } from "../plan/roles/pod_passwords.ts";
import { UpgradeError } from "../plan/upgrade/attempt.ts";
import { leadersOf } from "../plan/upgrade/readiness.ts";

const SETTLE_MARGIN_MS = 2000;
const DEFAULT_LOOP_WAIT_S = 10;
const UPGRADE_SUBJECTS: readonly Subject[] = ["interrupted upgrade", "major upgrade"];

/** Takes over what the plan's outcomes say about Patroni and the pods. */
export function remember(
  memory: ClusterMemory,
  context: PlanContext,
  result: { readonly plan: Plan; readonly outcomes: readonly StepOutcome[] },
): void {
  rememberPatroni(memory, context, result);
  rememberCatalog(memory, context, result.plan);
  rememberVolumes(memory, context, result.plan);
  for (const { role, version } of settledPodPasswords(context, result.outcomes)) {
    memory.podPasswords.set(role.name, version);
  }
  rememberImages(memory, context);
  rememberSecrets(memory, context, result.outcomes);
  rememberUpgrade(memory, context, result.outcomes);
  rememberMove(memory, context, result);
  for (const slot of Object.keys(context.desired.patroni.slots)) memory.slots.add(slot);
  const { dynamicParameters } = context.effective.patroni;
  for (const name of Object.keys(dynamicParameters)) memory.parameters.add(name);
  const { pods } = context.observed;
  if (pods.known && pods.value.some(isFlagged)) memory.rolling = true;
  const told = result.outcomes.some(({ step }) =>
    step.action.kind === "event" && step.action.note.id === "rollingUpdateDone"
  );
  if (told) memory.rolling = false;
}

/** What pods of the present template were made for, before it changes. */
function rememberImages(memory: ClusterMemory, { observed, desired }: PlanContext): void {
  const set = observedObject<StatefulSet>(observed.objects, refOf(desired.statefulSet));
  if (!observed.pods.known || !set.known || set.value === undefined) return;
  const image = templateImage(set.value);
  const uids = new Set(observed.pods.value.map(({ metadata }) => metadata.uid ?? ""));
  for (const uid of memory.madeFor.keys()) if (!uids.has(uid)) memory.madeFor.delete(uid);
  for (const pod of observed.pods.value) {
    const uid = pod.metadata.uid ?? "";
    if (image !== undefined && isOfCurrentTemplate(pod, set.value)) memory.madeFor.set(uid, image);
  }
}

/** Which Secrets could be written, and user names that were put beside passwords of others. */
function rememberSecrets(
  memory: ClusterMemory,
  { credentials }: PlanContext,
  outcomes: readonly StepOutcome[],
): void {
  for (const { step: { subject, action }, result } of outcomes) {
    const ref = subject === "credentials" ? writtenSecret(action) : undefined;
    if (ref === undefined || result === "skipped") continue;
    if (result === "done") memory.unwritten.delete(ref);
    else memory.unwritten.add(ref);
  }
  for (const { role, secret, password } of credentials.named) {
    const name = `${secret.namespace}/${secret.name}`;
    const written = outcomes.some(({ step: { action }, result }) =>
      result === "done" && writtenSecret(action) === name
    );
    if (written) memory.named.set(role, password);
  }
}

/** The Secret that an action writes, as `namespace/name`. */
function writtenSecret(action: Action): string | undefined {
  const ref = action.kind === "create" || action.kind === "replace"
    ? refOf(action.object)
    : action.kind === "patch"
    ? action.request.target
    : undefined;
  return ref?.kind === "Secret" ? `${ref.namespace}/${ref.name}` : undefined;
}

function rememberPatroni(
  memory: ClusterMemory,
  context: PlanContext,
  { plan, outcomes }: { readonly plan: Plan; readonly outcomes: readonly StepOutcome[] },
): void {
  const { patroni, pods } = context.observed;
  if (patroni === undefined || !patroni.known || !pods.known) return;
  const subjects = ["patroni config", "standby", "postgres restart"];
  const busy = plan.steps.some(({ subject }) => subjects.includes(subject)) ||
    plan.held.some(({ subject }) => subjects.includes(subject));
  if (busy) delete memory.patroniLook;
  else {
    const { desired, config } = context;
    const topic = { desired, pods: pods.value, roleLabel: config.podRoleLabel };
    memory.patroniLook = { fingerprint: patroniFingerprint(topic) };
  }
  rememberRestarts(memory, pods.value, { patroni: patroni.value, outcomes, now: context.now });
  const parameters = sentParameters(outcomes);
  if (parameters === undefined) return;
  const loopWait = Number(patroni.value.config["loop_wait"] ?? DEFAULT_LOOP_WAIT_S);
  memory.patroniUntilMs = context.now.getTime() + loopWait * 1000 + SETTLE_MARGIN_MS;
  const before = followedParameters(patroni.value.config);
  const changes = [...before].flatMap(([name, from]) =>
    Object.hasOwn(parameters, name) ? [{ from: String(from), to: Number(parameters[name]) }] : []
  );
  memory.restartPrimaryFirst = directionOf(changes) === "down";
  for (const [name, value] of Object.entries(parameters)) {
    if (value === null) memory.parameters.delete(name);
  }
}

/** Which server was restarted for which parameters. */
function rememberRestarts(
  memory: ClusterMemory,
  pods: readonly Pod[],
  { patroni, outcomes, now }: {
    readonly patroni: ObservedPatroni;
    readonly outcomes: readonly StepOutcome[];
    readonly now: Date;
  },
): void {
  const uids = new Set(pods.map(({ metadata }) => metadata.uid));
  for (const uid of memory.restarted.keys()) if (!uids.has(uid)) memory.restarted.delete(uid);
  for (const { step, result } of outcomes) {
    const { action } = step;
    if (result !== "done" || action.kind !== "patroni" || action.request.call !== "restart") {
      continue;
    }
    const pod = pods.find(({ metadata }) => metadata.name === action.pod.name);
    const made = { parameters: parametersOf(patroni), atMs: now.getTime() };
    memory.restarted.set(pod?.metadata.uid ?? "", made);
  }
}

/** A look at the databases that found nothing to do spares the next ones. */
function rememberCatalog(memory: ClusterMemory, context: PlanContext, plan: Plan): void {
  const { catalog, pods, objects, eventStreams } = context.observed;
  // What the primary runs with is to be asked.
  const waits = plan.held.some(({ subject, kind }) =>
    subject === "postgres restart" && kind === "waiting"
  );
  if (catalog === undefined && waits) delete memory.catalogLook;
  if (catalog === undefined || !pods.known) return;
  const subjects = ["roles", "databases", "pooler", "streams"];
  const busy = !catalog.known ||
    [...plan.steps, ...plan.held.filter(isPending)].some(({ subject }) =>
      subjects.includes(subject)
    );
  if (busy) {
    delete memory.catalogLook;
    return;
  }
  const { config, desired, effective } = context;
  const topic = { desired, effective, objects, eventStreams, pods: pods.value };
  const fingerprint = catalogFingerprint({ ...topic, roleLabel: config.podRoleLabel });
  const left = plan.held.filter(({ kind, subject }) =>
    kind === "left" && subjects.includes(subject)
  );
  memory.catalogLook = { fingerprint, left };
}

/** A look at the volumes that found nothing to do spares the next ones. */
function rememberVolumes(
  memory: ClusterMemory,
  { config, effective, observed }: PlanContext,
  plan: Plan,
): void {
  if (observed.ebsVolumes === undefined) return;
  const held = plan.held.filter(({ subject }) => subject === "volumes");
  const settled = held.every(({ kind }) => kind === "left");
  const busy = plan.steps.some(({ subject }) => subject === "volumes");
  if (busy || !settled) delete memory.volumeLook;
  else {
    const topic = { config, effective, claims: observed.claims, pods: observed.pods };
    memory.volumeLook = { fingerprint: volumeFingerprint(topic), held };
  }
}

/** Takes over how far an attempt at a major upgrade has come. */
function rememberUpgrade(
  memory: ClusterMemory,
  { observed, now }: PlanContext,
  outcomes: readonly StepOutcome[],
): void {
  const { patroni, pods } = observed;
  if (patroni?.known && pods.known) {
    const version = leadersOf(pods.value, patroni.value)[0]?.state.serverVersion;
    if (version !== undefined) memory.serverVersion = version;
  }
  const known = memory.upgrade?.attempt;
  if (known?.result === "ended" && known.sinceMs === undefined) {
    memory.upgrade = { awaited: false, attempt: { ...known, sinceMs: now.getTime() } };
  }
  const waits = outcomes.filter(({ step }) =>
    step.subject === "interrupted upgrade" && step.action.kind === "exec"
  );
  if (waits.length > 0 && waits.every(({ result }) => result === "done")) {
    memory.upgrade = { attempt: known, awaited: true };
  }
  for (const outcome of outcomes) {
    const { subject, action } = outcome.step;
    if (!UPGRADE_SUBJECTS.includes(subject) || outcome.result === "skipped") continue;
    const attempt = action.kind === "upgrade" ? attemptOf(outcome) : undefined;
    if (attempt !== undefined) memory.upgrade = { attempt, awaited: false };
    // The end of the attempt is written down now.
    const written = action.kind === "patch" && action.request.target.kind === "postgresql";
    if (written && outcome.result === "done") delete memory.upgrade;
  }
}

/** Undefined where the attempt did not begin. */
function attemptOf(outcome: StepOutcome): UpgradeAttempt | undefined {
  if (outcome.result === "done") return { result: "ended", message: "" };
  if (outcome.result !== "failed" || !(outcome.error instanceof UpgradeError)) return undefined;
  return { result: outcome.error.result, message: outcome.error.message };
}

/** Takes over what was done about a node that is being drained, until nothing has to leave one. */
function rememberMove(
  memory: ClusterMemory,
  { observed }: PlanContext,
  { plan, outcomes }: { readonly plan: Plan; readonly outcomes: readonly StepOutcome[] },
): void {
  const about = ({ subject }: { readonly subject: Subject }) => subject === "node move";
  if (!plan.steps.some(about) && !plan.held.some(about)) {
    memory.movedOff.clear();
    delete memory.scheduledMove;
    return;
  }
  for (const { step, result } of outcomes) {
    if (!about(step) || result !== "done") continue;
    const { action } = step;
    if (action.kind === "delete") {
      const pods = observed.pods.known ? observed.pods.value : [];
      const pod = pods.find(({ metadata }) => metadata.name === action.request.target.name);
      if (pod !== undefined) memory.movedOff.add(moveKey(pod));
    }
    if (action.kind !== "patroni" || action.request.call !== "switchover") continue;
    const { leader, scheduled_at: at } = action.request.body;
    if (at !== "") memory.scheduledMove = { leader, atMs: Date.parse(at.replace("+00", ":00Z")) };
  }
}

/** Parameters that Patroni took in this pass. */
function sentParameters(outcomes: readonly StepOutcome[]): Record<string, unknown> | undefined {
  for (const { step, result } of outcomes) {
    if (result !== "done" || step.action.kind !== "patroni") continue;
    const { request } = step.action;
    if (request.call !== "patchConfig") continue;
    const section = request.body["postgresql"] as { parameters?: Record<string, unknown> };
    if (section?.parameters !== undefined) return section.parameters;
  }
  return undefined;
}
