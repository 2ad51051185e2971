/**
 * One place where an object is not as it should be, and what mending it means. Comparisons return
 * these values; planners turn them into steps and their text into reasons.
 *
 * A path is written as people read it: `spec.template.spec.containers[postgres].image`. A key that
 * holds dots or slashes stands in quotes: `metadata.annotations["a.b/c"]`.
 */

import { harmlessValue } from "../../../lib/redact.ts";

/**
 * - `patch`: mended in place, nothing restarts;
 * - `rollout`: the pods that come of the object have to be recreated;
 * - `recreate`: deleted and created again.
 *
 * A field that needs two of them yields two differences.
 */
export type DifferenceEffect = "patch" | "rollout" | "recreate";

export interface Difference extends Mismatch {
  readonly effect: DifferenceEffect;
}

/** One place where two values differ. */
export interface Mismatch {
  readonly path: string;
  /** `undefined` where the field should not be there. */
  readonly desired: unknown;
  /** `undefined` where the field is missing. */
  readonly observed: unknown;
  /** What the field belongs to, where that is not the object of the step. */
  readonly of?: string;
  /** True for a value that must not be shown; only the path goes into a reason. */
  readonly sensitive?: boolean;
  /** True for texts that are shown without quotes: quantities, names, values of PostgreSQL. */
  readonly bare?: true;
}

/** How a difference ends whose values must not be shown. */
export const NOT_SHOWN = "(value not shown)";

/** Longest value that a reason shows in full. */
const SHOWN_LENGTH = 80;

/**
 * Says in one line what is different: `spec.type: "ClusterIP" → "LoadBalancer"`. Values are left out
 * where they are not known to be harmless.
 */
export function describeMismatch(mismatch: Mismatch): string {
  const { path, from, to, hidden } = describedChange(mismatch);
  if (!hidden) return `${path}: ${from} → ${to}`;
  const { desired, observed, sensitive } = mismatch;
  const change = desired === undefined
    ? "removed"
    : observed === undefined && sensitive !== true
    ? "set"
    : "changed";
  return `${path}: ${change} ${NOT_SHOWN}`;
}

/** One changed field in texts for people; both are empty where the values must not be shown. */
export interface DescribedChange {
  readonly path: string;
  readonly from: string;
  readonly to: string;
  readonly hidden: boolean;
}

/** A mismatch for a page that shows what was beside what will be. */
export function describedChange(mismatch: Mismatch): DescribedChange {
  const { path, desired, observed, sensitive, of, bare } = mismatch;
  const what = of === undefined ? path : `${path} of ${of}`;
  const [from, to] = [harmlessValue(path, observed), harmlessValue(path, desired)];
  const hidden = sensitive === true || (from === undefined && observed !== undefined) ||
    (to === undefined && desired !== undefined);
  if (hidden) return { path: what, from: "", to: "", hidden };
  return { path: what, from: shown(from, bare), to: shown(to, bare), hidden };
}

/** True when any of the differences has the effect. */
export function hasEffect(differences: readonly Difference[], effect: DifferenceEffect): boolean {
  return differences.some((difference) => difference.effect === effect);
}

/** Appends a field to a path, quoting a key that is not a plain word. */
export function fieldPath(parent: string, key: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_-]*$/.test(key)) return `${parent}["${key}"]`;
  return parent === "" ? key : `${parent}.${key}`;
}

/** Appends an element of a list to a path: by name, or by index. */
export function elementPath(parent: string, element: string | number): string {
  return `${parent}[${element}]`;
}

function shown(value: unknown, bare?: true): string {
  if (value === undefined) return "(none)";
  const text = bare ? String(value) : JSON.stringify(value) ?? String(value);
  return text.length <= SHOWN_LENGTH ? text : `${text.slice(0, SHOWN_LENGTH)}…`;
}
