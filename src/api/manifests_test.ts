/** Holds the sample manifests to what they show: every custom resource in them is valid. */
import assert from "node:assert/strict";
import { parseAllDocuments } from "yaml";
import type { KubeObject } from "../kubernetes/types.gen.ts";
import { checkOperatorConfiguration, checkPostgresql, checkPostgresTeam } from "./validator.gen.ts";

const MANIFESTS = new URL("../../manifests/", import.meta.url);

const CHECKS: Readonly<Record<string, typeof checkPostgresql>> = {
  OperatorConfiguration: checkOperatorConfiguration,
  PostgresTeam: checkPostgresTeam,
  postgresql: checkPostgresql,
};

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
      assert.deepEqual(CHECKS[object.kind]?.(object) ?? [], []);
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
