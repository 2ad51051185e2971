/** Tables: the server-side printing behind `kubectl get`. */
import { type Json, type JsonObject, type KubeObject } from "../model/json.ts";
import { customCells } from "../registry/custom_resources/columns.ts";
import { builtinCells } from "../kubernetes/cells.ts";
import type { ResourceType } from "../model/resource_type.ts";

/** What the Accept header asks for. */
export type Form = "object" | "table" | "metadata";

/** Chooses the first form of the Accept header that the server has. */
export function acceptedForm(accept: string): Form {
  for (const part of accept.split(",")) {
    if (/as=Table/.test(part) && !/protobuf/.test(part)) return "table";
    if (/as=PartialObjectMetadata/.test(part) && !/protobuf/.test(part)) return "metadata";
    if (/^\s*(application\/json|\*\/\*|application\/\*)\s*(;q=.*)?$/.test(part)) return "object";
  }
  return "object";
}

/** Only kind and metadata of an object. */
export function metadataOnly(object: KubeObject): JsonObject {
  return {
    kind: "PartialObjectMetadata",
    apiVersion: "meta.k8s.io/v1",
    metadata: object.metadata,
  };
}

function row(
  type: ResourceType,
  object: KubeObject,
  include: string | null,
  now: Date,
): JsonObject {
  const cells: Json[] = type.custom
    ? customCells(type, object, now)
    : builtinCells(type, object, now);
  return {
    cells,
    object: include === "None" ? null : include === "Object" ? object : metadataOnly(object),
  };
}

/** The Table of a list's items; `metadata` is the list's. */
export function table(
  type: ResourceType,
  items: KubeObject[],
  metadata: JsonObject,
  include: string | null,
): JsonObject {
  const now = new Date();
  return {
    kind: "Table",
    apiVersion: "meta.k8s.io/v1",
    metadata,
    columnDefinitions: type.columns.map((column) => ({
      name: column.name,
      type: column.type,
      format: column.format,
      description: column.description ?? "",
      priority: column.priority,
    })),
    rows: items.map((item) => row(type, item, include, now)),
  };
}
