/**
 * How the objects of one cluster are known: kinds and names that follow from the cluster's name, and
 * labels. Whoever deletes an object asks both.
 */

import type { Config } from "../../config/config.ts";
import type { KubeObject, StatefulSet } from "../../kubernetes/types.gen.ts";
import { ownValue } from "../../lib/own_value.ts";
import { type ResourceInfo, RESOURCES } from "../../ports/resources.gen.ts";
import type { ObjectRef } from "../../ports/requests.ts";
import { type Namespaced, refTo } from "../../ports/typed.ts";
import {
  credentialSecretPattern,
  criticalOperationBudgetName,
  DATA_VOLUME,
  logicalBackupName,
  patroniObjectName,
  poolerAuthSecretName,
  poolerName,
  POSTGRES_CONTAINER,
  primaryBudgetName,
  serviceName,
} from "./names.ts";
import { POOLER_APPLICATION } from "./pooler/labels.ts";
import { STATE_SUFFIXES } from "./services/patroni_objects.ts";
import { patroniUsesConfigMaps } from "./services/services.ts";

const ROLES = ["primary", "replica"] as const;

/** True where an object's name is one that the cluster may have. */
type NameRule = (name: string) => boolean;

/** True when kind and name of an object are such that it may belong to the cluster. */
export function mayBelong(ref: ObjectRef, cluster: string, config: Config): boolean {
  return nameRules(cluster, config).some(([{ apiVersion, kind }, fits]) =>
    ref.kind === kind && ref.apiVersion === apiVersion && fits(ref.name)
  );
}

function nameRules(
  cluster: string,
  config: Config,
): readonly (readonly [Pick<ResourceInfo, "apiVersion" | "kind">, NameRule])[] {
  const one = (...names: readonly string[]): NameRule => (name) => names.includes(name);
  const services = ROLES.map((role) => serviceName(cluster, role));
  const poolers = ROLES.map((role) => poolerName(cluster, role));
  const lists = ROLES.map((role) => poolerAuthSecretName(cluster, role));
  const state = STATE_SUFFIXES.map((suffix) => patroniObjectName(cluster, suffix));
  const credentials = credentialSecretPattern(cluster, config);
  return [
    [RESOURCES.StatefulSet, one(cluster)],
    [RESOURCES.Pod, numbered(cluster)],
    [RESOURCES.PersistentVolumeClaim, numbered(`${DATA_VOLUME}-${cluster}`)],
    [RESOURCES.Service, one(...services, ...poolers, patroniObjectName(cluster, "config"))],
    [RESOURCES.Endpoints, one(...services, ...state)],
    [RESOURCES.ConfigMap, one(...state)],
    [RESOURCES.Secret, (name) => lists.includes(name) || credentials.test(name)],
    [
      RESOURCES.PodDisruptionBudget,
      one(primaryBudgetName(cluster, config), criticalOperationBudgetName(cluster)),
    ],
    [RESOURCES.CronJob, one(logicalBackupName(cluster, config))],
    [RESOURCES.Deployment, one(...poolers)],
    [RESOURCES.FabricEventStream, (name) => name.startsWith(`${cluster}-`)],
  ];
}

function numbered(prefix: string): NameRule {
  return (name) => name.startsWith(`${prefix}-`) && /^\d+$/.test(name.slice(prefix.length + 1));
}

/** True when an object carries the label with the cluster's name. */
export function namesCluster(
  object: KubeObject,
  cluster: string,
  { clusterNameLabel }: Pick<Config, "clusterNameLabel">,
): boolean {
  return ownValue(object.metadata.labels, clusterNameLabel) === cluster;
}

/** True when an object carries every label by which the cluster's objects are found. */
export function labelledFor(
  object: KubeObject,
  cluster: string,
  config: Pick<Config, "clusterLabels" | "clusterNameLabel">,
): boolean {
  const { labels } = object.metadata;
  const pooler: Readonly<Record<string, string>> = POOLER_APPLICATION;
  return namesCluster(object, cluster, config) &&
    Object.entries(config.clusterLabels).every(([key, value]) => {
      const found = ownValue(labels, key);
      return found === value || (found !== undefined && found === ownValue(pooler, key));
    });
}

const NAME_ENDS = ["repl", ...STATE_SUFFIXES];

/** Names of clusters that could want a name of this one's Services or of its Patroni's state. */
export function rivalNames(cluster: string): string[] {
  return NAME_ENDS.flatMap((end) => [
    `${cluster}-${end}`,
    ...(cluster.endsWith(`-${end}`) ? [cluster.slice(0, -end.length - 1)] : []),
  ]);
}

/** What a cluster has from its Services and its Patroni as soon as it runs, and may have later. */
export function basicRefs({ namespace, name }: Namespaced, config: Config): ObjectRef[] {
  const state = STATE_SUFFIXES.map((suffix) => patroniObjectName(name, suffix));
  const services = ROLES.map((role) => serviceName(name, role));
  const of = (resource: Pick<ResourceInfo, "apiVersion" | "kind">, names: readonly string[]) =>
    names.map((one) => refTo(resource, { namespace, name: one }));
  if (patroniUsesConfigMaps(config)) {
    return [...of(RESOURCES.Service, services), ...of(RESOURCES.ConfigMap, state)];
  }
  return [
    ...of(RESOURCES.Service, [...services, patroniObjectName(name, "config")]),
    ...of(RESOURCES.Endpoints, [...services, ...state]),
  ];
}

/**
 * True for a StatefulSet as the operator makes them: named like the cluster that its labels name,
 * selecting pods by all of these labels, with Patroni's scope of the same name, and controlled by
 * nothing but a manifest.
 */
export function isClusterStatefulSet(set: StatefulSet, config: Config): boolean {
  const { name = "", ownerReferences = [] } = set.metadata;
  const controller = ownerReferences.find(({ controller }) => controller === true);
  const selector = set.spec?.selector?.matchLabels ?? {};
  const labels = { ...config.clusterLabels, [config.clusterNameLabel]: name };
  const postgres = set.spec?.template?.spec?.containers.find(({ name }) =>
    name === POSTGRES_CONTAINER
  );
  const scope = postgres?.env?.find(({ name }) => name === "SCOPE")?.value;
  const isControlled = controller !== undefined && controller.kind !== RESOURCES.Postgresql.kind;
  return labelledFor(set, name, config) && scope === name && !isControlled &&
    Object.entries(labels).every(([key, value]) => ownValue(selector, key) === value);
}

/** Kinds and API versions of which a cluster may have objects. */
export function ownKinds(config: Config): readonly Pick<ResourceInfo, "apiVersion" | "kind">[] {
  return nameRules("", config).map(([resource]) => resource);
}
