/**
 * Compares two records of one step as the recorder's own comparison does, in the same words, so that
 * one list of accepted differences serves the recorded reference here and on a real control plane.
 */

import type { KubeObject } from "../../src/kubernetes/types.gen.ts";
import type { GoldenStep } from "./recorded.ts";

type Json = Record<string, unknown>;

/** More additional writes than this are a difference. */
const ADDITIONAL_WRITES = 3;

/** Every difference of a step, one line each. */
export function stepDifferences(reference: GoldenStep, ours: GoldenStep): string[] {
  const found: string[] = [];
  if (JSON.stringify(reference.status) !== JSON.stringify(ours.status)) {
    found.push(`status: want ${reference.status}, ours ${ours.status}`);
  }
  compareObjects(reference.objects, ours.objects, found);
  const deletions = ({ writes }: GoldenStep) =>
    new Set(
      writes.filter(({ verb, code }) => verb === "delete" && code < 300)
        .map(({ resource, name }) => `${resource}/${name}`),
    );
  compareSets(deletions(reference), deletions(ours), {
    missing: (text) => found.push(`delete ${text}: missing`),
    extra: (text) => found.push(`delete ${text}: extra`),
  });
  const reasons = ({ events }: GoldenStep) =>
    // A repeated Event is patched; the recorder shows no reason then.
    new Set(
      (events ?? []).filter(({ type }) => type !== undefined).map(({ type, reason }) =>
        `${type} ${reason}`
      ),
    );
  compareSets(reasons(reference), reasons(ours), {
    missing: (text) => found.push(`event ${text}: missing`),
    extra() {},
  });
  const requests = ({ patroni }: GoldenStep) =>
    new Set(
      (patroni ?? []).map(({ method, path, body }) =>
        `${method} ${path} ${JSON.stringify(sortedKeys(body ?? null))}`
      ),
    );
  compareSets(requests(reference), requests(ours), {
    missing: (text) => found.push(`patroni: want ${text.slice(0, 220)}`),
    extra: (text) => found.push(`patroni: extra ${text.slice(0, 220)}`),
  });
  if (ours.writes.length - reference.writes.length > ADDITIONAL_WRITES) {
    found.push(`writes: ${ours.writes.length}, reference ${reference.writes.length}`);
  }
  return found;
}

function compareObjects(
  reference: readonly KubeObject[],
  ours: readonly KubeObject[],
  found: string[],
): void {
  const key = ({ kind, metadata }: KubeObject) => `${kind}/${metadata.name}`;
  const left = new Map(ours.map((object) => [key(object), object]));
  for (const object of reference) {
    const other = left.get(key(object));
    left.delete(key(object));
    if (other === undefined) found.push(`${key(object)}: missing`);
    else compareValues(prepared(object), prepared(other), key(object), found);
  }
  for (const name of left.keys()) found.push(`${name}: extra`);
}

/**
 * Of the status only the word counts. What other controllers wrote is not there: the hash of a pod
 * template, and what they left of annotations.
 */
function prepared(given: KubeObject): KubeObject {
  const { annotations, labels, ...metadata } = given.metadata;
  const { "controller-revision-hash": _, ...kept } = labels ?? {};
  const object = {
    ...given,
    metadata: {
      ...metadata,
      ...(labels === undefined ? {} : { labels: kept }),
      ...(Object.keys(annotations ?? {}).length === 0 ? {} : { annotations }),
    },
  } as KubeObject;
  if (object.kind !== "postgresql") return object;
  const { PostgresClusterStatus } = (object.status ?? {}) as Json;
  return { ...object, status: { PostgresClusterStatus } };
}

function compareSets(
  reference: ReadonlySet<string>,
  ours: ReadonlySet<string>,
  tell: { missing: (text: string) => void; extra: (text: string) => void },
): void {
  for (const text of reference) if (!ours.has(text)) tell.missing(text);
  for (const text of ours) if (!reference.has(text)) tell.extra(text);
}

function compareValues(given: unknown, other: unknown, path: string, found: string[]): void {
  const [x, y] = [structured(given), structured(other)];
  if (Array.isArray(x) && Array.isArray(y) && named(x, y)) return compareNamed(x, y, path, found);
  if (isContainer(x) && isContainer(y) && Array.isArray(x) === Array.isArray(y)) {
    const [a, b] = [x as Json, y as Json];
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
      if (!(key in b)) found.push(`${path}.${key}: missing (want ${shown(a[key])})`);
      else if (!(key in a)) found.push(`${path}.${key}: extra (${shown(b[key])})`);
      else compareValues(a[key], b[key], `${path}.${key}`, found);
    }
  } else if (JSON.stringify(x) !== JSON.stringify(y)) {
    const text = (value: unknown) => JSON.stringify(value)?.slice(0, 200);
    found.push(`${path}: want ${text(x)}, ours ${text(y)}`);
  }
}

function shown(value: unknown): string {
  return JSON.stringify(value).slice(0, 160);
}

/** A text that holds JSON is compared by its structure. */
function structured(value: unknown): unknown {
  if (typeof value !== "string" || !/^[[{]/.test(value)) return value;
  try {
    return sortedKeys(JSON.parse(value));
  } catch {
    return value;
  }
}

function isContainer(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

function nameOf(element: unknown): unknown {
  return (element as { name?: unknown } | null | undefined)?.name;
}

/** True for lists whose elements belong together by their names. */
function named(x: readonly unknown[], y: readonly unknown[]): boolean {
  const unique = (list: readonly unknown[]) => new Set(list.map(nameOf)).size === list.length;
  return (nameOf(x[0]) ?? nameOf(y[0])) !== undefined && unique(x) && unique(y);
}

function compareNamed(
  x: readonly unknown[],
  y: readonly unknown[],
  path: string,
  found: string[],
): void {
  const others = new Map(y.map((element) => [nameOf(element), element]));
  const names = new Set(x.map(nameOf));
  for (const element of x) {
    const name = nameOf(element);
    if (!others.has(name)) found.push(`${path}[${name}]: missing`);
    else compareValues(element, others.get(name), `${path}[${name}]`, found);
  }
  for (const name of others.keys()) if (!names.has(name)) found.push(`${path}[${name}]: extra`);
  const same = x.length === y.length && x.every((element) => others.has(nameOf(element)));
  if (same && x.some((element, index) => nameOf(y[index]) !== nameOf(element))) {
    found.push(`${path}: order differs`);
  }
}

/** A value with the keys of its objects in order. */
export function sortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedKeys);
  if (!isContainer(value)) return value;
  const record = value as Json;
  return Object.fromEntries(
    Object.keys(record).sort().map((key) => [key, sortedKeys(record[key])]),
  );
}
