/**
 * Build-time tool: records what a real kube-apiserver says about the built-in kinds (discovery,
 * OpenAPI without descriptions, printer columns) and what Kubernetes' Go types say about their wire
 * form (protobuf numbers, omitempty), and writes `kubernetes.gen.json`. Run only to move to another
 * Kubernetes version:
 *   deno run -A e2e/devcluster/apiserver/kubernetes/generate.ts https://127.0.0.1:16443 TOKEN GO_MODULE_DIR
 * GO_MODULE_DIR is `$(go env GOMODCACHE)/k8s.io` with the modules of the same version.
 */
import { goWireTypes, type WireType } from "./go_types.ts";

const GROUP_VERSIONS = [
  "v1",
  "apps/v1",
  "batch/v1",
  "policy/v1",
  "rbac.authorization.k8s.io/v1",
  "coordination.k8s.io/v1",
  "discovery.k8s.io/v1",
  "events.k8s.io/v1",
  "apiextensions.k8s.io/v1",
  "authentication.k8s.io/v1",
  "authorization.k8s.io/v1",
  "storage.k8s.io/v1",
  "scheduling.k8s.io/v1",
  "networking.k8s.io/v1",
  "autoscaling/v2",
];
const SKIPPED = new Set([
  "componentstatuses",
  "csidrivers",
  "csinodes",
  "csistoragecapacities",
  "volumeattachments",
  "volumeattributesclasses",
  "ipaddresses",
  "servicecidrs",
  "nodes/proxy",
  "services/proxy",
  "pods/proxy",
  "pods/attach",
  "pods/resize",
]);

type Tree = { [key: string]: unknown };

interface ApiResource {
  name: string;
  singularName: string;
  namespaced: boolean;
  kind: string;
  group?: string;
  version?: string;
  verbs: string[];
  shortNames?: string[];
  categories?: string[];
}

const [server, token, goModules] = Deno.args;
if (!server || !token || !goModules) throw new Error("usage: generate.ts URL TOKEN GO_MODULE_DIR");

async function get(path: string, accept = "application/json"): Promise<Tree> {
  const output = await new Deno.Command("curl", {
    args: [
      "-skf",
      "-H",
      `Authorization: Bearer ${token}`,
      "-H",
      `Accept: ${accept}`,
      server + path,
    ],
  }).output();
  if (!output.success) throw new Error(`cannot get ${path}: curl exits ${output.code}`);
  return JSON.parse(new TextDecoder().decode(output.stdout));
}

function isZero(value: unknown): boolean {
  return value === "" || value === 0 || value === false ||
    (typeof value === "object" && value !== null && Object.keys(value).length === 0);
}

/** Drops descriptions, zero defaults and the allOf wrapper around references. */
function compact(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(compact);
  if (typeof value !== "object" || value === null) return value;
  const result: Tree = {};
  for (const [key, item] of Object.entries(value)) {
    if (key === "description" && typeof item === "string") continue;
    if (key === "default" && isZero(item)) continue;
    if (key === "allOf" && Array.isArray(item) && item.length === 1) {
      Object.assign(result, compact(item[0]));
    } else {
      result[key] = compact(item);
    }
  }
  return result;
}

function referenced(value: unknown, found: Set<string>): void {
  if (typeof value !== "object" || value === null) return;
  for (const [key, item] of Object.entries(value)) {
    if (key === "$ref" && typeof item === "string") found.add(item.split("/").at(-1)!);
    else referenced(item, found);
  }
}

function schemaNames(all: Tree, kinds: Set<string>, groupVersion: string): Set<string> {
  const [group, version] = groupVersion.includes("/")
    ? groupVersion.split("/")
    : ["", groupVersion];
  const names = new Set<string>();
  const queue: string[] = [];
  for (const [name, schema] of Object.entries(all) as [string, Tree][]) {
    const gvks = schema["x-kubernetes-group-version-kind"] as Tree[] | undefined;
    const mine = gvks?.some((gvk) =>
      gvk["group"] === group && gvk["version"] === version && kinds.has(gvk["kind"] as string)
    );
    if (mine) queue.push(name);
  }
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (names.has(name)) continue;
    names.add(name);
    const found = new Set<string>();
    referenced(all[name], found);
    queue.push(...found);
  }
  return names;
}

const resources: Tree[] = [];
const schemas: Tree = {};
const columns: Tree = {};

for (const groupVersion of GROUP_VERSIONS) {
  const prefix = groupVersion === "v1" ? "api/v1" : `apis/${groupVersion}`;
  const list = (await get(`/${prefix}`))["resources"] as unknown as ApiResource[];
  const openapi = await get(`/openapi/v3/${prefix}`);
  const all = (openapi["components"] as Tree)["schemas"] as Tree;
  const [group, version] = groupVersion.includes("/")
    ? groupVersion.split("/")
    : ["", groupVersion];
  const kinds = new Set<string>(["DeleteOptions", "Status"]);
  for (const item of list) {
    if (SKIPPED.has(item.name) || item.name.endsWith("/proxy")) continue;
    kinds.add(item.kind);
    resources.push({
      group: group!,
      version: version!,
      name: item.name,
      kind: item.kind,
      ...(item.group ? { kindGroupVersion: `${item.group}/${item.version}` } : {}),
      namespaced: item.namespaced,
      verbs: item.verbs,
      ...(item.singularName ? { singular: item.singularName } : {}),
      ...(item.shortNames ? { shortNames: item.shortNames } : {}),
      ...(item.categories ? { categories: item.categories } : {}),
    });
    if (item.verbs.includes("list")) {
      const table = await get(
        `/${prefix}/${item.name}?limit=1`,
        "application/json;as=Table;v=v1;g=meta.k8s.io",
      );
      columns[`${groupVersion}/${item.name}`] = (table["columnDefinitions"] as Tree[]).map((
        column,
      ) => [
        column["name"],
        column["type"],
        column["format"],
        column["priority"],
      ]);
    }
  }
  for (const name of schemaNames(all, kinds, groupVersion)) {
    schemas[name] = compact(all[name]);
    const gvks = (schemas[name] as Tree)["x-kubernetes-group-version-kind"];
    if (Array.isArray(gvks) && gvks.length > 3) {
      delete (schemas[name] as Tree)["x-kubernetes-group-version-kind"];
    }
  }
}

const wire: Record<string, WireType> = await goWireTypes(goModules, Object.keys(schemas));
const version = await get("/version");
const target = new URL("./kubernetes.gen.json", import.meta.url);
const text = JSON.stringify({ version: version["gitVersion"], resources, columns, schemas, wire });
// One schema, type or resource a line keeps diffs between versions readable.
await Deno.writeTextFile(target, text.replaceAll(/,("io\.k8s|\{"group")/g, ",\n$1") + "\n");
