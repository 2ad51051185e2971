/** The kinds that controllers and kubelet of the dev cluster know, and the paths of their objects. */

/** A kind as the API server's paths spell it. */
export interface Resource {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

/** What a path may name; without `name` it is the collection. */
export interface PathOf {
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
}

export const pods = core("Pod", "pods");
export const services = core("Service", "services");
export const endpoints = core("Endpoints", "endpoints");
export const configMaps = core("ConfigMap", "configmaps");
export const secrets = core("Secret", "secrets");
export const serviceAccounts = core("ServiceAccount", "serviceaccounts");
export const persistentVolumeClaims = core("PersistentVolumeClaim", "persistentvolumeclaims");
export const events = core("Event", "events");
export const persistentVolumes = unscoped(core("PersistentVolume", "persistentvolumes"));
export const namespaces = unscoped(core("Namespace", "namespaces"));
export const nodes = unscoped(core("Node", "nodes"));
export const statefulSets = grouped("apps", "StatefulSet", "statefulsets");
export const controllerRevisions = grouped("apps", "ControllerRevision", "controllerrevisions");
export const deployments = grouped("apps", "Deployment", "deployments");
export const replicaSets = grouped("apps", "ReplicaSet", "replicasets");
export const jobs = grouped("batch", "Job", "jobs");
export const cronJobs = grouped("batch", "CronJob", "cronjobs");
export const podDisruptionBudgets = grouped(
  "policy",
  "PodDisruptionBudget",
  "poddisruptionbudgets",
);
export const leases = grouped("coordination.k8s.io", "Lease", "leases");
export const endpointSlices = grouped("discovery.k8s.io", "EndpointSlice", "endpointslices");
export const customResourceDefinitions = unscoped(
  grouped("apiextensions.k8s.io", "CustomResourceDefinition", "customresourcedefinitions"),
);

/** The path of an object, or of a collection when no name is given. */
export function objectPath(resource: Resource, of: PathOf): string {
  const root = resource.group
    ? `/apis/${resource.group}/${resource.version}`
    : `/api/${resource.version}`;
  const namespace = of.namespace && resource.namespaced ? `/namespaces/${of.namespace}` : "";
  return `${root}${namespace}/${resource.plural}${of.name ? `/${of.name}` : ""}`;
}

/** One word for a kind, equal for every version of its API: `deployments.apps`. */
export function resourceKey(resource: Pick<Resource, "group" | "plural">): string {
  return `${resource.plural}.${resource.group}`;
}

function core(kind: string, plural: string): Resource {
  return { group: "", version: "v1", plural, kind, namespaced: true };
}

function grouped(group: string, kind: string, plural: string): Resource {
  return { group, version: "v1", plural, kind, namespaced: true };
}

function unscoped(resource: Resource): Resource {
  return { ...resource, namespaced: false };
}
