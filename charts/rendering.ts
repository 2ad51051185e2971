/** The chart as Helm renders it, and what two renderings differ in (tests of the chart). */
import { parseAllDocuments, stringify } from "yaml";
import { CHART, helm } from "./helm.ts";

/** Values that a rendering gets on top of those of the chart. */
export type Values = Readonly<Record<string, unknown>>;

/** A rendered object. */
export interface Rendered {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

export interface RenderOptions {
  readonly values?: Values;
  /** The operator's unless told. */
  readonly chart?: string;
  readonly release?: string;
  readonly namespace?: string;
}

/** Renders the chart. @throws with what Helm says when it refuses. */
export async function render(options: RenderOptions = {}): Promise<Rendered[]> {
  const { values = {}, chart = CHART } = options;
  const { release = "postgres-operator", namespace = "operators" } = options;
  const file = await Deno.makeTempFile({ suffix: ".yaml" });
  try {
    await Deno.writeTextFile(file, stringify(values, { version: "1.1" }));
    const args = [release, chart, "--namespace", namespace, "--values", file];
    const { success, stdout, stderr } = await helm("template", ...args);
    if (!success) throw new Error(stderr.trim());
    return parseAllDocuments(stdout).map((document) => document.toJS() as Rendered | null)
      .filter((object) => object !== null);
  } finally {
    await Deno.remove(file);
  }
}

/** `Kind/name` of an object, with its namespace where it has one. */
export function nameOf({ kind, metadata: { name, namespace } }: Rendered): string {
  return namespace === undefined ? `${kind} ${name}` : `${kind} ${namespace}/${name}`;
}

/** Every leaf by its path: `Kind name: field.field`. Empty lists and objects are leaves. */
export function leaves(objects: readonly Rendered[]): Map<string, unknown> {
  const found = new Map<string, unknown>();
  for (const object of objects) {
    const walk = (value: unknown, path: string[]): void => {
      const inner = typeof value === "object" && value !== null ? Object.entries(value) : [];
      if (inner.length === 0) found.set(`${nameOf(object)}: ${path.join(".")}`, value);
      for (const [key, item] of inner) walk(item, [...path, key]);
    };
    walk(object, []);
  }
  return found;
}

/** Paths that differ, sorted. */
export function differences(a: readonly Rendered[], b: readonly Rendered[]): string[] {
  const [before, after] = [leaves(a), leaves(b)];
  const paths = new Set([...before.keys(), ...after.keys()]);
  return [...paths].filter((path) =>
    JSON.stringify(before.get(path)) !== JSON.stringify(after.get(path))
  ).sort();
}

/** The values of the chart with one more at a path. */
export function valuesAt(path: readonly string[], value: unknown): Values {
  return path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as Values;
}
