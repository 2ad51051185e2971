/**
 * What others have added to lists of ours by requests of their own. A JSON merge patch replaces a
 * list as a whole, so what is to stay has to be sent along. Pure.
 */

import type { ManagedFieldsEntry } from "../../../kubernetes/types.gen.ts";
import { ownValue } from "../../../lib/own_value.ts";
import { elementPath, fieldPath } from "./difference.ts";
import { managerOf } from "./managers.ts";

/** How it is known whose an item is. */
export interface ItemRules {
  readonly managedFields: readonly ManagedFieldsEntry[] | undefined;
  /** Paths of what a comparison found and does not want: that goes, whoever has set it. */
  readonly unwanted: ReadonlySet<string>;
}

type Json = Readonly<Record<string, unknown>>;

/** Containers have fields that stand for themselves; other elements are written as they are wanted. */
const CONTAINER = /ontainers\[[^\]]*\]$/;

/** The desired value with the items of its lists that are others'; `path` is that of the value. */
export function withOthersItems(
  path: string,
  desired: unknown,
  observed: unknown,
  rules: ItemRules,
): unknown {
  if (Array.isArray(desired)) {
    return Array.isArray(observed) ? joined(path, desired, observed, rules) : desired;
  }
  if (!isRecord(desired) || !isRecord(observed)) return desired;
  const inner = Object.entries(desired).map(([key, value]) => [
    key,
    withOthersItems(fieldPath(path, key), value, ownValue(observed, key), rules),
  ]);
  return { ...Object.fromEntries(inner), ...othersFields(path, desired, observed, rules) };
}

function joined(
  path: string,
  desired: readonly unknown[],
  observed: readonly unknown[],
  rules: ItemRules,
): unknown[] {
  const found = new Map(observed.map((item) => [keyOf(item), item]));
  const wanted = new Set(desired.map(keyOf));
  return [
    ...desired.map((item) => {
      const key = keyOf(item);
      return key === undefined
        ? item
        : withOthersItems(elementPath(path, key), item, found.get(key), rules);
    }),
    ...observed.filter((item) => {
      const key = keyOf(item);
      if (key === undefined || wanted.has(key)) return false;
      return isOthers(elementPath(path, key), rules);
    }),
  ];
}

function othersFields(path: string, desired: Json, observed: Json, rules: ItemRules): Json {
  if (!CONTAINER.test(path)) return {};
  return Object.fromEntries(
    Object.entries(observed).filter(([key]) =>
      !Object.hasOwn(desired, key) && isOthers(fieldPath(path, key), rules)
    ),
  );
}

function isOthers(path: string, { managedFields, unwanted }: ItemRules): boolean {
  return !unwanted.has(path) && managerOf(path, managedFields) !== undefined;
}

/** What tells the items of a list apart; undefined where nothing does. */
export function keyOf(item: unknown): string | undefined {
  if (typeof item === "string") return item;
  if (!isRecord(item)) return undefined;
  if (item["containerPort"] !== undefined) {
    const { containerPort, protocol = "TCP" } = item;
    return protocol === "TCP" ? String(containerPort) : `${containerPort}/${protocol}`;
  }
  const key = item["uid"] ?? item["mountPath"] ?? item["port"] ?? item["name"];
  return key === undefined ? undefined : String(key);
}

function isRecord(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
