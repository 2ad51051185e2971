/** Keeps what a pass has learned for the next one; all of it may be lost without harm. */

import { catalogFingerprint, patroniFingerprint } from "./looks.ts";
import type { ClusterMemory } from "./memory.ts";
import { isFlagged } from "./observed/pods.ts";
import type { Plan, StepOutcome } from "./plan/action.ts";
import type { PlanContext } from "./plan/context.ts";
import { lowersOnly } from "./plan/patroni.ts";

const SETTLE_MARGIN_MS = 2000;
const DEFAULT_LOOP_WAIT_S = 10;

/** Takes over what the plan's outcomes say about Patroni and the pods. */
export function remember(
  memory: ClusterMemory,
  context: PlanContext,
  result: { readonly plan: Plan; readonly outcomes: readonly StepOutcome[] },
): void {
  rememberPatroni(memory, context, result);
  rememberCatalog(memory, context, result.plan);
  for (const slot of Object.keys(context.desired.patroni.slots)) memory.slots.add(slot);
  const { dynamicParameters } = context.effective.patroni;
  for (const name of Object.keys(dynamicParameters)) memory.parameters.add(name);
  const { pods } = context.observed;
  if (pods.known && pods.value.some(isFlagged)) memory.rolling = true;
  const told = result.outcomes.some(({ step }) =>
    step.action.kind === "event" && step.action.note.message.startsWith("Rolling update done")
  );
  if (told) memory.rolling = false;
}

function rememberPatroni(
  memory: ClusterMemory,
  context: PlanContext,
  { plan, outcomes }: { readonly plan: Plan; readonly outcomes: readonly StepOutcome[] },
): void {
  const { patroni, pods } = context.observed;
  if (patroni === undefined || !patroni.known || !pods.known) return;
  const subjects = ["patroni config", "standby"];
  const busy = plan.steps.some(({ subject }) => subjects.includes(subject)) ||
    plan.held.some(({ subject }) => subjects.includes(subject));
  if (busy) delete memory.patroniLook;
  else {
    const look = { desired: context.desired, pods: pods.value, memory, full: false, nowMs: 0 };
    const roleLabel = context.config.podRoleLabel;
    const fingerprint = patroniFingerprint({ ...look, roleLabel, statefulSet: undefined });
    memory.patroniLook = { fingerprint };
  }
  const parameters = sentParameters(outcomes);
  if (parameters === undefined) return;
  const loopWait = Number(patroni.value.config["loop_wait"] ?? DEFAULT_LOOP_WAIT_S);
  memory.patroniUntilMs = context.now.getTime() + loopWait * 1000 + SETTLE_MARGIN_MS;
  const section = patroni.value.config["postgresql"] as
    | { parameters?: Record<string, unknown> }
    | undefined;
  memory.restartPrimaryFirst = lowersOnly(parameters, section?.parameters ?? {});
  for (const [name, value] of Object.entries(parameters)) {
    if (value === null) memory.parameters.delete(name);
  }
}

/** A look at the databases that found nothing to do spares the next ones. */
function rememberCatalog(memory: ClusterMemory, context: PlanContext, plan: Plan): void {
  const { catalog, pods, objects, eventStreams } = context.observed;
  if (catalog === undefined || !pods.known) return;
  const subjects = ["roles", "databases", "pooler", "streams"];
  const busy = !catalog.known ||
    [...plan.steps, ...plan.held].some(({ subject }) => subjects.includes(subject));
  if (busy) {
    delete memory.catalogLook;
    return;
  }
  const { config, desired, effective } = context;
  const question = { config, desired, effective, objects, eventStreams, pods: pods.value, memory };
  const look = { statefulSet: undefined, full: false, nowMs: 0, roleLabel: config.podRoleLabel };
  memory.catalogLook = { fingerprint: catalogFingerprint({ ...question, ...look }) };
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
