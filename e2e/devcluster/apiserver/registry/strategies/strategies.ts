/** The table from resource to strategy. */
import { customResources } from "../custom_resources/strategy.ts";
import { definitions } from "../custom_resources/definitions.ts";
import type { ResourceType } from "../../model/resource_type.ts";
import {
  claims,
  configMaps,
  endpoints,
  endpointSlices,
  events,
  leases,
  namespaces,
  nodes,
  secrets,
  serviceAccounts,
  volumes,
} from "./core.ts";
import { pods } from "./pods.ts";
import {
  bindings,
  budgets,
  ingresses,
  networkPolicies,
  priorityClasses,
  roles,
  storageClasses,
} from "./policy.ts";
import { services } from "./services.ts";
import type { Strategy } from "../strategy.ts";
import {
  cronJobs,
  daemonSets,
  deployments,
  jobs,
  podTemplates,
  replicaSets,
  statefulSets,
} from "./workloads.ts";

const BUILTIN: Record<string, Strategy> = {
  "/configmaps": configMaps,
  "/endpoints": endpoints,
  "/events": events,
  "/namespaces": namespaces,
  "/nodes": nodes,
  "/persistentvolumeclaims": claims,
  "/persistentvolumes": volumes,
  "/pods": pods,
  "/podtemplates": podTemplates,
  "/secrets": secrets,
  "/serviceaccounts": serviceAccounts,
  "/services": services,
  "apiextensions.k8s.io/customresourcedefinitions": definitions,
  "apps/daemonsets": daemonSets,
  "apps/deployments": deployments,
  "apps/replicasets": replicaSets,
  "apps/statefulsets": statefulSets,
  "batch/cronjobs": cronJobs,
  "batch/jobs": jobs,
  "coordination.k8s.io/leases": leases,
  "discovery.k8s.io/endpointslices": endpointSlices,
  "networking.k8s.io/ingresses": ingresses,
  "networking.k8s.io/networkpolicies": networkPolicies,
  "policy/poddisruptionbudgets": budgets,
  "rbac.authorization.k8s.io/clusterrolebindings": bindings,
  "rbac.authorization.k8s.io/clusterroles": roles,
  "rbac.authorization.k8s.io/rolebindings": bindings,
  "rbac.authorization.k8s.io/roles": roles,
  "scheduling.k8s.io/priorityclasses": priorityClasses,
  "storage.k8s.io/storageclasses": storageClasses,
};
const PLAIN: Strategy = {};

/** What is special about a resource; an empty strategy for plain ones. */
export function strategyOf(type: ResourceType): Strategy {
  return type.custom ? customResources : BUILTIN[type.storageKey] ?? PLAIN;
}
