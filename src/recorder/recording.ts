/**
 * A pass as it can be repeated elsewhere: everything that its plan was made of, as text, with secrets
 * hidden. The same values give the same plan, so that a plan can be explained, and tried with another
 * version, long after. Pure.
 */

import { brakeView, planPass } from "../cluster/pass/plan_pass.ts";
import type { BrakeLedger } from "../cluster/pass/memory.ts";
import { wishOf } from "../cluster/pass/brake.ts";
import { credentialPlan } from "../cluster/plan/credentials/credential_inputs.ts";
import { fingerprint } from "../cluster/plan/credentials/credentials.ts";
import { planCluster } from "../cluster/plan/plan_cluster.ts";
import { wishFor } from "../cluster/plan/pods/wish.ts";
import type { Plan } from "../cluster/plan/steps/action.ts";
import type { PlanContext } from "../cluster/plan/steps/context.ts";
import { hashOf } from "../cluster/plan/steps/mend.ts";
import { passwordsFrom } from "../cluster/plan/steps/passwords.ts";
import type { DesiredCluster } from "../cluster/desired/cluster.ts";
import type { Config } from "../config/config.ts";
import { planText } from "./plan_text.ts";
import { sealing } from "./seal.ts";
import { fromTagged, toTagged } from "./tagged.ts";

/** What a plan was made of, as it was then: whoever keeps it must not change it afterwards. */
export interface PlannedPass {
  readonly context: PlanContext;
  readonly brake: BrakeLedger;
  readonly plan: Plan;
}

/** What is kept of a pass. */
export interface Recording {
  readonly format: 1;
  /** Everything that the plan was made of, as `tagged.ts` writes it. */
  readonly input: unknown;
  /** The plan, as `plan_text.ts` writes it. */
  readonly plan: string;
}

type Inputs = Omit<PlanContext, "newPassword" | "passwords" | "credentials"> & {
  readonly passwords: Pick<PlanContext["passwords"], "left" | "answers">;
};

/** A copy that later passes do not change. */
export function snapshot({ context, brake, plan }: PlannedPass): PlannedPass {
  const memory = Object.fromEntries(
    Object.entries(context.memory).map(([key, value]) => [key, copied(value)]),
  ) as unknown as PlanContext["memory"];
  const ledger = Object.fromEntries(
    Object.entries(brake).map(([key, value]) => [key, copied(value)]),
  ) as unknown as BrakeLedger;
  return { context: { ...context, memory }, brake: ledger, plan };
}

function copied(value: unknown): unknown {
  if (value instanceof Map) return new Map(value);
  if (value instanceof Set) return new Set(value);
  return Array.isArray(value) ? [...value] : value;
}

/** What planners remember, and nothing of what only spares requests. */
const REMEMBERED = [
  ...["settledGeneration", "waitingSinceMs", "slots", "parameters", "podPasswords", "unwritten"],
  ...["named", "restartPrimaryFirst", "restarted", "rolling", "serverVersion", "upgrade"],
  ...["madeFor", "writes", "catalogLook", "volumeLook", "scheduledMove", "movedOff", "answers"],
];

function planMemory(memory: PlanContext["memory"]): PlanContext["memory"] {
  const kept = Object.entries(memory).filter(([key]) => REMEMBERED.includes(key));
  return Object.fromEntries(kept) as unknown as PlanContext["memory"];
}

/** Writes a pass down; `key` is random and of this process. */
export function recordingOf(pass: PlannedPass, key: Uint8Array): Recording {
  const { plan } = pass;
  const hashes = hashesFor(pass, key);
  let input = sealedInput(pass, key, hashes);
  const wishes = wishesThatCount(pass);
  if (wishes.size > 0) {
    for (const { object, wish } of mendsOf(planCluster(contextFrom(input)))) {
      const before = wishes.get(object);
      if (before !== undefined) hashes.set(before, wish);
    }
    input = sealedInput(pass, key, hashes);
  }
  return { format: 1, input, plan: planText(plan) };
}

/** The plan of a recording, made anew. @throws TypeError for what is no recording */
export function replayed({ input }: Pick<Recording, "input">): Plan {
  const context = contextFrom(input);
  const { brake } = partsOf(input);
  return planPass(context, brakeView(brake, context));
}

function sealedInput(
  { context, brake }: PlannedPass,
  key: Uint8Array,
  hashes: ReadonlyMap<string, string>,
): Record<string, unknown> {
  const { newPassword: _, credentials: __, passwords, memory, ...rest } = context;
  const { left, answers } = passwords;
  const input: Inputs = { ...rest, memory: planMemory(memory), passwords: { left, answers } };
  const rules = sealing({ key, hashes });
  return Object.fromEntries(
    Object.entries({ ...input, brake }).map(([part, value]) => [
      part,
      toTagged(value, rules, [{ key: part, element: false }]),
    ]),
  );
}

function partsOf(input: unknown): Inputs & { readonly brake: BrakeLedger } {
  return fromTagged(input) as Inputs & { readonly brake: BrakeLedger };
}

function contextFrom(input: unknown): PlanContext {
  const { brake: _, passwords: { left, answers }, ...rest } = partsOf(input);
  const made = [...rest.newPasswords];
  const newPassword = () => {
    const next = made.shift();
    if (next === undefined) throw new Error("the recording has no further password");
    return next;
  };
  const base = { ...rest, newPassword };
  return { ...base, credentials: credentialPlan(base), passwords: passwordsFrom(left, answers) };
}

/** What stands for hashes of what is hidden: the hash of what stands for it. */
function hashesFor({ context }: PlannedPass, key: Uint8Array): Map<string, string> {
  const { desired, config, credentials } = context;
  const hashes = new Map<string, string>();
  const hidden = <T>(value: T, part: string) =>
    fromTagged(toTagged(value, sealing({ key, hashes }), [{ key: part, element: false }])) as T;
  const after = wishesOf(hidden(desired, "desired"), config);
  wishesOf(desired, config).forEach((wish, at) => hashes.set(wish, after[at] ?? ""));
  for (const credential of credentials.credentials.values()) {
    if (credential.state !== "ready") continue;
    const { password } = credential;
    hashes.set(fingerprint(password), fingerprint(hidden(password, "")));
  }
  return hashes;
}

/** Hashes over what is built, which observed objects and the memory have too. */
function wishesOf(desired: DesiredCluster, config: Config): string[] {
  const wish = wishOf(desired);
  const { pods, all } = wishFor(desired.statefulSet, config.enableLazySpiloUpgrade);
  return [wish, pods, all, ...desired.poolers.map(({ deployment }) => hashOf(deployment))];
}

/** By object: hashes by which a plan tells that it has written the same before. */
function wishesThatCount({ context, plan }: PlannedPass): Map<string, string> {
  const { writes } = context.memory;
  const all = [...mendsOf(plan), ...plan.left ?? []];
  const known = all.filter(({ object, wish }) => writes.get(object)?.wish === wish);
  return new Map(known.map(({ object, wish }) => [object, wish]));
}

function mendsOf({ steps }: Plan): { readonly object: string; readonly wish: string }[] {
  return steps.flatMap(({ mends }) => mends ?? []);
}
