/** Server-side apply: merges a configuration, drops what its manager no longer states, finds conflicts. */
import { ApiError, badRequest, invalid } from "../../model/api_error.ts";
import { decodeBody } from "../decode_body.ts";
import { isObject, type JsonObject, type KubeObject } from "../../model/json.ts";
import type { PatchRequest } from "./request.ts";
import { present } from "../versions.ts";
import { groupVersion } from "../../model/resource_type.ts";
import { required } from "../validate_metadata.ts";
import { createObject, updateObject } from "../write.ts";
import type { Write } from "../write_request.ts";
import {
  difference,
  type FieldSet,
  intersection,
  isEmpty,
  paths,
  pathText,
  sameSet,
  union,
} from "../managed_fields/field_set.ts";
import {
  comparisonSchema,
  entriesOf,
  type Entry,
  managed,
  releaseChanged,
  withEntries,
  zeroObject,
} from "../managed_fields/manager.ts";
import {
  compareTyped,
  type Comparison,
  fieldSetOf,
  mergeTyped,
  removeFields,
} from "../managed_fields/typed.ts";
import { kubeTime } from "../../../objects/time.ts";

interface Conflict {
  entry: Entry;
  path: string;
}

function managerText(entry: Entry): string {
  const subresource = entry.subresource
    ? ` with subresource ${JSON.stringify(entry.subresource)}`
    : "";
  const name = JSON.stringify(entry.manager) + subresource;
  if (entry.operation === "Apply") return name;
  return `${name} using ${entry.apiVersion}`;
}

function conflictText(conflicts: Conflict[]): string {
  if (conflicts.length === 1) {
    const [{ entry, path }] = conflicts as [Conflict];
    return `Apply failed with 1 conflict: conflict with ${managerText(entry)}: ${path}`;
  }
  const texts = new Map<string, string[]>();
  for (const { entry, path } of conflicts) {
    const manager = managerText(entry);
    texts.set(manager, [...texts.get(manager) ?? [], path]);
  }
  const lines = [...texts.keys()].sort().flatMap((manager) => [
    `conflicts with ${manager}:`,
    ...texts.get(manager)!.map((path) => `- ${path}`),
  ]);
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join("\n")}`;
}

function conflictError(conflicts: Conflict[]): ApiError {
  const causes = conflicts.map(({ entry, path }) => ({
    reason: "FieldManagerConflict",
    message: `conflict with ${managerText(entry)}`,
    field: path,
  }));
  return new ApiError(409, "Conflict", conflictText(conflicts), { details: { causes } });
}

function findConflicts(entries: Entry[], own: Entry | undefined, change: Comparison): Conflict[] {
  const changed = union(change.modified, change.added);
  return entries.filter((entry) => entry !== own).flatMap((entry) =>
    [...paths(intersection(entry.set, changed))].map((path) => ({ entry, path: pathText(path) }))
  );
}

/** The configuration as sent, without what only the server or the other half of the object sets. */
function configuration(write: Write, request: PatchRequest): JsonObject {
  if (!isObject(request.patch)) throw badRequest("error decoding YAML: expected an object");
  const config = structuredClone(request.patch);
  const { type } = write;
  if (config["apiVersion"] === undefined || config["kind"] === undefined) {
    throw badRequest("Object 'Kind' is missing in the apply configuration");
  }
  const metadata = isObject(config["metadata"]) ? config["metadata"] : {};
  config["metadata"] = metadata;
  if (metadata["managedFields"] !== undefined) {
    throw badRequest("metadata.managedFields must be nil");
  }
  metadata["name"] ??= request.name;
  if (type.namespaced) metadata["namespace"] ??= write.namespace;
  if (request.subresource === "status") {
    for (const key of Object.keys(config)) {
      if (!["apiVersion", "kind", "metadata", "status"].includes(key)) delete config[key];
    }
  } else if (type.subresources.has("status")) {
    delete config["status"];
  }
  return config;
}

function checkOptions(request: PatchRequest): void {
  if (request.fieldManager) return;
  throw invalid({ group: "meta.k8s.io", kind: "PatchOptions", name: "" }, [
    required("fieldManager", "is required for apply patch"),
  ]);
}

/** The object after an apply and who manages it. @throws ApiError 409 for conflicts without force. */
function applied(
  write: Write,
  request: PatchRequest,
  config: JsonObject,
  current: KubeObject | undefined,
): KubeObject {
  const { type } = write;
  const schema = comparisonSchema(type);
  const live: JsonObject = current ? present(type, current) : zeroObject(type);
  // Read for what it reports; what the manager states is the text as sent, without defaults.
  decodeBody(write, config);
  const stated = config;
  const apiVersion = groupVersion(type);
  const entries = entriesOf(current);
  const own = entries.find((entry) =>
    entry.manager === request.fieldManager && entry.operation === "Apply" &&
    entry.subresource === request.subresource
  );
  const set = managed(fieldSetOf(stated, schema));
  const merged = mergeTyped(live, stated, schema) as JsonObject;
  const pruned = own ? dropUnstated(merged, schema, own, set, entries) : merged;
  const object = decodeBody(write, pruned);
  const whole = compareTyped(live, object, schema);
  const change = {
    added: managed(whole.added),
    modified: managed(whole.modified),
    removed: managed(whole.removed),
  };
  const conflicts = findConflicts(entries, own, onlyOf(change, set));
  if (conflicts.length > 0 && !request.force) throw conflictError(conflicts);
  const mine: Entry = {
    manager: request.fieldManager,
    operation: "Apply",
    apiVersion,
    time: own && sameSet(own.set, set) ? own.time : kubeTime(write.now),
    subresource: request.subresource,
    set,
  };
  const others = releaseChanged(entries, own, change).filter((entry) => entry !== own);
  return withEntries(object, [...others, mine]);
}

function onlyOf(change: Comparison, set: FieldSet): Comparison {
  return {
    ...change,
    added: intersection(change.added, set),
    modified: intersection(change.modified, set),
  };
}

/** What the manager stated last time, does not state now, and nobody else owns, goes. */
function dropUnstated(
  merged: JsonObject,
  schema: Parameters<typeof removeFields>[1],
  own: Entry,
  set: FieldSet,
  entries: Entry[],
): JsonObject {
  const gone = difference(own.set, set);
  if (isEmpty(gone)) return merged;
  const kept = entries.filter((entry) => entry !== own).map((entry) => entry.set).reduce(
    union,
    set,
  );
  return removeFields(merged, schema, gone, kept) as JsonObject;
}

/** Applies a configuration; creates the object where there is none. @throws ApiError 400, 409, 422. */
export function serverSideApply(
  write: Write,
  request: PatchRequest,
): { object: KubeObject; created: boolean } {
  checkOptions(request);
  const config = configuration(write, request);
  const { type, store } = write;
  const current = store.get(type.storageKey, write.namespace || undefined, request.name);
  if (!current && request.subresource === "") {
    const object = applied(write, request, config, undefined);
    return { object: createObject(write, object, request.name, "tracked"), created: true };
  }
  const object = updateObject(write, {
    name: request.name,
    subresource: request.subresource,
    change: (found) => applied(write, request, config, found),
    ownsManagedFields: true,
    patched: true,
  });
  return { object, created: false };
}
