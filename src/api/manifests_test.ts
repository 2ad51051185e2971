/** Holds the sample manifests to what they show: every custom resource in them is valid. */
import assert from "node:assert/strict";
import { parseAllDocuments } from "yaml";
import { configFromCrd } from "../config/from_crd.ts";
import type { JSONSchemaProps, KubeObject } from "../kubernetes/types.gen.ts";
import { CRDS } from "./crds.gen.ts";
import { checkPostgresql } from "./validator.gen.ts";

const MANIFESTS = new URL("../../manifests/", import.meta.url);

/** What is wrong with an object of ours; other kinds are not looked into. */
function problemsOf(object: KubeObject): unknown[] {
  switch (object.kind) {
    case "postgresql":
      return checkPostgresql(object);
    case "OperatorConfiguration":
      return configFromCrd(object["configuration"], { operatorNamespace: "default" }).warnings
        .slice();
    case "PostgresTeam":
      return mapsOfLists(object.spec);
    default:
      return [];
  }
}

/** Fields of a PostgresTeam that the definition does not know, and those that hold no lists. */
function mapsOfLists(spec: unknown): string[] {
  const crd = CRDS.find(({ spec }) => spec.names.kind === "PostgresTeam");
  const schema = crd?.spec.versions[0]?.schema?.openAPIV3Schema?.properties?.["spec"];
  const known = (schema as JSONSchemaProps).properties ?? {};
  return Object.entries(spec as object).filter(([field, value]) =>
    !Object.hasOwn(known, field) || !Object.values(value).every(Array.isArray)
  ).map(([field]) => field);
}

function documentsOf(text: string): KubeObject[] {
  const documents = parseAllDocuments(text);
  return [...documents].map((document) => {
    assert.deepEqual(document.errors, []);
    return document.toJS() as KubeObject;
  });
}

/** The text with every commented line that can be a field switched on. */
function uncommented(text: string): string {
  return text.replace(/^( *)# ( *(?:- )?[\w./-]+:(?: .*)?| *- \S.*)$/gm, "$1$2");
}

const files = [...Deno.readDirSync(MANIFESTS)].map((entry) => entry.name)
  .filter((name) => name.endsWith(".yaml")).sort();

for (const name of files) {
  const text = Deno.readTextFileSync(new URL(name, MANIFESTS));
  const objects = documentsOf(text);

  Deno.test(`${name} holds Kubernetes objects, and valid ones where they are ours`, () => {
    assert.ok(objects.length > 0);
    for (const object of objects) {
      assert.ok(object.apiVersion && object.kind, name);
      assert.deepEqual(problemsOf(object), []);
    }
  });
}

Deno.test("complete-postgres-manifest.yaml is valid with all its comments switched on", () => {
  const text = Deno.readTextFileSync(new URL("complete-postgres-manifest.yaml", MANIFESTS));
  const [object] = documentsOf(uncommented(text));
  const spec = object!.spec as Record<string, unknown>;
  for (const field of ["clone", "connectionPooler", "sidecars", "streams", "nodeAffinity"]) {
    assert.ok(field in spec, field);
  }
  assert.deepEqual(checkPostgresql(object), []);
});
