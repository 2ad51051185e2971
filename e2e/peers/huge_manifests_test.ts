/** Manifests as large as the API server takes are planned, or refused with a message, in time. */

import assert from "node:assert/strict";
import { dryRun, NO_TEAMS } from "../../src/dry_run/dry_run.ts";
import type { ShownPlan } from "../../src/dry_run/show.ts";
import { documentReader } from "../../src/dry_run/sources.ts";
import type { KubeObject } from "../../src/kubernetes/types.gen.ts";
import { known } from "../../src/ports/observation.ts";
import { config } from "../../src/testing/config_fixture.ts";
import { measured } from "./measure.ts";

type Json = Record<string, unknown>;

/** What `docs/security.md` promises, with room for a slow machine. */
const MOST_MS = 60_000;
const MOST_MB = 600;

function numbered<T>(count: number, name: string, value: (index: number) => T): Record<string, T> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`${name}${index}`, value(index)]),
  );
}

function nested(depth: number): unknown {
  let value: unknown = "x";
  for (let level = 0; level < depth; level++) value = { a: value };
  return value;
}

const HUGE: readonly [string, Json, RegExp | undefined][] = [
  ["a billion instances", { numberOfInstances: 1e9 }, /spec\.numberOfInstances .*more than 1000/],
  [
    "a billion poolers",
    { enableConnectionPooler: true, connectionPooler: { numberOfInstances: 1e9 } },
    /spec\.connectionPooler\.numberOfInstances .*more than 1000/,
  ],
  ["10,000 users", { users: numbered(10_000, "user_", () => ["createdb"]) }, undefined],
  [
    "10,000 databases",
    { users: { owner: [] }, databases: numbered(10_000, "db_", () => "owner") },
    undefined,
  ],
  [
    "1,000 prepared databases",
    { preparedDatabases: numbered(1000, "p_", () => ({ schemas: { data: {}, more: {} } })) },
    undefined,
  ],
  [
    "a megabyte of parameters",
    {
      postgresql: {
        version: "17",
        parameters: numbered(1000, "ext.p", () => "x".repeat(1000)),
      },
    },
    undefined,
  ],
  [
    "values in values",
    {
      additionalVolumes: [{ name: "v", mountPath: "/v", volumeSource: { csi: nested(1000) } }],
    },
    undefined,
  ],
  [
    "a text in the place of an object",
    "hunter2" as unknown as Json,
    /spec must be Object, not a string/,
  ],
];

async function planned(spec: Json | string): Promise<ShownPlan> {
  const settings = config();
  const base = {
    teamId: "acid",
    numberOfInstances: 2,
    volume: { size: "1Gi" },
    postgresql: { version: "17" },
  };
  return await dryRun({
    manifest: {
      apiVersion: "acid.zalan.do/v1",
      kind: "postgresql",
      metadata: { namespace: "default", name: "acid-huge" },
      spec: typeof spec === "string" ? spec : { ...base, ...spec },
    } as unknown as KubeObject,
    config: settings,
    reader: documentReader([], undefined, settings.clusterNameLabel),
    live: undefined,
    eventStreamsSupported: known(false),
    teams: NO_TEAMS,
    now: new Date("2026-01-14T12:00:30Z"),
    signal: new AbortController().signal,
  });
}

for (const [what, spec, refusal] of HUGE) {
  Deno.test(`a manifest with ${what} is ${refusal === undefined ? "planned" : "refused"}`, async () => {
    let plan: ShownPlan | undefined;
    const { tookMs, grewMb } = await measured(async () => plan = await planned(spec));
    assert.ok(tookMs < MOST_MS, `it took ${tookMs} ms`);
    assert.ok(grewMb < MOST_MB, `it took ${grewMb} MB`);
    if (refusal === undefined) assert.ok((plan?.changes.length ?? 0) > 5);
    else {
      assert.deepEqual(plan?.changes, []);
      assert.match(plan?.held[0]?.reason ?? "", refusal);
    }
  });
}
