/**
 * Values as JSON without loss: maps, sets, times, texts that do not show themselves and fields that
 * are there without a value. What is no data (a function) is refused. Pure.
 */

import { Sensitive } from "../lib/sensitive.ts";
import type { Segment } from "../lib/redact.ts";

/** Where texts of a value pass through on their way into JSON. */
export interface TextRules {
  /** A text as it is written at its place. */
  text(text: string, path: readonly Segment[]): string;
  /** A text that must not show itself. */
  sensitive(value: Sensitive, path: readonly Segment[]): string;
  /** An object as it is written, and where paths begin anew. */
  object?(
    value: Readonly<Record<string, unknown>>,
    path: readonly Segment[],
  ): { readonly value: Readonly<Record<string, unknown>>; readonly path: readonly Segment[] };
}

const TAG = "~";

/** @throws TypeError for what is no data */
export function toTagged(value: unknown, rules: TextRules, path: readonly Segment[] = []): unknown {
  if (typeof value === "string") return rules.text(value, path);
  if (value === undefined) return { [TAG]: "none" };
  if (typeof value === "number") {
    return Number.isFinite(value) ? value : { [TAG]: "number", value: String(value) };
  }
  if (value === null || typeof value === "boolean") return value;
  if (typeof value === "bigint") return { [TAG]: "integer", value: String(value) };
  if (typeof value === "object") return objectToTagged(value, rules, path);
  const place = path.map(({ key }) => key).join(".");
  throw new TypeError(`cannot record ${place}: a ${typeof value} is no data`);
}

function objectToTagged(value: object, rules: TextRules, path: readonly Segment[]): unknown {
  const inside = (each: unknown, key: string, element: boolean) =>
    toTagged(each, rules, [...path, { key, element }]);
  if (Array.isArray(value)) {
    return value.map((each, index) => inside(each, elementName(each, index), true));
  }
  if (value instanceof Sensitive) {
    return { [TAG]: "sensitive", value: rules.sensitive(value, path) };
  }
  if (value instanceof Date) return { [TAG]: "time", value: value.getTime() };
  if (value instanceof Map) {
    const pairs = [...value].map(([key, each]) => [key, inside(each, String(key), true)]);
    return { [TAG]: "map", value: pairs };
  }
  if (value instanceof Set) {
    return { [TAG]: "set", value: [...value].map((each, at) => inside(each, String(at), true)) };
  }
  const begin = rules.object?.(value as Record<string, unknown>, path) ?? { value, path };
  return Object.fromEntries(
    Object.entries(begin.value).map(([key, each]) => [
      key.startsWith(TAG) ? TAG + key : key,
      toTagged(each, rules, [...begin.path, { key, element: false }]),
    ]),
  );
}

function elementName(each: unknown, index: number): string {
  const name = (each as { name?: unknown } | null | undefined)?.name;
  return typeof name === "string" ? name : String(index);
}

/** The value again. @throws TypeError for a tag that is not known */
export function fromTagged(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(fromTagged);
  if (typeof json !== "object" || json === null) return json;
  const tag = (json as Record<string, unknown>)[TAG];
  if (tag !== undefined) return valueOf(tag, (json as { value?: unknown }).value);
  return Object.fromEntries(
    Object.entries(json).map(([key, each]) => [
      key.startsWith(TAG) ? key.slice(TAG.length) : key,
      fromTagged(each),
    ]),
  );
}

function valueOf(tag: unknown, value: unknown): unknown {
  switch (tag) {
    case "none":
      return undefined;
    case "number":
      return Number(value);
    case "integer":
      return BigInt(String(value));
    case "time":
      return new Date(Number(value));
    case "sensitive":
      return new Sensitive(String(value));
    case "map":
      return new Map((value as unknown[]).map((pair) => fromTagged(pair) as [unknown, unknown]));
    case "set":
      return new Set((value as unknown[]).map(fromTagged));
    default:
      throw new TypeError(`cannot read a recording: ${JSON.stringify(tag)} is no known tag`);
  }
}
