/**
 * Whose an object is that has the name of one of ours. It is the cluster's own when its labels say
 * so and no other owner does; without them also when it is about our very pods: a workload that makes
 * them, a budget that protects them. Everything else is left as it is, and the subject that needs
 * the name is refused.
 *
 * The pods' ServiceAccount and RoleBinding are shared by all clusters of a namespace, and Secrets
 * that people made are used without being taken over.
 */

import type { Postgresql } from "../../../api/types.gen.ts";
import type {
  KubeObject,
  OwnerReference,
  PodDisruptionBudget,
} from "../../../kubernetes/types.gen.ts";
import { ownValue } from "../../../lib/own_value.ts";
import { describeRef, type ObjectRef, refOf } from "../../../ports/requests.ts";
import { RESOURCES } from "../../../ports/resources.gen.ts";
import { isOf, refTo } from "../../../ports/typed.ts";
import { basicRefs, namesCluster } from "../../desired/own_objects.ts";
import { observedObject } from "../../observed/cluster.ts";
import type { PlanContext } from "./context.ts";
import type { Subject } from "../../subject.ts";
import type { Held } from "./action.ts";
import type { ForeignObject } from "./foreign_object.ts";

/** What is known of a cluster before its plan is made. */
export type Claimant = Pick<PlanContext, "cr" | "config" | "effective" | "desired" | "observed">;

/** Subjects without whose objects a cluster cannot be made at all. */
const BASIC: readonly Subject[] = ["services", "patroni objects", "statefulset"];

/** What holds subjects back because the names they need belong to others. */
export function foreignRefusals(
  claimant: Claimant,
  foreignObjects: readonly ForeignObject[],
): {
  readonly held: readonly Held[];
  /** Nothing of the cluster may be made. */
  readonly everything: boolean;
} {
  const isBasic = ({ subject }: ForeignObject) => BASIC.includes(subject);
  const podless = isPodless(claimant) ||
    foreignObjects.some(({ ref }) => ref.kind === "StatefulSet");
  const held = foreignObjects.map((foreignObject): Held => ({
    subject: foreignObject.subject,
    kind: "refused",
    reason: foreignObject.reason,
    // Pods that run already need no new Service to be looked after.
    ...(isBasic(foreignObject) && foreignObject.subject !== "statefulset" ? { alone: true } : {}),
  }));
  return { held, everything: podless && foreignObjects.some(isBasic) };
}

/** True where the cluster has no StatefulSet. */
export function isPodless({ desired, observed }: Pick<Claimant, "desired" | "observed">): boolean {
  const set = observedObject(observed.objects, refOf(desired.statefulSet));
  return set.known && set.value === undefined;
}

/** Status words of clusters that have no pods yet. */
const NEW_WORDS: readonly string[] = ["", "Creating", "CreateFailed", "Invalid"];

/**
 * Names that other manifests come to as well, where those were there first or have a cluster
 * already. They count for a cluster that is still to be made.
 */
export function objectsOfRivals(
  { cr, config, effective }: Pick<Claimant, "cr" | "config" | "effective">,
  rivals: readonly Postgresql[],
): ForeignObject[] {
  const { namespace, name } = effective.identity;
  const own = new Set(basicRefs({ namespace, name }, config).map(describeRef));
  return rivals.filter((rival) =>
    isOlder(rival, cr) || !NEW_WORDS.includes(rival.status?.PostgresClusterStatus ?? "")
  ).flatMap((rival) => {
    const other = { namespace, name: rival.metadata.name ?? "" };
    const shared = basicRefs(other, config).find((ref) => own.has(describeRef(ref)));
    if (shared === undefined) return [];
    const reason = belongsTo(describeRef(shared), `${namespace}/${other.name}`);
    return [{ subject: "services", ref: refTo(RESOURCES.Postgresql, other), reason }];
  });
}

/** True for the manifest that was made first; of the same second, by namespace and name. */
export function isOlder(one: Postgresql, other: Postgresql): boolean {
  const age = ({ metadata: { creationTimestamp = "", namespace = "", name = "" } }: Postgresql) =>
    `${creationTimestamp} ${namespace}/${name}`;
  return age(one) < age(other);
}

/** Every object that has a name of this cluster's and belongs to somebody else. */
export function foreignObjectsOf(claimant: Claimant): ForeignObject[] {
  const { desired, observed } = claimant;
  const find = (subject: Subject, ref: ObjectRef, wanted?: KubeObject): ForeignObject[] => {
    const found = observedObject(observed.objects, ref);
    if (!found.known || found.value === undefined) return [];
    const reason = strangeness(found.value, wanted, claimant);
    return reason === undefined ? [] : [{ subject, ref, reason }];
  };
  const built = (subject: Subject, ...objects: readonly (KubeObject | undefined)[]) =>
    objects.flatMap((object) => object === undefined ? [] : find(subject, refOf(object), object));
  const { services, endpoints, statefulSet, disruptionBudgets, logicalBackup } = desired;
  return [
    ...built("services", services.primary, services.replica, endpoints),
    // With ConfigMaps Patroni makes no Service.
    ...desired.patroniObjects.refs.filter(({ kind }) => kind !== "Service" || endpoints)
      .flatMap((ref) => find("patroni objects", ref)),
    ...built("statefulset", statefulSet),
    ...built("disruption budgets", disruptionBudgets.primary, disruptionBudgets.criticalOperation),
    ...built("logical backup", logicalBackup),
    ...desired.poolers.flatMap(({ deployment, service, authSecret }) => {
      const { namespace = "", name = "" } = authSecret;
      return [
        ...built("pooler", deployment, service),
        ...find("pooler", refTo(RESOURCES.Secret, { namespace, name })),
      ];
    }),
  ];
}

/** True when an object that is there belongs to this cluster and may be changed or deleted. */
export function isOwn(object: KubeObject, claimant: Claimant): boolean {
  return namesCluster(object, claimant.effective.identity.name, claimant.config) &&
    strangeController(object, claimant) === undefined;
}

/** Why an object is not this cluster's; undefined where it is. `wanted` is what would be made. */
function strangeness(
  object: KubeObject,
  wanted: KubeObject | undefined,
  claimant: Claimant,
): string | undefined {
  const { clusterNameLabel } = claimant.config;
  const what = describeRef(refOf(object));
  const { namespace, name } = claimant.effective.identity;
  const cluster = ownValue(object.metadata.labels, clusterNameLabel);
  if (cluster !== undefined && cluster !== name) return belongsTo(what, `${namespace}/${cluster}`);
  const owner = strangeController(object, claimant);
  if (owner !== undefined) {
    return `${what} is controlled by ${owner.kind} ${owner.name}: ` +
      `delete it there, or give the cluster another metadata.name`;
  }
  if (cluster !== undefined || isAdoptable(object, wanted, claimant)) return undefined;
  return `${what} is not the operator's: it lacks the label ${clusterNameLabel}=${name}; ` +
    `delete it if nobody needs it, or give the cluster another metadata.name`;
}

/** Says of an object that it is another cluster's, and what to do. */
export function belongsTo(what: string, cluster: string): string {
  return `${what} belongs to cluster ${cluster}: give one of the clusters another metadata.name`;
}

/** The controller of an object where it is neither the manifest nor one of the manifest's owners. */
function strangeController(
  object: KubeObject,
  { cr }: Pick<Claimant, "cr">,
): OwnerReference | undefined {
  const controller = object.metadata.ownerReferences?.find((owner) => owner.controller === true);
  if (controller === undefined) return undefined;
  // One of that name made before has another uid; the garbage collector takes it away.
  const namesake = controller.kind === cr.kind && controller.name === cr.metadata.name;
  const known = cr.metadata.ownerReferences?.some(({ uid }) => uid === controller.uid);
  return namesake || known ? undefined : controller;
}

/** Without our label: what Kubernetes or Patroni makes for us, and what is about our very pods. */
function isAdoptable(
  object: KubeObject,
  wanted: KubeObject | undefined,
  claimant: Claimant,
): boolean {
  if (isOf(RESOURCES.Endpoints, object)) return hasOwnService(object, claimant);
  if (isOf(RESOURCES.PodDisruptionBudget, object)) return protectsPods(object, claimant);
  // Patroni's own objects are never changed without the label.
  if (wanted === undefined) return object.kind !== "Secret";
  const labels = podLabels(wanted);
  return labels !== undefined && sameMap(selectorOf(wanted), selectorOf(object)) &&
    Object.entries(selectorOf(wanted) ?? labels).every(([key, value]) =>
      ownValue(podLabels(object), key) === value
    );
}

/** Kubernetes makes Endpoints for every Service. */
function hasOwnService(endpoints: KubeObject, claimant: Claimant): boolean {
  const { namespace = "", name = "" } = endpoints.metadata;
  const ref = refTo(RESOURCES.Service, { namespace, name });
  const service = observedObject(claimant.observed.objects, ref);
  return service.known && service.value !== undefined && isOwn(service.value, claimant);
}

/** A budget for pods of this cluster and no others. */
function protectsPods({ spec }: PodDisruptionBudget, { effective }: Claimant): boolean {
  const selector = spec?.selector?.matchLabels;
  return Object.entries(effective.identity.labels.base).every(([key, value]) =>
    ownValue(selector, key) === value
  );
}

type Labels = Readonly<Record<string, string>>;

function selectorOf(object: KubeObject): Labels | undefined {
  const workload = isOf(RESOURCES.Deployment, object) || isOf(RESOURCES.StatefulSet, object);
  return workload ? object.spec?.selector?.matchLabels : undefined;
}

function podLabels(object: KubeObject): Labels | undefined {
  if (isOf(RESOURCES.Deployment, object) || isOf(RESOURCES.StatefulSet, object)) {
    return object.spec?.template?.metadata?.labels;
  }
  return isOf(RESOURCES.CronJob, object)
    ? object.spec?.jobTemplate?.spec?.template?.metadata?.labels
    : undefined;
}

function sameMap(a: Labels = {}, b: Labels = {}): boolean {
  return Object.keys(a).length === Object.keys(b).length &&
    Object.entries(a).every(([key, value]) => ownValue(b, key) === value);
}
