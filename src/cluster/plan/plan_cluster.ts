/**
 * The plan of a pass: a list of subjects in order, each planned by itself. What a subject needs and
 * does not have holds it back; where later subjects rely on it, they are held back too.
 *
 * The order follows Zalando's Sync (pkg/cluster/sync.go), except that disruption budgets come before
 * the pods that they protect.
 */

import { RESOURCES } from "../../ports/resources.gen.ts";
import { observedOf } from "../observed/cluster.ts";
import { type Held, isPending, type Plan, type Step } from "./steps/action.ts";
import { isNew } from "./steps/new_cluster.ts";
import type { Subject } from "../subject.ts";
import {
  heldPlan,
  joinPlans,
  NOTHING,
  type PlanContext,
  type SubjectPlan,
} from "./steps/context.ts";
import { planDatabases } from "./databases/databases.ts";
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
import { withRequests } from "./requests/plan_requests.ts";
import { withSuccessors } from "./pods/successor.ts";
import { planStandby } from "./pods/standby.ts";
import { planStatefulSet } from "./pods/statefulset.ts";
import { planStreams } from "./objects/streams.ts";
import { planInterruptedUpgrade, planUpgrade } from "./upgrade/plan_upgrade.ts";
import { inTurn } from "./pods/wave.ts";
import { planVolumes } from "./pods/volumes.ts";

interface Entry {
  readonly subject: Subject;
  readonly plan: (context: PlanContext) => SubjectPlan;
  /** Subjects that must be settled before this one is looked at. */
  readonly after?: readonly Subject[];
}

/** Subjects without which no pod and no database may be made or changed. */
const BASIS: readonly Subject[] = ["manifest", "services", "credentials", "interrupted upgrade"];

/** What has to be settled before pods are recreated. */
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
  {
    subject: "statefulset",
    plan: (context) => inTurn("statefulset", planStatefulSet(context), context),
    after: [...BASIS, "standby"],
  },
  { subject: "patroni config", plan: planPatroniConfig, after: BASIS },
  // Not before it is known which pods are recreated: those restart by that.
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
  {
    subject: "major upgrade",
    plan: (context) => inTurn("major upgrade", planUpgrade(context), context),
    after: BEFORE_UPGRADE,
  },
];

/** Subjects whose failed steps stop more than what comes after them. */
const CARRIERS: ReadonlyMap<Subject, readonly Subject[] | "everything"> = new Map<
  Subject,
  readonly Subject[] | "everything"
>([
  // Nothing is made that its deletion would not take along.
  ["finalizer", "everything"],
  ["service account", ["statefulset"]],
  // A password is in its Secret before anybody else knows it.
  ["credentials", ["roles", "databases", "pooler", "streams"]],
  // The reference recreates no pods while their volumes cannot be grown.
  ["volumes", ["statefulset"]],
  // A cluster is never without what protects its pods.
  ["disruption budgets", ["statefulset"]],
]);

/** True when the steps of a subject need those of another to have succeeded. */
export function relies(subject: Subject, on: Subject): boolean {
  if (subject === on) return true;
  const carried = CARRIERS.get(on) ?? [];
  if (carried === "everything" || carried.includes(subject)) return true;
  const { after = [] } = ENTRIES.find((entry) => entry.subject === subject) ?? {};
  return after.includes(on) || after.some((before) => relies(before, on));
}

/**
 * True when two steps may be performed at the same time: both create an object of one subject. Of
 * two subjects the earlier one may find a name taken, and then the later one must not have begun.
 */
export function independent(step: Step, other: Step): boolean {
  return step.subject === other.subject && step.action.kind === "create" &&
    other.action.kind === "create";
}

/** What a running cluster cannot have of its users is told, and the others go on. */
function planCredentialSteps(context: PlanContext): SubjectPlan {
  const { credentials } = context;
  if (isNew(context)) return credentials;
  return { ...credentials, held: [...refusedOf("credentials", context), ...credentials.held] };
}

/** Plans everything that a cluster needs now. */
export function planCluster(context: PlanContext): Plan {
  const { namespace, name, generation } = context.effective.identity;
  const key = `${namespace}/${name}`;
  if (context.nothingPossible) return { key, generation, steps: [], held: context.refusals };
  const done = new Map<Subject, SubjectPlan>();
  for (const entry of ENTRIES) done.set(entry.subject, planEntry(entry, context, done));
  const joined = joinPlans([...done.values()]);
  const requeue = joined.requeueAfterMs;
  return withRequests(context, {
    key,
    generation,
    steps: withSuccessors(context, joined.steps),
    held: joined.held,
    ...(requeue === undefined ? {} : { requeueAfterMs: requeue }),
  });
}

function planEntry(
  entry: Entry,
  context: PlanContext,
  done: ReadonlyMap<Subject, SubjectPlan>,
): SubjectPlan {
  const { subject } = entry;
  const refused = refusedOf(subject, context);
  const goesOn = subject === "credentials" && !isNew(context);
  if (refused.length > 0 && !goesOn) return { steps: [], held: refused };
  const before = (entry.after ?? []).find((other) => blocks(other, context, done));
  if (before !== undefined) return heldPlan(entry.subject, "waiting", `after ${before}`);
  return entry.plan(context);
}

/** What the manifest asks of a subject and cannot have. */
function refusedOf(subject: Subject, { refusals, desired }: PlanContext): Held[] {
  const refused = refusals.filter((refusal) => refusal.subject === subject);
  if (subject !== "credentials") return refused;
  const wrong = desired.roleProblems.filter(({ severity, origin }) =>
    severity === "error" && origin === "bootstrap"
  );
  return [
    ...refused,
    ...wrong.map(({ message }) => ({ subject, kind: "refused" as const, reason: message })),
  ];
}

/**
 * A subject blocks later ones while it is held back or still changes something. Of the credentials of
 * a running cluster only those count that its pods start with.
 */
function blocks(
  subject: Subject,
  context: PlanContext,
  done: ReadonlyMap<Subject, SubjectPlan>,
): boolean {
  const plan = done.get(subject);
  if (plan === undefined || plan === NOTHING) return false;
  if (plan.steps.some(touchesRunning)) return true;
  return subject === "credentials" && !isNew(context)
    ? !hasPodSecrets(context)
    : plan.held.some((held) => isPending(held) && held.alone !== true);
}

/** Whether the Secrets are there that pods get superuser and replication role from, and will stay. */
function hasPodSecrets({ config, desired, observed }: PlanContext): boolean {
  const roles = [config.superUsername, config.replicationUsername];
  return desired.credentials.filter(({ role }) => roles.includes(role)).every(({ secret }) => {
    const found = observedOf(observed.objects, RESOURCES.Secret, secret);
    return found.known && found.value !== undefined &&
      found.value.metadata.deletionTimestamp === undefined;
  });
}

function touchesRunning(step: Step): boolean {
  return step.effect !== "none";
}
