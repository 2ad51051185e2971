/**
 * Takes what is not known to be harmless out of values that people get to see: plans, logs, Events,
 * the debug API. What is harmless stands in `harmless.ts`.
 */

import {
  HARMLESS_FIELDS,
  HARMLESS_MAPS,
  HARMLESS_VARIABLES,
  harmlessRule,
  hasHarmlessForm,
  holdsOwnTexts,
  isSecretName,
} from "./harmless.ts";

export const REDACTED = "[redacted]";

/** A field, or an element of a list by its name or index. */
export interface Segment {
  readonly key: string;
  readonly element: boolean;
}

/** A copy of an object of the API server, or of a manifest, in which only harmless values are left. */
export function redacted<T>(value: T): T {
  return redact(value, []) as T;
}

/**
 * The value at a path as people write it (`spec.containers[a].image`, `data["a.b"]`), or undefined
 * where some of it must not be shown.
 */
export function harmlessValue(path: string, value: unknown): unknown {
  const segments = segmentsOf(path);
  if (segments === undefined) return undefined;
  const shown = redact(value, segments);
  return holdsRedacted(shown) ? undefined : shown;
}

function holdsRedacted(value: unknown): boolean {
  if (value === REDACTED) return true;
  return typeof value === "object" && value !== null && Object.values(value).some(holdsRedacted);
}

/** Undefined for a path that cannot be taken apart. */
function segmentsOf(path: string): Segment[] | undefined {
  const segments: Segment[] = [];
  let rest = path;
  while (rest !== "") {
    const quoted = /^\["((?:[^"\\]|\\.)*)"\]\.?/.exec(rest);
    const element = /^\[([^\]]*)\]\.?/.exec(rest);
    const plain = /^([^.[]+)\.?/.exec(rest);
    const found = quoted ?? element ?? plain;
    if (found === null) return undefined;
    segments.push({ key: found[1] ?? "", element: quoted === null && element !== null });
    rest = rest.slice(found[0].length);
  }
  return segments;
}

function redact(value: unknown, path: readonly Segment[]): unknown {
  if (Array.isArray(value)) {
    return value.map((each, index) => {
      const name = (each as { name?: unknown } | null)?.name;
      const key = typeof name === "string" ? name : String(index);
      return redact(each, [...path, { key, element: true }]);
    });
  }
  if (typeof value === "object" && value !== null) {
    // A class of its own says itself what it shows.
    const plain = typeof (value as { toJSON?: unknown }).toJSON === "function"
      ? REDACTED
      : undefined;
    return plain ?? Object.fromEntries(
      Object.entries(value).map(([key, field]) => [
        key,
        redact(field, [...path, { key, element: false }]),
      ]),
    );
  }
  return redactLeaf(value, path);
}

/** A text as people may see it at its place: itself, what is harmless of it, or `[redacted]`. */
export function redactedText(text: string, path: readonly Segment[]): string {
  return String(redactLeaf(text, path));
}

function redactLeaf(value: unknown, path: readonly Segment[]): unknown {
  if (value === undefined || value === null || value === "" || typeof value === "boolean") {
    return value;
  }
  const text = String(value);
  if (isRule(path)) return harmlessRule(text);
  return isHarmless(text, path) ? value : REDACTED;
}

function isRule(path: readonly Segment[]): boolean {
  return path.at(-2)?.key === "pg_hba" && path.at(-1)?.element === true;
}

function isHarmless(value: string, path: readonly Segment[]): boolean {
  const variable = variableOf(path);
  if (variable !== undefined) {
    if (HARMLESS_VARIABLES.has(variable.name)) return true;
    return variable.from && HARMLESS_FIELDS.has(path.at(-1)?.key ?? "");
  }
  const fields = path.filter(({ element }) => !element).map(({ key }) => key);
  const last = fields.at(-1) ?? "";
  if (isSecretName(last)) return false;
  const own = fields.some(holdsOwnTexts);
  if (own && fields.some(isSecretName)) return false;
  if (hasHarmlessForm(value)) return true;
  if (own) return false;
  return HARMLESS_FIELDS.has(last) || fields.some((field) => HARMLESS_MAPS.has(field));
}

/** The variable of a container that a path leads to; its Patroni configuration is looked into. */
function variableOf(path: readonly Segment[]): { name: string; from: boolean } | undefined {
  const at = path.findIndex(({ element }, index) =>
    element && path[index - 1]?.key === "env" && path[index - 1]?.element === false
  );
  const name = path[at]?.key;
  if (at < 0 || name === undefined) return undefined;
  const rest = path.slice(at + 1).map(({ key }) => key);
  if (name === "SPILO_CONFIGURATION" && rest.length > 0 && rest[0] !== "value") return undefined;
  return { name, from: rest[0] === "valueFrom" || rest[0] === "name" };
}
