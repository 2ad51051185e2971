/** What of the definitions people and other programs see: names, columns, status. */

import assert from "node:assert/strict";
import { CRDS } from "./crds.gen.ts";

function definition(kind: string) {
  const found = CRDS.find(({ spec }) => spec.names.kind === kind);
  assert.ok(found, kind);
  const [version, ...others] = found.spec.versions;
  assert.ok(version);
  assert.deepEqual(others, []);
  return { crd: found, version };
}

const NAMES: readonly (readonly [string, string, string, string])[] = [
  ["postgresql", "postgresqls", "pg", "postgresqlList"],
  ["OperatorConfiguration", "operatorconfigurations", "opconfig", "OperatorConfigurationList"],
  ["PostgresTeam", "postgresteams", "pgteam", "PostgresTeamList"],
];

for (const [kind, plural, short, list] of NAMES) {
  Deno.test(`${kind} has the names that people and programs know`, () => {
    const { crd, version } = definition(kind);
    assert.equal(crd.metadata.name, `${plural}.acid.zalan.do`);
    assert.equal(crd.spec.group, "acid.zalan.do");
    assert.equal(crd.spec.scope, "Namespaced");
    assert.equal(crd.spec.names.plural, plural);
    assert.equal(crd.spec.names.listKind, list);
    assert.deepEqual(crd.spec.names.shortNames, [short]);
    assert.deepEqual(crd.spec.names.categories, ["all"]);
    assert.deepEqual([version.name, version.served, version.storage], ["v1", true, true]);
  });
}

function columns(kind: string): readonly string[] {
  return (definition(kind).version.additionalPrinterColumns ?? []).map(({ name }) => name);
}

Deno.test("kubectl prints the columns that people know, in their order", () => {
  assert.deepEqual(columns("postgresql"), [
    "Team",
    "Version",
    "Pods",
    "Volume",
    "CPU-Request",
    "Memory-Request",
    "Age",
    "Status",
  ]);
  assert.deepEqual(columns("OperatorConfiguration"), [
    "Image",
    "Cluster-Label",
    "Service-Account",
    "Min-Instances",
    "Age",
  ]);
});

Deno.test("status of a postgresql is a subresource", () => {
  assert.deepEqual(definition("postgresql").version.subresources?.status, {});
});

/** Fields of the manifest that an earlier major version removed. */
const REMOVED = [
  "init_containers",
  "pod_priority_class_name",
  "useLoadBalancer",
  "replicaLoadBalancer",
];

Deno.test("removed fields stay removed", () => {
  const schema = definition("postgresql").version.schema?.openAPIV3Schema;
  const spec = schema?.properties?.["spec"] as { properties?: Record<string, unknown> };
  const fields = Object.keys(spec.properties ?? {});
  assert.ok(fields.length > 50);
  assert.deepEqual(fields.filter((field) => REMOVED.includes(field)), []);
});
