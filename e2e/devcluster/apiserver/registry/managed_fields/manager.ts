/**
 * Who manages which field: one entry a manager, operation, version and subresource. Updates take
 * over the fields that they change; applies own what they state.
 */
import {
  isObject,
  type Json,
  type JsonObject,
  type KubeObject,
  stringAt,
} from "../../model/json.ts";
import { decodeBuiltin } from "../../kubernetes/decode.ts";
import { groupVersion, type ResourceType } from "../../model/resource_type.ts";
import { OBJECT_META, REF_PREFIX, resolve, type Schema } from "../../model/schema.ts";
import type { Write } from "../write_request.ts";
import {
  difference,
  emptySet,
  type FieldSet,
  fromFieldsV1,
  insert,
  isEmpty,
  recursiveDifference,
  sameSet,
  toFieldsV1,
  union,
} from "./field_set.ts";
import { compareTyped, type Comparison } from "./typed.ts";
import { kubeTime } from "../../../objects/time.ts";

export interface Entry {
  manager: string;
  operation: "Apply" | "Update";
  apiVersion: string;
  time: string;
  subresource: string;
  set: FieldSet;
}

/** Fields that nobody manages. */
const STRIPPED = [
  ["f:apiVersion"],
  ["f:kind"],
  ["f:metadata"],
  ...[
    "name",
    "namespace",
    "creationTimestamp",
    "selfLink",
    "uid",
    "generation",
    "managedFields",
    "resourceVersion",
  ]
    .map((key) => ["f:metadata", `f:${key}`]),
];

const stripped = emptySet();
for (const path of STRIPPED) insert(stripped, path);

/** The set without the fields that nobody manages. */
export function managed(set: FieldSet): FieldSet {
  const rest = difference(set, stripped);
  rest.member = false;
  const metadata = rest.children.get("f:metadata");
  const fields = metadata?.children.get("f:managedFields");
  if (metadata && fields) {
    metadata.children.delete("f:managedFields");
    if (isEmpty(metadata)) rest.children.delete("f:metadata");
  }
  return rest;
}

/** The schema by which objects of a resource are compared, with typed metadata also for CRDs. */
export function comparisonSchema(type: ResourceType): Schema {
  const schema = resolve(type.schema) ?? {};
  if (!type.custom) return schema;
  return {
    ...schema,
    properties: { ...schema.properties, metadata: { $ref: REF_PREFIX + OBJECT_META } },
  };
}

/** The entries of an object. */
export function entriesOf(object: KubeObject | undefined): Entry[] {
  const list = object?.metadata["managedFields"];
  if (!Array.isArray(list)) return [];
  return list.filter(isObject).map((entry) => ({
    manager: stringAt(entry, "manager"),
    operation: stringAt(entry, "operation") === "Apply" ? "Apply" : "Update",
    apiVersion: stringAt(entry, "apiVersion"),
    time: stringAt(entry, "time"),
    subresource: stringAt(entry, "subresource"),
    set: fromFieldsV1(entry["fieldsV1"]),
  }));
}

function entryJson(entry: Entry): JsonObject {
  return {
    manager: entry.manager,
    operation: entry.operation,
    apiVersion: entry.apiVersion,
    ...(entry.time ? { time: entry.time } : {}),
    fieldsType: "FieldsV1",
    fieldsV1: toFieldsV1(entry.set),
    ...(entry.subresource ? { subresource: entry.subresource } : {}),
  };
}

/** The object with these entries, ordered as Kubernetes orders them. */
export function withEntries(object: KubeObject, entries: Entry[]): KubeObject {
  const sorted = entries.filter((entry) => !isEmpty(entry.set)).sort((a, b) => {
    if (a.operation !== b.operation) return a.operation < b.operation ? -1 : 1;
    if (a.time !== b.time) return a.time < b.time ? -1 : 1;
    if (a.manager !== b.manager) return a.manager < b.manager ? -1 : 1;
    return a.subresource < b.subresource ? -1 : 1;
  });
  const { managedFields: _, ...metadata } = object.metadata;
  const list: Json[] = sorted.map(entryJson);
  return {
    ...object,
    metadata: { ...metadata, ...(list.length > 0 ? { managedFields: list } : {}) },
  };
}

/** What an object is compared with that did not exist: Go's zero value, or an empty custom resource. */
export function zeroObject(type: ResourceType): JsonObject {
  const bare = { apiVersion: groupVersion(type), kind: type.kind };
  return type.custom ? bare : decodeBuiltin(bare, type.schema).object;
}

/** Takes what has changed from the other managers. */
export function releaseChanged(
  entries: Entry[],
  own: Entry | undefined,
  change: Comparison,
): Entry[] {
  const changed = union(change.modified, change.added);
  return entries.map((entry) => {
    if (entry === own) return entry;
    const left = difference(difference(entry.set, changed), change.removed);
    return { ...entry, set: left };
  });
}

export interface TrackedWrite extends Write {
  object: KubeObject;
  current?: KubeObject;
  subresource: string;
}

/** The object with the managed fields of an update (or creation) noted. */
export function trackUpdate(write: TrackedWrite): KubeObject {
  const { object, current, type } = write;
  const schema = comparisonSchema(type);
  const before = current ?? zeroObject(type);
  const whole = compareTyped(before, object, schema);
  const change = {
    added: managed(whole.added),
    modified: managed(whole.modified),
    removed: managed(whole.removed),
  };
  const apiVersion = groupVersion(type);
  const entries = entriesOf(current);
  const own = entries.find((entry) =>
    entry.manager === write.manager && entry.operation === "Update" &&
    entry.apiVersion === apiVersion && entry.subresource === write.subresource
  );
  const set = union(
    recursiveDifference(own?.set ?? emptySet(), change.removed),
    union(change.modified, change.added),
  );
  const mine: Entry = {
    manager: write.manager,
    operation: "Update",
    apiVersion,
    time: own && sameSet(own.set, set) ? own.time : kubeTime(write.now),
    subresource: write.subresource,
    set,
  };
  const others = releaseChanged(entries, own, change).filter((entry) => entry !== own);
  return withEntries(object, [...others, mine]);
}
