/**
 * The connection poolers: Deployment, Service and user list of each wanted one, the removal of
 * those no longer wanted, and pods that have to follow.
 *
 * Zalando: pkg/cluster/connection_pooler.go, syncConnectionPooler
 */

import type { KubeObject, ObjectMeta, Pod, Secret } from "../../../kubernetes/types.gen.ts";
import { encodeBase64 } from "../../../lib/base64.ts";
import { known, type Observation, unknown } from "../../../ports/observation.ts";
import type { Sensitive } from "../../../lib/sensitive.ts";
import type { DesiredPooler } from "../../desired/cluster.ts";
import { observedObject } from "../../observed/cluster.ts";
import { isFlagged, isTerminating } from "../../observed/pods.ts";
import { describeRef, refOf } from "../../../ports/requests.ts";
import type { Action, Step } from "../steps/action.ts";
import { comparePoolerDeployment, type DeploymentScope } from "../compare/deployment.ts";
import { ownersKept } from "../compare/metadata.ts";
import { compareUserList, holdsUserList, USER_LIST_KEY } from "../compare/secret.ts";
import {
  heldPlan,
  joinPlans,
  NOTHING,
  type PlanContext,
  step,
  type SubjectPlan,
} from "../steps/context.ts";
import { hashOf, mendOf } from "../steps/mend.ts";
import { ensureObject } from "./ensure.ts";
import { ensureService } from "./service_annotations.ts";
import { planFixedFields } from "./fixed_fields.ts";
import { planAbsence } from "./objects.ts";
import { planPoolerLookup } from "../databases/pooler_lookup.ts";
import { unquotedSchemaProblem } from "../../sql/unquoted.ts";
import { userList, type UserListEntry } from "../compare/user_list.ts";

const SUBJECT = "pooler";

/** Plans all poolers of a cluster. */
export function planPooler(context: PlanContext): SubjectPlan {
  const { poolers } = context.desired;
  const absence = planAbsence(context, SUBJECT, "Deployment", "Service", "Secret");
  if (poolers.length === 0) return absence;
  const problem = schemaProblem(context);
  if (problem !== undefined) return joinPlans([absence, heldPlan(SUBJECT, "refused", problem)]);
  const lists = userListsOf(context);
  if (!lists.known) return joinPlans([absence, heldPlan(SUBJECT, "waiting", lists.reason)]);
  return joinPlans([
    planPoolerLookup(context),
    ...poolers.map((pooler) => planOne(context, pooler, lists.value)),
    ...poolers.map((pooler) => awaitPods(context, pooler)),
    absence,
    flaggedPods(context),
  ]);
}

interface UserLists {
  readonly wanted: Sensitive;
  /** As Zalando's operator has it: without a system role that the pods log in as. */
  readonly former: Sensitive;
}

/** Why the pooler's image could not ask for the look-up function, with the field to change. */
function schemaProblem({ cr, effective }: PlanContext): string | undefined {
  const { schema } = effective.pooler;
  const problem = unquotedSchemaProblem(schema);
  if (problem === undefined) return undefined;
  const field = cr.spec.connectionPooler?.schema
    ? "spec.connectionPooler.schema"
    : "connection_pooler_schema of the configuration";
  return `${field}: ${
    JSON.stringify(schema)
  } cannot be used, because the pooler names its schema ` +
    `without quotes: ${problem}`;
}

/**
 * The pooler's own role, whoever its pods log in as, and infrastructure roles, which may see its
 * statistics.
 */
function userListsOf(context: PlanContext): Observation<UserLists> {
  const entry = (role: string): UserListEntry | undefined => {
    const credential = context.credentials.credentials.get(role);
    return credential?.state === "ready" ? credential : undefined;
  };
  const { user, podUser } = context.effective.pooler;
  const [own, pods] = [entry(user), entry(podUser)];
  if (own === undefined || pods === undefined) {
    const missing = own === undefined ? user : podUser;
    return unknown(`the credentials of role ${missing} are not settled`);
  }
  const others = context.desired.roles
    .filter(({ name, origin }) => origin === "infrastructure" && name !== podUser)
    .flatMap(({ name }) => entry(name) ?? []);
  return known({
    wanted: userList(own, user === podUser ? others : [pods, ...others]),
    former: userList(own, others),
  });
}

function planOne(context: PlanContext, pooler: DesiredPooler, lists: UserLists): SubjectPlan {
  const { config } = context;
  // A pooler that nobody has changed the manifest of is compared by what Zalando's operator acts
  // on, so that a take-over restarts no pooler.
  const { settledGeneration } = context.memory;
  const { generation } = context.cr.metadata;
  const changed = context.phase === "update" ||
    (settledGeneration !== undefined && settledGeneration !== generation);
  const scope: DeploymentScope = changed || isFoughtFor(context, pooler)
    ? "everything"
    : "triggers";
  return joinPlans([
    planUserList(context, pooler, changed ? { ...lists, former: lists.wanted } : lists),
    ensureObject(SUBJECT, pooler.deployment, context, {
      compare: (desired, observed) => comparePoolerDeployment(desired, observed, { config, scope }),
    }),
    ensureService(SUBJECT, pooler.service, context),
    planFixedFields(SUBJECT, [pooler.service], context),
  ]);
}

/** A pooler counts once one of its pods takes connections. */
function awaitPods({ observed }: PlanContext, { deployment }: DesiredPooler): SubjectPlan {
  const { poolerPods } = observed;
  if (!poolerPods.known) return heldPlan(SUBJECT, "unreadable", poolerPods.reason);
  const wanted = Object.entries(deployment.spec?.selector.matchLabels ?? {});
  const up = poolerPods.value.some((pod) =>
    wanted.every(([key, value]) => pod.metadata.labels?.[key] === value) &&
    pod.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True")
  );
  if (up || deployment.spec?.replicas === 0) return NOTHING;
  const name = deployment.metadata.name;
  return heldPlan(SUBJECT, "waiting", `waiting for a pod of ${name} to become ready`);
}

/** What others set is told for as long as they do. */
function isFoughtFor({ memory }: PlanContext, { deployment }: DesiredPooler): boolean {
  const written = memory.writes.get(describeRef(refOf(deployment)));
  return (written?.left.size ?? 0) > 0 && written?.wish === hashOf(deployment);
}

/** A list that the reference made stays until the manifest changes: a take-over writes nothing. */
function planUserList(context: PlanContext, pooler: DesiredPooler, lists: UserLists): SubjectPlan {
  const ref = refOf({ apiVersion: "v1", kind: "Secret", metadata: pooler.authSecret });
  const observed = observedObject<Secret>(context.observed.objects, ref);
  const asFormer = observed.known && observed.value !== undefined &&
    holdsUserList(observed.value, lists.former);
  const list = asFormer ? lists.former : lists.wanted;
  const secret: Secret = {
    apiVersion: "v1",
    kind: "Secret",
    metadata: pooler.authSecret,
    type: "Opaque",
    data: { [USER_LIST_KEY]: encodeBase64(list.reveal()) },
  };
  if (!observed.known) return heldPlan(SUBJECT, "unreadable", observed.reason);
  const name = `Secret ${secret.metadata.namespace}/${secret.metadata.name}`;
  if (observed.value === undefined) {
    const action = { kind: "create", object: secret } as const;
    return { steps: [step(SUBJECT, [`${name} is missing`], action)], held: [] };
  }
  const wanted = { metadata: pooler.authSecret, userList: list };
  const differences = compareUserList(wanted, observed.value, context.config);
  if (differences.length === 0) return NOTHING;
  const action = { kind: "replace", object: { ...secret, metadata: kept(secret, observed.value) } };
  const mends = mendOf(refOf(secret), secret, observed.value, differences);
  return { steps: [step(SUBJECT, differences, action as Action, { mends })], held: [] };
}

/** The metadata of an object that is written as a whole: what others put there stays. */
function kept({ metadata }: KubeObject, { metadata: present }: KubeObject): ObjectMeta {
  const { resourceVersion, labels, annotations, finalizers } = present;
  return {
    ...metadata,
    ...(finalizers === undefined ? {} : { finalizers }),
    ...ownersKept(metadata, present),
    ...(labels || metadata.labels ? { labels: { ...labels, ...metadata.labels } } : {}),
    ...(annotations || metadata.annotations
      ? { annotations: { ...annotations, ...metadata.annotations } }
      : {}),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  };
}

/** Pooler pods that hold a rotated password are deleted; their Deployment makes new ones. */
function flaggedPods({ observed }: PlanContext): SubjectPlan {
  const { poolerPods } = observed;
  if (!poolerPods.known) return NOTHING;
  const flagged = poolerPods.value.filter((pod) => isFlagged(pod) && !isTerminating(pod));
  return { steps: flagged.map(deletion), held: [] };
}

function deletion(pod: Pod): Step {
  const { uid } = pod.metadata;
  const request = {
    target: refOf(pod),
    propagation: "Background",
    ...(uid === undefined ? {} : { preconditions: { uid } }),
  } as const;
  return step(SUBJECT, [`recreate ${pod.metadata.name}: marked for a restart`], {
    kind: "delete",
    request,
  });
}
