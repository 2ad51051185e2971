/** Tables: the server-side printing behind `kubectl get`. */
import { type Json, type JsonObject, type KubeObject } from "./json.ts";
import { customCells } from "./custom_resources/columns.ts";
import { builtinCells } from "./kubernetes/cells.ts";
import type { ResourceType } from "./resource_type.ts";

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

/** How long ago a time was, as kubectl shows it: 5s, 3m20s, 2h, 4d1h. */
export function age(time: Json | undefined, now: Date): string {
  if (typeof time !== "string") return "<unknown>";
  return humanDuration(now.getTime() - new Date(time).getTime());
}

/** A duration as `kubectl get` shows ages. */
export function humanDuration(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  if (seconds < -1) return "<invalid>";
  if (seconds < 0) return "0s";
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10) return pair(minutes, "m", seconds % 60, "s");
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 8) return pair(hours, "h", minutes % 60, "m");
  if (hours < 48) return `${hours}h`;
  const days = Math.floor(hours / 24);
  if (days < 8) return pair(days, "d", hours % 24, "h");
  if (days < 730) return `${days}d`;
  const years = Math.floor(days / 365);
  return years < 8 ? pair(years, "y", days % 365, "d") : `${years}y`;
}

function pair(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large}${largeUnit}` : `${large}${largeUnit}${small}${smallUnit}`;
}
