/**
 * The plan of a pass: a list of subjects in order, each planned by itself. What a subject needs and
 * does not have holds it back; where later subjects rely on it, they are held back too.
 *
 * The order follows Zalando's Sync (pkg/cluster/sync.go), except that disruption budgets come before
 * the pods that they protect.
 */

import { isPending, type Plan, type Step } from "./steps/action.ts";
import type { Subject } from "../subject.ts";
import {
  eventStep,
  heldPlan,
  joinPlans,
  NOTHING,
  type PlanContext,
  type SubjectPlan,
} from "./steps/context.ts";
import { planDatabases } from "./databases/databases.ts";
import { observedObject } from "../observed/cluster.ts";
import { refOf } from "../../ports/requests.ts";
import { planFinalizer } from "./objects/finalizer.ts";
import { planNodeMove } from "./pods/node_move.ts";
import {
  planDisruptionBudgets,
  planLogicalBackup,
  planPatroniObjects,
  planServiceAccount,
  planServices,
} from "./objects/objects.ts";
import { planPatroniConfig } from "./pods/patroni.ts";
import { planPooler } from "./objects/pooler.ts";
import { planPostgresRestart } from "./pods/postgres_restart.ts";
import { planRollout } from "./pods/rollout.ts";
import { planRoles } from "./roles/plan_roles.ts";
import { planStandby } from "./pods/standby.ts";
import { planStatefulSet } from "./pods/statefulset.ts";
import { planStreams } from "./objects/streams.ts";
import { planInterruptedUpgrade, planUpgrade } from "./upgrade/plan_upgrade.ts";
import { planVolumes } from "./pods/volumes.ts";

interface Entry {
  readonly subject: Subject;
  readonly plan: (context: PlanContext) => SubjectPlan;
  /** Subjects that must be settled before this one is looked at. */
  readonly after?: readonly Subject[];
}

/** Subjects without which no pod and no database may be made or changed. */
const BASIS: readonly Subject[] = ["manifest", "services", "credentials", "interrupted upgrade"];

/** What has to be settled before pods are made anew. */
const BEFORE_ROLLOUT: readonly Subject[] = [
  ...BASIS,
  "standby",
  "statefulset",
  "patroni config",
  "postgres restart",
];

/** What a major upgrade may not overtake: everything about pods and what protects them. */
const BEFORE_UPGRADE: readonly Subject[] = [
  ...BASIS,
  "disruption budgets",
  "patroni objects",
  "volumes",
  "standby",
  "statefulset",
  "patroni config",
  "postgres restart",
  "rollout",
  "node move",
];

const ENTRIES: readonly Entry[] = [
  { subject: "finalizer", plan: planFinalizer },
  { subject: "service account", plan: planServiceAccount },
  { subject: "services", plan: planServices },
  { subject: "credentials", plan: planCredentialSteps },
  { subject: "disruption budgets", plan: planDisruptionBudgets, after: ["credentials"] },
  { subject: "patroni objects", plan: planPatroniObjects, after: ["credentials"] },
  { subject: "volumes", plan: planVolumes, after: ["credentials"] },
  { subject: "interrupted upgrade", plan: planInterruptedUpgrade },
  { subject: "standby", plan: planStandby, after: BASIS },
  { subject: "statefulset", plan: planStatefulSet, after: [...BASIS, "standby"] },
  { subject: "patroni config", plan: planPatroniConfig, after: BASIS },
  // Not before it is known which pods are made anew: those restart by that.
  {
    subject: "postgres restart",
    plan: planPostgresRestart,
    after: [...BASIS, "standby", "statefulset", "patroni config"],
  },
  { subject: "rollout", plan: planRollout, after: BEFORE_ROLLOUT },
  {
    subject: "node move",
    plan: planNodeMove,
    after: [...BEFORE_ROLLOUT, "volumes", "rollout"],
  },
  { subject: "logical backup", plan: planLogicalBackup, after: ["credentials", "statefulset"] },
  // One Secret that is not settled, or pods that are being replaced, hold up no other role.
  { subject: "roles", plan: planRoles, after: ["manifest", "interrupted upgrade"] },
  { subject: "databases", plan: planDatabases, after: ["manifest", "interrupted upgrade"] },
  { subject: "pooler", plan: planPooler, after: [...BASIS, "statefulset"] },
  { subject: "streams", plan: planStreams, after: [...BASIS, "statefulset"] },
  { subject: "major upgrade", plan: planUpgrade, after: BEFORE_UPGRADE },
];

/** The steps of the credentials; those of a cluster that has no pods yet are told by an Event. */
function planCredentialSteps(context: PlanContext): SubjectPlan {
  const { credentials, phase } = context;
  const set = observedObject(context.observed.objects, refOf(context.desired.statefulSet));
  const podless = set.known && set.value === undefined;
  if (phase !== "creation" || !podless || credentials.held.length > 0) return credentials;
  const message = "The secrets have been successfully created";
  const note = eventStep("credentials", { type: "Normal", reason: "Secrets", message });
  return { ...credentials, steps: [...credentials.steps, note] };
}

/** Plans everything that a cluster needs now. */
export function planCluster(context: PlanContext): Plan {
  const done = new Map<Subject, SubjectPlan>();
  for (const entry of ENTRIES) done.set(entry.subject, planEntry(entry, context, done));
  const joined = joinPlans([...done.values()]);
  const { namespace, name, generation } = context.effective.identity;
  const requeue = joined.requeueAfterMs;
  return {
    key: `${namespace}/${name}`,
    generation,
    steps: joined.steps,
    held: joined.held,
    ...(requeue === undefined ? {} : { requeueAfterMs: requeue }),
  };
}

function planEntry(
  entry: Entry,
  context: PlanContext,
  done: ReadonlyMap<Subject, SubjectPlan>,
): SubjectPlan {
  const refused = context.refusals.filter(({ subject }) => subject === entry.subject);
  if (refused.length > 0) return { steps: [], held: refused };
  const before = (entry.after ?? []).find((subject) => blocks(done.get(subject)));
  if (before !== undefined) return heldPlan(entry.subject, "waiting", `after ${before}`);
  return entry.plan(context);
}

/** A subject blocks later ones while it is held back or still changes something. */
function blocks(plan: SubjectPlan | undefined): boolean {
  if (plan === undefined || plan === NOTHING) return false;
  return plan.held.some(isPending) || plan.steps.some(disturbs);
}

function disturbs(step: Step): boolean {
  return step.effect !== "none";
}
