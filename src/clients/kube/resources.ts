/**
 * Looks a kind up in the resource table. Layer: client of the API server, pure.
 */

import type { Resource } from "./request.ts";

const TABLE: readonly (readonly [apiVersion: string, kind: string, plural: string, "cluster"?])[] =
  [
    ["v1", "ConfigMap", "configmaps"],
    ["v1", "Endpoints", "endpoints"],
    ["v1", "Event", "events"],
    ["v1", "Namespace", "namespaces", "cluster"],
    ["v1", "Node", "nodes", "cluster"],
    ["v1", "PersistentVolume", "persistentvolumes", "cluster"],
    ["v1", "PersistentVolumeClaim", "persistentvolumeclaims"],
    ["v1", "Pod", "pods"],
    ["v1", "Secret", "secrets"],
    ["v1", "Service", "services"],
    ["v1", "ServiceAccount", "serviceaccounts"],
    ["apps/v1", "Deployment", "deployments"],
    ["apps/v1", "StatefulSet", "statefulsets"],
    ["apps/v1", "ControllerRevision", "controllerrevisions"],
    ["apps/v1", "ReplicaSet", "replicasets"],
    ["batch/v1", "CronJob", "cronjobs"],
    ["batch/v1", "Job", "jobs"],
    ["policy/v1", "PodDisruptionBudget", "poddisruptionbudgets"],
    ["rbac.authorization.k8s.io/v1", "Role", "roles"],
    ["rbac.authorization.k8s.io/v1", "RoleBinding", "rolebindings"],
    ["rbac.authorization.k8s.io/v1", "ClusterRole", "clusterroles", "cluster"],
    ["rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "clusterrolebindings", "cluster"],
    ["coordination.k8s.io/v1", "Lease", "leases"],
    [
      "apiextensions.k8s.io/v1",
      "CustomResourceDefinition",
      "customresourcedefinitions",
      "cluster",
    ],
    ["acid.zalan.do/v1", "postgresql", "postgresqls"],
    ["acid.zalan.do/v1", "OperatorConfiguration", "operatorconfigurations"],
    ["acid.zalan.do/v1", "PostgresTeam", "postgresteams"],
    ["zalando.org/v1", "FabricEventStream", "fabriceventstreams"],
  ];

const BY_KEY: ReadonlyMap<string, Resource> = new Map(
  TABLE.map(([apiVersion, kind, plural, scope]) => {
    const [group = "", version = ""] = apiVersion.includes("/")
      ? apiVersion.split("/")
      : ["", apiVersion];
    return [keyOf({ apiVersion, kind }), {
      apiVersion,
      group,
      version,
      plural,
      kind,
      namespaced: scope === undefined,
    }];
  }),
);

/** Where the kind lives in the API. @throws Error for a kind that the table does not have */
export function resourceOf(kind: { readonly apiVersion: string; readonly kind: string }): Resource {
  const resource = BY_KEY.get(keyOf(kind));
  if (resource === undefined) {
    throw new Error(`Cannot address ${kind.apiVersion} ${kind.kind}: not in the resource table`);
  }
  return resource;
}

function keyOf(kind: { readonly apiVersion: string; readonly kind: string }): string {
  return `${kind.apiVersion} ${kind.kind}`;
}
