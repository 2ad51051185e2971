import assert from "node:assert/strict";
import type { PostgresqlSpec } from "../../api/types.gen.ts";
import { known, unknown } from "../../ports/observation.ts";
import { cluster } from "../../testing/cluster_fixture.ts";
import { config } from "../../testing/config_fixture.ts";
import { newFindings } from "./findings.ts";
import { resolveVersion } from "./version.ts";

type Version = PostgresqlSpec["postgresql"]["version"];

interface Row {
  readonly name: string;
  readonly asked: Version;
  readonly running: number | undefined;
  readonly window: "open" | "closed";
  readonly mode?: string;
  readonly want: { readonly desired: string; readonly goal: string; readonly manifest: string };
  readonly held?: boolean;
  readonly ignored?: boolean;
}

const ROWS: readonly Row[] = [
  {
    name: "a new cluster gets what it asks for, windows or not",
    asked: "17",
    running: undefined,
    window: "closed",
    want: { desired: "17", goal: "17", manifest: "17" },
  },
  {
    name: "an unchanged version",
    asked: "17",
    running: 17,
    window: "closed",
    want: { desired: "17", goal: "17", manifest: "17" },
  },
  {
    name: "a raised version in a window",
    asked: "18",
    running: 17,
    window: "open",
    want: { desired: "18", goal: "18", manifest: "18" },
  },
  {
    name: "a raised version outside windows waits",
    asked: "18",
    running: 17,
    window: "closed",
    want: { desired: "17", goal: "18", manifest: "17" },
    held: true,
  },
  {
    name: "a lowered version changes no pods and upgrades nothing",
    asked: "15",
    running: 17,
    window: "open",
    want: { desired: "17", goal: "15", manifest: "17" },
    ignored: true,
  },
  {
    name: "mode full raises versions below the minimum",
    asked: "14",
    running: 14,
    window: "open",
    mode: "full",
    want: { desired: "18", goal: "18", manifest: "14" },
  },
  {
    name: "mode full leaves the minimum alone",
    asked: "15",
    running: 15,
    window: "open",
    mode: "full",
    want: { desired: "15", goal: "15", manifest: "15" },
  },
  {
    name: "mode full waits for a window",
    asked: "14",
    running: 14,
    window: "closed",
    mode: "full",
    want: { desired: "14", goal: "18", manifest: "14" },
    held: true,
  },
  {
    name: "mode full keeps what it has raised",
    asked: "14",
    running: 18,
    window: "closed",
    mode: "full",
    want: { desired: "18", goal: "18", manifest: "14" },
  },
];

Deno.test("resolveVersion settles the major version", () => {
  for (const { name, asked, running, window, mode = "manual", want, held, ignored } of ROWS) {
    const findings = newFindings();
    const resolved = resolveVersion({
      spec: cluster({ spec: { postgresql: { version: asked } } }).spec,
      config: config({
        majorVersionUpgradeMode: mode,
        minimalMajorVersion: "15",
        targetMajorVersion: "18",
      }),
      running: known(running),
      window,
    }, findings);
    const { held: reason, ...versions } = resolved;
    assert.deepEqual(versions, want, name);
    assert.equal(reason !== undefined, held ?? false, name);
    assert.equal(findings.notices.length > 0, ignored ?? false, name);
    assert.deepEqual(findings.unknowns, [], name);
  }
});

Deno.test("resolveVersion holds the StatefulSet while the running version is unknown", () => {
  const findings = newFindings();
  const question = { spec: cluster().spec, config: config(), window: "open" } as const;
  resolveVersion({ ...question, running: unknown("no access") }, findings);
  assert.deepEqual(findings.unknowns.map(({ subject }) => subject), [
    "statefulset",
    "logical backup",
  ]);
  assert.match(findings.unknowns[0]!.reason, /no access/);
});
