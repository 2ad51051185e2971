/**
 * Whose a field is, as `metadata.managedFields` say. What an admission policy changes in a request
 * of ours counts as ours there; fields that others wrote by requests of their own have their names.
 * https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
 */

import type { ManagedFieldsEntry } from "../../../kubernetes/types.gen.ts";
import { FIELD_MANAGER } from "../../../ports/requests.ts";

type FieldSet = Readonly<Record<string, unknown>>;

/** The manager other than ourselves that owns the field at a path; undefined where none does. */
export function managerOf(
  path: string,
  entries: readonly ManagedFieldsEntry[] | undefined,
): string | undefined {
  const keys = segments(path);
  const others = (entries ?? []).filter(({ manager, subresource }) =>
    manager !== FIELD_MANAGER && subresource !== "status"
  );
  return others.find(({ fieldsV1 }) => owns(fieldsV1 as FieldSet | undefined, keys))?.manager;
}

/** True for people's own tools: what they set by hand is no other controller's wish. */
function isByHand(manager: string): boolean {
  return manager.startsWith("kubectl");
}

/**
 * True for a difference that another controller has made by a request of its own: something added to
 * what is wanted, or the number of replicas (an autoscaler).
 */
export function isAnothers(
  { path, desired }: { readonly path: string; readonly desired: unknown },
  entries: readonly ManagedFieldsEntry[] | undefined,
): boolean {
  if (desired !== undefined && path !== "spec.replicas") return false;
  const manager = managerOf(path, entries);
  return manager !== undefined && !isByHand(manager);
}

/** `spec.containers[a].env["x.y"]` as spec, containers, [a], env, x.y. */
function segments(path: string): string[] {
  const found = path.matchAll(/\["((?:[^"\\]|\\.)*)"\]|(\[[^\]]*\])|([^.[\]]+)/g);
  return [...found].map(([, quoted, element, plain]) => quoted ?? element ?? plain ?? "");
}

/** A set owns a field that it names, and all of a field that it names without its parts. */
function owns(fields: FieldSet | undefined, [key, ...rest]: readonly string[]): boolean {
  if (fields === undefined) return false;
  if (key === undefined) return true;
  const inner = (fields[`f:${key}`] ?? elementOf(fields, key)) as FieldSet | undefined;
  if (inner === undefined) return false;
  return Object.keys(inner).length === 0 || owns(inner, rest);
}

function elementOf(fields: FieldSet, segment: string): unknown {
  const element = /^\[(.*)\]$/.exec(segment)?.[1];
  if (element === undefined) return undefined;
  const key = Object.keys(fields).find((name) => {
    if (!name.startsWith("k:")) return false;
    const values = Object.values(JSON.parse(name.slice(2)) as Record<string, unknown>).map(String);
    // A port that is not one of TCP is told with its protocol.
    return values.includes(element) || values.join("/") === element;
  });
  return key === undefined ? undefined : fields[key];
}
