/**
 * Cuts the OpenAPI documents of a cluster (`/openapi/v3/...`) down to the kinds in `KINDS` and what they
 * reach: short names, no descriptions, no defaults, sorted. Its result is `inputs/kubernetes.json`. Pure.
 */
import type { KubernetesModel, ResourceInfo, Schema, Schemas } from "./model.ts";
import { mapSchema, reachable, refName, refTo, shortNames } from "./refs.ts";

/** Kinds that operator, tests or dev cluster use, by group and version. */
export const KINDS: Readonly<Record<string, readonly string[]>> = {
  "v1": [
    "ConfigMap",
    "Endpoints",
    "Event",
    "Namespace",
    "Node",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "Pod",
    "Secret",
    "Service",
    "ServiceAccount",
  ],
  "apiextensions.k8s.io/v1": ["CustomResourceDefinition"],
  "apps/v1": ["ControllerRevision", "Deployment", "ReplicaSet", "StatefulSet"],
  "authentication.k8s.io/v1": ["TokenRequest", "TokenReview"],
  "authorization.k8s.io/v1": ["SelfSubjectAccessReview", "SubjectAccessReview"],
  "autoscaling/v1": ["Scale"],
  "batch/v1": ["CronJob", "Job"],
  "coordination.k8s.io/v1": ["Lease"],
  "discovery.k8s.io/v1": ["EndpointSlice"],
  "policy/v1": ["Eviction", "PodDisruptionBudget"],
  "rbac.authorization.k8s.io/v1": ["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"],
  "scheduling.k8s.io/v1": ["PriorityClass"],
  "storage.k8s.io/v1": ["StorageClass"],
};

/** Definitions without a resource of their own that are wanted by name. */
const EXTRA = ["Condition", "DeleteOptions", "ListMeta", "Status"];
const GVK = "x-kubernetes-group-version-kind";
const META = "io.k8s.apimachinery.pkg.apis.meta.v1.";

/** One document of `/openapi/v3`, as far as it is read here. */
export interface OpenApiDocument {
  info: { version: string };
  paths: Record<string, Record<string, unknown>>;
  components: { schemas: Schemas };
}

interface GroupVersionKind {
  group: string;
  version: string;
  kind: string;
}

/** Trims the documents of one cluster to a model. @throws when a kind of `KINDS` is missing. */
export function trimKubernetes(documents: readonly OpenApiDocument[]): KubernetesModel {
  const all: Schemas = Object.assign(
    {},
    ...documents.map((document) => document.components.schemas),
  );
  const resources = documents.flatMap(resourcesOf).filter(isWanted).sort(byApiVersionAndKind);
  const roots = [...rootDefinitions(all), ...EXTRA.map((name) => META + name)];
  const names = shortNames(reachable(all, roots));
  const schemas: Schemas = {};
  for (const [full, short] of [...names].sort((a, b) => a[1] < b[1] ? -1 : 1)) {
    schemas[short] = mapSchema(all[full]!, (node) => trimNode(node, names));
  }
  return { version: documents[0]!.info.version, resources, schemas };
}

/** Returns the full definition names of all kinds in `KINDS`. */
function rootDefinitions(schemas: Schemas): string[] {
  const wanted = new Set(
    Object.entries(KINDS).flatMap(([apiVersion, kinds]) =>
      kinds.map((kind) => `${apiVersion}/${kind}`)
    ),
  );
  const roots = Object.entries(schemas).filter(([, schema]) => {
    const gvks = (schema[GVK] ?? []) as GroupVersionKind[];
    return gvks.some((gvk) => wanted.has(`${apiVersion(gvk)}/${gvk.kind}`));
  });
  if (roots.length !== wanted.size) {
    throw new Error(
      `cannot trim Kubernetes OpenAPI: ${wanted.size} kinds wanted, ${roots.length} found`,
    );
  }
  return roots.map(([name]) => name);
}

function isWanted(resource: ResourceInfo): boolean {
  return KINDS[apiVersion(resource)]?.includes(resource.kind) ?? false;
}

/** Reads kinds, plurals, scope and subresources off the paths of a document. */
function resourcesOf(document: OpenApiDocument): ResourceInfo[] {
  const found = new Map<string, ResourceInfo>();
  const subresources: [string, string][] = [];
  for (const [path, operations] of Object.entries(document.paths)) {
    const match = path.match(
      /^\/(?:api|apis\/[^/]+)\/v1(\/namespaces\/\{namespace\})?\/([a-z]+)(\/\{name\})?(?:\/([a-z]+))?$/,
    );
    if (!match || path.includes("/watch/")) continue;
    const [, namespace, plural, name, subresource] = match;
    if (name && subresource) subresources.push([plural!, subresource]);
    const gvk = gvkOf(operations);
    if (subresource || !gvk) continue;
    const before = found.get(plural!);
    found.set(plural!, {
      ...gvk,
      plural: plural!,
      namespaced: Boolean(namespace) || (before?.namespaced ?? false),
      subresources: [],
    });
  }
  for (const [plural, name] of subresources.sort()) found.get(plural)?.subresources.push(name);
  return [...found.values()];
}

function gvkOf(operations: Record<string, unknown>): GroupVersionKind | undefined {
  for (const operation of Object.values(operations)) {
    const gvk = (operation as Record<string, unknown>)[GVK];
    if (gvk) return gvk as GroupVersionKind;
  }
  return undefined;
}

/** Drops words and defaults, shortens references, and unwraps `allOf` around a single reference. */
function trimNode(node: Schema, names: ReadonlyMap<string, string>): Schema {
  const single = node.allOf?.length === 1 ? node.allOf[0]?.$ref : undefined;
  const ref = node.$ref ?? single;
  if (ref) return { $ref: refTo(names.get(refName(ref))!) };
  const { description: _words, default: _default, ...rest } = node;
  const gvks = rest[GVK] as GroupVersionKind[] | undefined;
  const entries = Object.entries(rest).filter(([key]) =>
    !key.startsWith("x-kubernetes-") || (key === GVK && gvks?.length === 1)
  );
  return Object.fromEntries(entries) as Schema;
}

function apiVersion(gvk: Pick<GroupVersionKind, "group" | "version">): string {
  return gvk.group === "" ? gvk.version : `${gvk.group}/${gvk.version}`;
}

function byApiVersionAndKind(a: ResourceInfo, b: ResourceInfo): number {
  const [x, y] = [`${apiVersion(a)}/${a.kind}`, `${apiVersion(b)}/${b.kind}`];
  return x < y ? -1 : x > y ? 1 : 0;
}
