/**
 * References between schemas: walking them, finding what is reachable, and giving every definition a
 * short name. Pure.
 */
import type { Schema, Schemas } from "./model.ts";

const PREFIX = "#/components/schemas/";

/** Returns the definition name that `$ref` points at. */
export function refName(ref: string): string {
  if (!ref.startsWith(PREFIX)) throw new Error(`cannot follow reference ${ref}: not a schema`);
  return ref.slice(PREFIX.length);
}

/** Returns the `$ref` value for a definition name. */
export function refTo(name: string): string {
  return PREFIX + name;
}

/** Returns a copy of `schema` in which every node went through `change`, parents first. */
export function mapSchema(schema: Schema, change: (node: Schema) => Schema): Schema {
  const node = { ...change(schema) };
  const each = (list: Schema[]) => list.map((item) => mapSchema(item, change));
  if (node.properties) {
    node.properties = Object.fromEntries(
      Object.entries(node.properties).map(([name, value]) => [name, mapSchema(value, change)]),
    );
  }
  if (node.items) node.items = mapSchema(node.items, change);
  if (typeof node.additionalProperties === "object") {
    node.additionalProperties = mapSchema(node.additionalProperties, change);
  }
  if (node.allOf) node.allOf = each(node.allOf);
  if (node.anyOf) node.anyOf = each(node.anyOf);
  if (node.oneOf) node.oneOf = each(node.oneOf);
  if (node.not) node.not = mapSchema(node.not, change);
  return node;
}

/** Returns the names that `schema` refers to directly. */
export function refsOf(schema: Schema): string[] {
  const names = new Set<string>();
  mapSchema(schema, (node) => {
    if (node.$ref) names.add(refName(node.$ref));
    return node;
  });
  return [...names];
}

/** Returns all definition names reachable from `roots`, sorted. @throws when one is missing. */
export function reachable(schemas: Schemas, roots: readonly string[]): string[] {
  const seen = new Set<string>();
  const queue = [...roots];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    const schema = schemas[name];
    if (!schema) throw new Error(`cannot find definition ${name}`);
    queue.push(...refsOf(schema));
  }
  return [...seen].sort();
}

/**
 * Gives each full definition name (`io.k8s.api.core.v1.Pod`) a short one (`Pod`). Where two share the
 * last part, the core and meta groups keep it and the others get their group in front (`DiscoveryEndpointPort`).
 */
export function shortNames(names: readonly string[]): Map<string, string> {
  const byShort = new Map<string, string[]>();
  for (const name of names) {
    const short = lastPart(name);
    byShort.set(short, [...(byShort.get(short) ?? []), name]);
  }
  const result = new Map<string, string>();
  for (const [short, fullNames] of byShort) {
    const keeper = fullNames.length === 1
      ? fullNames[0]
      : fullNames.find((name) => /\.(core|meta)\.v1\./.test(name));
    for (const name of fullNames) result.set(name, name === keeper ? short : groupOf(name) + short);
  }
  return result;
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1);
}

function groupOf(name: string): string {
  const group = name.split(".").at(-3) ?? "";
  return group.charAt(0).toUpperCase() + group.slice(1);
}
