/** Every text field of the schema of a cluster's manifest, and a manifest that has one of them. */

import { parse } from "yaml";

/** The parts of an OpenAPI schema that matter here. */
interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly "x-kubernetes-int-or-string"?: boolean;
  readonly "x-kubernetes-preserve-unknown-fields"?: boolean;
}

type Json = Record<string, unknown>;

/** `spec.sidecars[].env[].value`; `*` is any key of a map. */
export interface TextField {
  readonly path: string;
  /** The value of `spec` in which this field alone holds `text`. */
  readonly specWith: (text: string) => Json;
}

/** What stands in fields that another one needs beside it. */
const FILLER: Readonly<Record<string, unknown>> = { string: "a", integer: 1, boolean: true };

/** All text fields of the schema in `crds/postgresql.yaml`, in its order. */
export function textFields(): TextField[] {
  const file = new URL("../../crds/postgresql.yaml", import.meta.url);
  const crd = parse(Deno.readTextFileSync(file)) as {
    spec: { versions: { schema: { openAPIV3Schema: Schema } }[] };
  };
  const spec = crd.spec.versions[0]?.schema.openAPIV3Schema.properties?.["spec"];
  if (spec === undefined) throw new Error("the definition has no schema of spec");
  return fieldsOf(spec).map(({ path, make }) => ({
    path: `spec${path}`,
    specWith: (text) => merged(BASE, make(text)) as Json,
  }));
}

/** A manifest that uses something of everything, so that a field finds what it belongs to. */
const BASE: Json = {
  teamId: "acid",
  numberOfInstances: 2,
  volume: { size: "1Gi" },
  postgresql: { version: "17" },
  users: { owner: [] },
  databases: { shop: "owner" },
};

interface Found {
  readonly path: string;
  readonly make: (text: string) => unknown;
}

function fieldsOf(schema: Schema): Found[] {
  const { properties, additionalProperties, items } = schema;
  const own = schema.type === "string" || schema["x-kubernetes-int-or-string"] === true
    ? [{ path: "", make: (text: string) => text }]
    : schema["x-kubernetes-preserve-unknown-fields"] === true && properties === undefined
    ? [{ path: ".*", make: (text: string) => ({ hostPath: { path: text } }) }]
    : [];
  const named = Object.entries(properties ?? {}).flatMap(([key, field]) =>
    fieldsOf(field).map(({ path, make }) => ({
      path: `.${key}${path}`,
      make: (text: string) => ({ ...required(schema), [key]: make(text) }),
    }))
  );
  const mapped = typeof additionalProperties === "object"
    ? fieldsOf(additionalProperties).map(({ path, make }) => ({
      path: `.*${path}`,
      make: (text: string) => ({ shop: make(text) }),
    }))
    : [];
  const listed = items === undefined ? [] : fieldsOf(items).map(({ path, make }) => ({
    path: `[]${path}`,
    make: (text: string) => [make(text)],
  }));
  return [...own, ...named, ...mapped, ...listed];
}

function required(schema: Schema): Json {
  const fields = (schema.required ?? []).map((
    key,
  ) => [key, filler(schema.properties?.[key] ?? {})]);
  return Object.fromEntries(fields);
}

function filler(schema: Schema): unknown {
  if (schema.enum !== undefined) return schema.enum[0];
  if (schema.type === "array") return [];
  if (schema.type === "object") return required(schema);
  return FILLER[schema.type ?? "string"] ?? "a";
}

function merged(base: unknown, more: unknown): unknown {
  if (!isJson(base) || !isJson(more)) return more;
  const result: Json = { ...base };
  // What the base has goes before what merely fills a required field.
  for (const [key, value] of Object.entries(more)) {
    result[key] = key in base && (value === "a" || value === 1)
      ? base[key]
      : merged(base[key], value);
  }
  return result;
}

function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
