/**
 * Fields that come back after a write of ours are somebody else's: an admission policy that changes
 * what we send, or a controller that sets its own value. They are left to whoever sets them until
 * the wish for the object changes, and told once where the wish names another value. Pure.
 */

import type { FieldWrites } from "../plan/steps/memory.ts";
import type {
  Held,
  LeftField,
  Mend,
  MendedField,
  Plan,
  Step,
  StepOutcome,
} from "../plan/steps/action.ts";
import { overridden } from "../plan/steps/mend.ts";

/** Whoever sets a field again within this time after our write fights for it. */
export const COME_BACK_MS = 10 * 60_000;

type Writes = ReadonlyMap<string, FieldWrites>;

/** The plan without the steps that would only set again what others have set. */
export function leaveToOthers(plan: Plan, writes: Writes, nowMs: number): Plan {
  const left: LeftField[] = [];
  const held: Held[] = [];
  const steps = plan.steps.filter((step) => {
    const { mends } = step;
    if (mends === undefined || mends.differences.length === 0) return true;
    const before = writes.get(mends.object);
    if (before === undefined || before.wish !== mends.wish) return true;
    if (!mends.differences.every((field) => isOthers(field, mends, before, nowMs))) return true;
    const { object, wish } = mends;
    left.push(...mends.differences.map((field) => ({ ...field, object, wish })));
    held.push(...heldBack(step, mends.differences));
    return false;
  });
  if (left.length === 0) return plan;
  return { ...plan, steps, held: [...plan.held, ...held], left };
}

/** Notes what a pass wrote and what it left; `writes` is changed. */
export function noteWrites(
  writes: Map<string, FieldWrites>,
  plan: Plan,
  outcomes: readonly StepOutcome[],
  nowMs: number,
): void {
  for (const outcome of outcomes) {
    const { mends } = outcome.step;
    if (outcome.result !== "done" || mends === undefined) continue;
    const { object, wish, differences } = mends;
    const before = writes.get(object);
    const { generation } = outcome;
    writes.set(object, {
      wish,
      atMs: nowMs,
      ...(generation === undefined ? {} : { generation }),
      paths: new Set(differences.map(({ path }) => path)),
      left: before?.wish === wish ? before.left : new Set(),
    });
  }
  for (const { object, wish, path } of plan.left ?? []) {
    const known = writes.get(object);
    if (known?.wish === wish) known.left.add(path);
  }
}

/** True for a field that stands as it was stored at our own write, or that came back after it. */
function isOthers(
  { path }: MendedField,
  { generation }: Mend,
  before: FieldWrites,
  nowMs: number,
): boolean {
  if (before.left.has(path)) return true;
  // Nobody has written the spec since: what stands there is what became of our own request.
  if (path.startsWith("spec.") && generation !== undefined && generation === before.generation) {
    return true;
  }
  return before.paths.has(path) && nowMs - before.atMs < COME_BACK_MS;
}

/** Additions of others are theirs; only a value in the place of ours is worth telling. */
function heldBack({ subject, mends }: Step, fields: readonly MendedField[]): Held[] {
  const told = fields.filter(({ desired }) => desired !== undefined);
  return told.length === 0 ? [] : [overridden(subject, mends?.object ?? "", told)];
}
