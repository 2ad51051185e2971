/** What every subject's planner gets, and what it returns. */

import type { Postgresql } from "../../../api/types.gen.ts";
import type { Config } from "../../../config/config.ts";
import type { Sensitive } from "../../../lib/sensitive.ts";
import type { DesiredCluster } from "../../desired/cluster.ts";
import type { EffectiveSpec } from "../../effective/spec.ts";
import type { PlanMemory } from "./memory.ts";
import type { ObservedCluster } from "../../observed/cluster.ts";
import type { Action, Asked, Effect, Held, HeldKind, Mend, Step } from "./action.ts";
import type { Subject } from "../../subject.ts";
import type { Credential, RotationCleanup } from "./credential.ts";
import type { ForeignObject } from "./foreign_object.ts";
import type { CheckedPasswords } from "./passwords.ts";
import type { Phase } from "./phase.ts";
import type { Turn } from "./turn.ts";
import type { ClusterEvent } from "../../events.ts";
import type { Reason } from "./action.ts";

export interface PlanContext {
  readonly cr: Postgresql;
  readonly config: Config;
  readonly effective: EffectiveSpec;
  readonly desired: DesiredCluster;
  readonly observed: ObservedCluster;
  readonly memory: PlanMemory;
  /** Whether the pass creates the cluster, brings a change to it, or only looks after it. */
  readonly phase: Phase;
  /** Whether pods may restart now for what their manifest did not ask; absent where they may always. */
  readonly turn?: Turn;
  /** Who logs in with what, and the steps that this needs. */
  readonly credentials: CredentialPlan;
  /** Manifests whose Secrets may meet ours. */
  readonly secretRivals: readonly Postgresql[];
  /** Names of this cluster's that others have. */
  readonly foreignObjects: readonly ForeignObject[];
  /** Those leave nothing of this cluster to be made. */
  readonly nothingPossible?: boolean;
  /** What was found out about passwords that are stored. */
  readonly passwords: CheckedPasswords;
  /** What the manifest asks for and cannot have, or what could not be read for it, by subject. */
  readonly refusals: readonly Held[];
  /** Objects that were looked up for the manifest, by version. */
  readonly sources: readonly Source[];
  /** Which operator plans, and with what. */
  readonly operator: PlanningOperator;
  readonly now: Date;
  /** Makes a new random password: 64 characters of [a-zA-Z0-9]. */
  readonly newPassword: () => Sensitive;
  /** Those that were made for the credentials of this plan, in order. */
  readonly newPasswords: readonly Sensitive[];
}

/** One object as it was looked up. */
export interface Source {
  /** `kind namespace/name`. */
  readonly object: string;
  readonly resourceVersion: string;
  /** Who wrote it last, and when, as `managedFields` say; absent where they do not tell. */
  readonly manager?: string;
  readonly time?: string;
}

export interface PlanningOperator {
  readonly version: string;
  /** What its configuration was read from; absent where it has the defaults. */
  readonly configuration?: Source;
}

export interface SubjectPlan {
  readonly steps: readonly Step[];
  readonly held: readonly Held[];
  readonly requeueAfterMs?: number;
}

/** The plan of the credentials, and what other subjects need to know of it. */
export interface CredentialPlan extends SubjectPlan {
  /** By role; also for roles whose Secret stays as it is. */
  readonly credentials: ReadonlyMap<string, Credential>;
  /** Secrets that get a user name beside the password that they had. */
  readonly named: readonly NamedSecret[];
  /** Former login roles that may be dropped once the database can be reached. */
  readonly cleanups: readonly RotationCleanup[];
  /** Changes that wait, and what for; nothing else of the plan waits for them. */
  readonly postponed: readonly string[];
}

/** A Secret that gets its user name, and a fingerprint of the password beside it. */
export interface NamedSecret {
  readonly role: string;
  readonly secret: { readonly namespace: string; readonly name: string };
  readonly password: string;
}

/** A subject with nothing to do. */
export const NOTHING: SubjectPlan = { steps: [], held: [] };

/** A subject that cannot go on. */
export function heldPlan(subject: Subject, kind: HeldKind, reason: string): SubjectPlan {
  return { steps: [], held: [{ subject, kind, reason }] };
}

/** Joins the plans of one subject; the shortest wait wins. */
export function joinPlans(plans: readonly SubjectPlan[]): SubjectPlan {
  const waits = plans.flatMap((plan) => plan.requeueAfterMs ?? []);
  return {
    steps: plans.flatMap((plan) => plan.steps),
    held: plans.flatMap((plan) => plan.held),
    ...(waits.length ? { requeueAfterMs: Math.min(...waits) } : {}),
  };
}

export interface StepOptions {
  readonly onError?: "stop" | "continue";
  readonly effect?: Effect;
  readonly mends?: Mend;
  readonly asked?: Asked;
}

/** One step; stops the plan on failure and touches no pod unless said otherwise. */
export function step(
  subject: Subject,
  reasons: readonly Reason[],
  action: Action,
  options: StepOptions = {},
): Step {
  const { onError = "stop", effect = "none", ...rest } = options;
  return { subject, reasons, action, onError, effect, ...rest };
}

/** A step that tells a person something; its failure never stops a plan. */
export function eventStep(subject: Subject, note: ClusterEvent): Step {
  return step(subject, [note.message], { kind: "event", note }, { onError: "continue" });
}
