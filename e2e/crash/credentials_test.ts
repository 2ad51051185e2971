/**
 * `deno task credentials`: the operator is killed before and after every write of what changes
 * passwords. Meanwhile a client tries what Secrets say and have said, before and after each write: it
 * is never locked out, and at the end every Secret logs in. Prints its table.
 */
import assert from "node:assert/strict";
import type { PostgresqlSpec } from "../../src/api/types.gen.ts";
import type { KubeObject } from "../../src/kubernetes/types.gen.ts";
import { encodeBase64 } from "../../src/lib/base64.ts";
import { Sensitive } from "../../src/lib/sensitive.ts";
import { simulateCluster } from "../../src/dry_run/simulated/cluster.ts";
import { unknown } from "../../src/ports/observation.ts";
import { config } from "../../src/testing/config_fixture.ts";
import {
  controllerFor,
  loggerFor,
  runUntil,
  toolsFor,
} from "../../src/testing/simulated_operator.ts";
import type { StageReport } from "../support/crash_run.ts";
import { runStory, type Story } from "./run.ts";
import { STORIES } from "./stories.ts";
import { CLUSTER, NAMESPACE, type World } from "./world.ts";

const SPEC: Partial<PostgresqlSpec> = {
  users: { shop: ["createdb"], reader: [] },
  databases: { orders: "shop" },
};
const FOREIGN = `reader.${CLUSTER}.credentials.postgresql.acid.zalan.do`;
const OWNED = [{ apiVersion: "v1", kind: "ConfigMap", name: "theirs", uid: "theirs" }];
const DATA = { password: encodeBase64("of somebody else") };

/** A Secret of somebody else has the name of one of ours. */
function foreignSecret({ cluster: { api } }: World): void {
  const metadata = { namespace: NAMESPACE, name: FOREIGN, ownerReferences: OWNED };
  api.put({ apiVersion: "v1", kind: "Secret", metadata, data: DATA } as KubeObject);
}

function isUntouched({ cluster: { api } }: World): boolean {
  const ref = { apiVersion: "v1", kind: "Secret", namespace: NAMESPACE, name: FOREIGN };
  const found = api.find(ref) as KubeObject & { readonly data?: Record<string, string> };
  return found?.data?.["password"] === DATA.password &&
    JSON.stringify(found.metadata.ownerReferences) === JSON.stringify(OWNED);
}

const OWN: readonly Story[] = [
  {
    name: "somebody's Secret has the name of ours",
    spec: SPEC,
    setUp: foreignSecret,
    ended: isUntouched,
    startsUnseen: true,
  },
  {
    name: "deletion beside somebody's Secret",
    config: { enableSecretsDeletion: true },
    spec: SPEC,
    setUp: foreignSecret,
    act: ({ cluster: { api } }) => api.remove(MANIFEST),
    ended: isUntouched,
    startsUnseen: true,
  },
];
const MANIFEST = {
  apiVersion: "acid.zalan.do/v1",
  kind: "postgresql",
  namespace: NAMESPACE,
  name: CLUSTER,
};

/** Stories in which a password is made, changed or taken over. */
const CHOSEN: readonly RegExp[] = [
  /^creation with roles/,
  /^pooler on$/,
  /^password written by a person$/,
  /^rotation/,
  /^infrastructure role/,
  /^another user, database and flag$/,
  /^prepared databases$/,
];

interface Row {
  readonly name: string;
  /** Kills at objects, at statements, and elsewhere. */
  readonly points: readonly [kube: number, sql: number, other: number];
  readonly lockedOut: number;
  readonly shutOut: number;
  readonly changedAgain: number;
  readonly different: number;
}

function rowOf({ stage, points }: StageReport): Row {
  const violations = points.flatMap((point) => point.violations);
  const has = (text: string) => violations.filter((one) => one.includes(text)).length;
  const verbs = points.map(({ write }) => /^\w+ \d+: (\S*)/.exec(write)?.[1] ?? "");
  const kube = verbs.filter((verb) => ["POST", "PATCH", "PUT", "DELETE"].includes(verb)).length;
  const other = verbs.filter((verb) => ["exec", "patroni", "ModifyVolume"].includes(verb)).length;
  return {
    name: stage,
    points: [kube, points.length - kube - other, other],
    lockedOut: has("locked out"),
    shutOut: has("does not log in"),
    changedAgain: has("another password"),
    different: points.filter(({ differences, twice }) => differences.length + twice.length > 0)
      .length,
  };
}

function print(cells: readonly (string | number)[]): void {
  const [name = "", ...rest] = cells;
  const line = [String(name).padEnd(54), ...rest.map((cell) => String(cell).padStart(8))].join("");
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

function cellsOf({ name, points, lockedOut, shutOut, changedAgain, different }: Row) {
  return [name, ...points, lockedOut, shutOut, changedAgain, different];
}

Deno.test("passwords and databases agree whenever the operator is killed, and nobody is locked out", async () => {
  const stories = [
    ...STORIES.filter(({ name }) => CHOSEN.some((pattern) => pattern.test(name))),
    ...OWN,
  ];
  const rows: Row[] = [];
  for (const story of stories) {
    rows.push(rowOf(await runStory(story, { thoroughness: "every point" })));
  }
  print(["killed at", "objects", "SQL", "others", "locked", "shut", "again", "other"]);
  rows.forEach((row) => print(cellsOf(row)));
  const sum = (of: (row: Row) => number) => rows.reduce((total, row) => total + of(row), 0);
  const points = sum((row) => row.points.reduce((total, count) => total + count));
  print([`${rows.length} scenarios, ${points} kills`]);
  assert.ok(rows.length >= 12, `only ${rows.length} scenarios`);
  assert.ok(points > 300, `only ${points} kills`);
  for (const { points: _, ...row } of rows) {
    const { name } = row;
    assert.deepEqual(row, { name, lockedOut: 0, shutOut: 0, changedAgain: 0, different: 0 });
  }
});

for (const reason of ["forbidden", "Internal Server Error", "no answer in time"]) {
  Deno.test(`no password is made while a Secret cannot be read: ${reason}`, async () => {
    const settings = config();
    const cluster = simulateCluster({
      clusterNameLabel: settings.clusterNameLabel,
      roleLabel: settings.podRoleLabel,
      startMs: Date.parse("2026-01-14T12:00:30Z"),
    });
    const { reader } = cluster.api;
    let made = 0;
    const controller = controllerFor(cluster, {
      config: settings,
      logger: loggerFor(cluster, () => {}),
      tools: toolsFor(cluster, settings, {
        kube: {
          read: (ref, signal) =>
            ref.kind === "Secret" ? Promise.resolve(unknown(reason)) : reader.read(ref, signal),
          listOfCluster: (query, signal) => reader.listOfCluster(query, signal),
        },
        newPassword: () => new Sensitive(`${++made}`),
      }),
    });
    controller.start();
    cluster.api.put({
      ...{ apiVersion: "acid.zalan.do/v1", kind: "postgresql" },
      metadata: { namespace: NAMESPACE, name: CLUSTER },
      spec: {
        ...{ teamId: "acid", numberOfInstances: 1, volume: { size: "10Gi" } },
        ...{ postgresql: { version: "17" }, ...SPEC },
      },
    } as KubeObject);
    const endMs = cluster.clock.now() + 10 * 60_000;
    await runUntil(cluster, controller, () => endMs);
    await controller.stop();
    const secrets = cluster.api.objects().filter(({ kind }) => kind === "Secret");
    assert.deepEqual({ made, secrets }, { made: 0, secrets: [] });
  });
}
