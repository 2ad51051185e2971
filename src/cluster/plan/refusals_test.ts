import assert from "node:assert/strict";
import { newFindings } from "../effective/findings.ts";
import { resolveSpec } from "../effective/spec.ts";
import { cluster, inputs } from "../../testing/cluster_fixture.ts";
import { config } from "../../testing/config_fixture.ts";
import type { PostgresqlSpec } from "../../api/types.gen.ts";
import type { Config } from "../../config/config.ts";
import type { Subject } from "../subject.ts";
import { refusalsOf } from "./refusals.ts";

interface Row {
  readonly given: string;
  readonly spec?: Partial<PostgresqlSpec>;
  readonly settings?: Partial<Config>;
  readonly held: readonly Subject[];
}

const NOW = new Date("2026-01-05T12:00:00Z");
const BAD = { limits: { cpu: "much" } };

const ROWS: readonly Row[] = [
  { given: "nothing wrong", held: [] },
  { given: "resources of PostgreSQL", spec: { resources: BAD }, held: ["statefulset"] },
  {
    given: "resources of the pooler",
    spec: { enableConnectionPooler: true, connectionPooler: { resources: BAD } },
    held: ["pooler"],
  },
  {
    given: "resources of a sidecar",
    spec: { sidecars: [{ name: "s", image: "i", resources: BAD }] },
    held: ["statefulset"],
  },
  {
    given: "resources of the logical backup",
    spec: { enableLogicalBackup: true },
    settings: { logicalBackupCpuLimit: "much" },
    held: ["logical backup"],
  },
  {
    given: "a policy of the configuration",
    settings: { podManagementPolicy: "odd" },
    held: ["statefulset"],
  },
];

for (const { given, spec = {}, settings = {}, held } of ROWS) {
  Deno.test(`${given}: held back is ${held.join(", ") || "nothing"}`, () => {
    const found = resolveSpec(cluster({ spec }), config(settings), inputs(), NOW);
    const refusals = refusalsOf({ manifest: [], ...found });
    assert.deepEqual(refusals.map(({ subject }) => subject), held);
    for (const { kind } of refusals) assert.equal(kind, "refused");
  });
}

Deno.test("users that cannot be used hold back the credentials, with field and rule", () => {
  const manifest = [{
    path: "spec.users",
    value: "1x",
    message: "must match",
    scope: "roles" as const,
  }];
  assert.deepEqual(refusalsOf({ manifest, ...newFindings() }), [
    { subject: "credentials", kind: "refused", reason: 'spec.users: "1x" must match' },
  ]);
});

Deno.test("an input that could not be read holds back its subject as unreadable", () => {
  const found = { ...newFindings(), unknowns: [{ subject: "pooler" as const, reason: "403" }] };
  assert.deepEqual(refusalsOf({ manifest: [], ...found }), [
    { subject: "pooler", kind: "unreadable", reason: "403" },
  ]);
});
