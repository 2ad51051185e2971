/**
 * Reads values in the form that an OperatorConfiguration holds; the defaults of both sources are
 * written in this form too.
 */

import { parseDuration } from "../lib/duration.ts";
import { INTEGER_BOUNDS } from "../lib/go_values.ts";
import { Sensitive } from "../lib/sensitive.ts";
import { readContainers } from "./containers.ts";
import { readRoleDefinitions } from "./infrastructure_roles.ts";
import { parseNamespacedName } from "./namespaced_name.ts";
import type { Parameter, ParameterKind } from "./parameters.ts";
import type { Read, ReadContext } from "./loading.ts";

export const DURATION_RULE = "must be a duration such as 30s, 5m or 1h30m, and not negative";

/** The value of a parameter that is neither set nor has a default: Go's zero value. */
export function zeroValue(kind: ParameterKind): unknown {
  switch (kind) {
    case "string":
      return "";
    case "secret":
      return new Sensitive("");
    case "boolean":
      return false;
    case "integer":
    case "duration":
      return 0;
    case "list":
    case "containers":
    case "roleDefinitions":
      return [];
    case "map":
      return {};
    case "optionalBoolean":
    case "optionalInteger":
    case "namespacedName":
    case "probe":
      return undefined;
  }
}

/** Reads one value of an OperatorConfiguration; `undefined` gives Go's zero value. */
export function readJson(parameter: Parameter, raw: unknown, context: ReadContext): Read<unknown> {
  if (raw === undefined || raw === null) return { value: zeroValue(parameter.kind) };
  switch (parameter.kind) {
    case "string":
      return typeof raw === "string" ? { value: raw } : { rule: "must be a text" };
    case "secret":
      return typeof raw === "string" ? { value: new Sensitive(raw) } : { rule: "must be a text" };
    case "boolean":
    case "optionalBoolean":
      return typeof raw === "boolean" ? { value: raw } : { rule: "must be true or false" };
    case "integer":
    case "optionalInteger":
      return readInteger(parameter, raw);
    case "duration":
      return readDuration(raw);
    case "list":
      return readTexts(raw);
    case "map":
      return readTextMap(raw);
    case "namespacedName":
      return readName(raw, context);
    case "containers":
      return readContainers(raw);
    case "roleDefinitions":
      return readRoleDefinitions(raw, context);
    case "probe":
      return typeof raw === "object" && !Array.isArray(raw)
        ? { value: raw }
        : { rule: "must be a probe" };
  }
}

function readInteger({ integerType }: Parameter, raw: unknown): Read<number> {
  const { minimum, maximum } = INTEGER_BOUNDS[integerType];
  return Number.isSafeInteger(raw) && Number(raw) >= minimum && Number(raw) <= maximum
    ? { value: Number(raw) }
    : { rule: `must be a whole number (${integerType})` };
}

function readDuration(raw: unknown): Read<number> {
  const milliseconds = typeof raw === "string" ? parseDuration(raw) : undefined;
  return milliseconds !== undefined && milliseconds >= 0
    ? { value: milliseconds }
    : { rule: DURATION_RULE };
}

function readTexts(raw: unknown): Read<readonly string[]> {
  return Array.isArray(raw) && raw.every((item) => typeof item === "string")
    ? { value: trimmedItems(raw) }
    : { rule: "must be a list of texts" };
}

/** The items of a list without the blanks around them; what is empty is no item. */
export function trimmedItems(items: readonly string[]): readonly string[] {
  return items.map((item) => item.trim()).filter((item) => item !== "");
}

function readTextMap(raw: unknown): Read<Record<string, string>> {
  const rule = "must be a map from text to text";
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) return { rule };
  const map: Record<string, string> = {};
  for (const [key, value] of Object.entries(raw)) {
    if (typeof value !== "string") return { rule };
    setOwn(map, key, value);
  }
  return { value: map };
}

function readName(raw: unknown, { operatorNamespace }: ReadContext): Read<unknown> {
  if (raw === "") return { value: undefined };
  const name = typeof raw === "string" ? parseNamespacedName(raw, operatorNamespace) : undefined;
  return name === undefined ? { rule: "must be a name or namespace/name" } : { value: name };
}

/** Sets an own property whatever its name is, `__proto__` too. */
export function setOwn(map: Record<string, string>, key: string, value: string): void {
  Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true });
}
