/**
 * Passwords that pods hold as variables, and their Secrets no longer: somebody changed the Secret by
 * hand. The database follows at once; a pod takes over a variable only when it starts. What was found
 * to agree once, or was marked for, is remembered by the Secret's version, so that pods are not made
 * again for a password that was changed in the database only. See `credentials.md`.
 */

import type { Pod } from "../../../kubernetes/types.gen.ts";
import type { DesiredRole } from "../../desired/roles/role.ts";
import { observedOf } from "../../observed/cluster.ts";
import { describeRef, refOf } from "../../../ports/requests.ts";
import { RESOURCES } from "../../../ports/resources.gen.ts";
import type { Step, StepOutcome } from "../steps/action.ts";
import type { PlanContext } from "../steps/context.ts";
import { restartMarks } from "../credentials/secret_steps.ts";

/** A password that pods get as a variable. */
export interface PodPassword {
  readonly role: DesiredRole;
  /** Version of its Secret. */
  readonly version: string;
  /** Whether the database lets it in. */
  readonly state: "in use" | "changed";
}

/** All of them that can be told about; those whose Secret is not settled are left out. */
function podPasswords(context: PlanContext): PodPassword[] {
  const held = context.desired.roles.filter(({ origin }) =>
    origin === "system" || origin === "pooler"
  );
  return held.flatMap((role) => {
    const version = secretVersion(context, role.name);
    const state = stateOf(context, role.name);
    return version !== undefined && state !== undefined ? [{ role, version, state }] : [];
  });
}

function stateOf(
  { credentials, observed: { catalog }, config, passwords }: PlanContext,
  name: string,
): PodPassword["state"] | undefined {
  const credential = credentials.credentials.get(name);
  if (credential?.state !== "ready" || credential.username !== name) return undefined;
  if (catalog === undefined) return undefined;
  if (!catalog.known) {
    return catalog.lockedOut && name === config.superUsername ? "changed" : undefined;
  }
  const verifier = catalog.value.roles.get(name)?.verifier;
  if (verifier === undefined) return undefined;
  const fits = passwords.fits(credential, verifier);
  return fits === undefined ? undefined : fits ? "in use" : "changed";
}

function secretVersion({ desired, observed }: PlanContext, role: string): string | undefined {
  const credential = desired.credentials.find((each) => each.role === role);
  if (credential === undefined) return undefined;
  const secret = observedOf(observed.objects, RESOURCES.Secret, credential.secret);
  return secret.known ? secret.value?.metadata.resourceVersion : undefined;
}

/**
 * The role of a pod's password that the database has yet to take over, in the first pass that sees
 * it. A pod that was recreated before would be marked again by whoever comes after a kill.
 */
export function unfollowedPassword(context: PlanContext): string | undefined {
  if (context.observed.catalog?.known !== true) return undefined;
  return podPasswords(context).find(({ role, version, state }) =>
    role.origin === "system" && state === "changed" &&
    context.memory.podPasswords.get(role.name) !== version
  )?.role.name;
}

/** Marks the pods that started with another password. Comes before the database follows. */
export function podPasswordMarks(context: PlanContext): Step[] {
  const marked = new Set(
    context.credentials.steps.flatMap(({ action }) =>
      action.kind === "patch" ? [describeRef(action.request.target)] : []
    ),
  );
  return podPasswords(context)
    .filter(({ role, version, state }) =>
      state === "changed" && context.memory.podPasswords.get(role.name) !== version
    )
    .flatMap(({ role }) => {
      const pods = podsWith(context, role).filter((pod) => !marked.has(describeRef(refOf(pod))));
      for (const pod of pods) marked.add(describeRef(refOf(pod)));
      return restartMarks(pods, `the Secret of role ${role.name} was changed`, "roles");
    });
}

/**
 * Passwords that the pods have, or are marked to get, after a plan was carried out. One that was cut
 * short before it came to all marks marks again.
 */
export function settledPodPasswords(
  context: PlanContext,
  outcomes: readonly StepOutcome[],
): PodPassword[] {
  const patched = new Set(
    outcomes.flatMap(({ step: { action }, result }) =>
      result === "done" && action.kind === "patch" ? [describeRef(action.request.target)] : []
    ),
  );
  const marked = podPasswordMarks(context).every(({ action }) =>
    action.kind === "patch" && patched.has(describeRef(action.request.target))
  );
  return podPasswords(context).filter(({ state }) => state === "in use" || marked);
}

/** Both lists come from one reading; without it nobody has asked the database either. */
function podsWith({ observed }: PlanContext, { origin }: DesiredRole): readonly Pod[] {
  const pods = origin === "pooler" ? observed.poolerPods : observed.pods;
  return pods.known ? pods.value : [];
}
