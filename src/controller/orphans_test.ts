/** Clusters without a manifest: asked for twice, told once, removed only where that is asked for. */

import assert from "node:assert/strict";
import type { Postgresql } from "../api/types.gen.ts";
import { createVirtualClock } from "../dry_run/simulated/virtual_clock.ts";
import type { StatefulSet } from "../kubernetes/types.gen.ts";
import { createLogger } from "../log/logger.ts";
import { known, unknown } from "../ports/observation.ts";
import type { KubeReader } from "../ports/ports.ts";
import { cluster } from "../testing/cluster_fixture.ts";
import { config as configOf } from "../testing/config_fixture.ts";
import { watchOrphans } from "./orphans.ts";

const KEY = "shop/acid-orders";

const LABELS = { application: "spilo", "cluster-name": "acid-orders", team: "acid" };

/** A StatefulSet as the operator makes it, as far as that shows whose it is. */
function setOf(uid = "set-1", labels: Record<string, string> = {}): StatefulSet {
  const env = [{ name: "SCOPE", value: "acid-orders" }];
  return {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: {
      namespace: "shop",
      name: "acid-orders",
      uid,
      labels: { ...LABELS, ...labels },
    },
    spec: {
      serviceName: "acid-orders",
      selector: { matchLabels: { ...LABELS, ...labels } },
      template: { spec: { containers: [{ name: "postgres", image: "spilo", env }] } },
    },
  };
}

/** A watch over one StatefulSet; the test says what there is and what the API server answers. */
function stage(changes: { config?: Parameters<typeof configOf>[0]; controllerId?: string } = {}) {
  const state = {
    sets: [setOf()],
    manifest: undefined as Postgresql | undefined,
    answers: true,
    isKnown: false,
  };
  const clock = createVirtualClock(Date.parse("2026-01-14T12:00:00Z"));
  const stopping = new AbortController();
  const [lines, removed]: [string[], string[]] = [[], []];
  const live = {
    read: () => Promise.resolve(state.answers ? known(state.manifest) : unknown("no answer")),
  } as unknown as KubeReader;
  const watch = watchOrphans({
    live,
    controllerId: changes.controllerId ?? "",
    config: configOf(changes.config),
    clock,
    logger: createLogger({
      format: "text",
      verbosity: 0,
      now: () => new Date(clock.now()),
      write: (line) => void lines.push(line),
    }),
    statefulSets: () => state.sets,
    isKnown: () => state.isKnown,
    remove: ({ key }) => void removed.push(key),
    signal: stopping.signal,
  });
  const settle = async () => {
    for (let turn = 0; turn < 50; turn++) await Promise.resolve();
  };
  const look = async () => {
    await settle();
    clock.advance();
    await settle();
  };
  const listed = () => watch.list().map(({ key }) => key);
  return { state, clock, lines, removed, listed, look, settle, stop: () => watch.stop() };
}

Deno.test("an orphan is reported when the API server has said twice that its manifest is gone", async () => {
  const { lines, listed, look, settle, removed } = stage();
  await settle();
  assert.deepEqual([listed(), lines], [[], []], "asked once");
  await look();
  assert.deepEqual(listed(), [KEY]);
  assert.match(lines.join(), /has had no manifest since 2026-01-14T12:00:00.000Z/);
  await look();
  assert.deepEqual([lines.length, removed], [1, []], "told once, and nothing is removed");
});

Deno.test("a manifest that the API server still has is no orphan's, whatever the caches say", async () => {
  const { state, listed, look } = stage();
  state.manifest = cluster();
  await look();
  await look();
  assert.deepEqual(listed(), []);
});

Deno.test("where the API server does not answer nobody is an orphan, and it is asked again", async () => {
  const { state, listed, look, lines } = stage();
  state.answers = false;
  await look();
  await look();
  assert.deepEqual(listed(), []);
  assert.match(lines.join(), /cannot tell whether shop\/acid-orders was deleted/);
  state.answers = true;
  await look();
  await look();
  assert.deepEqual(listed(), [KEY]);
});

Deno.test("another StatefulSet of the name is another suspect, and one that goes is none", async () => {
  const { state, listed, look, settle } = stage();
  await settle();
  state.sets = [setOf("set-2")];
  await look();
  assert.deepEqual(listed(), [], "the second one was asked for once");
  await look();
  assert.deepEqual(listed(), [KEY]);
  state.sets = [];
  await look();
  assert.deepEqual(listed(), []);
});

Deno.test("a manifest that comes back ends it", async () => {
  const { state, listed, look } = stage();
  await look();
  state.isKnown = true;
  await look();
  assert.deepEqual(listed(), []);
});

Deno.test("a StatefulSet that the operator would not make is nobody's orphan", async () => {
  const { state, listed, look, settle } = stage();
  state.sets = [setOf("set-1", { application: "shop" })];
  await settle();
  await look();
  await look();
  assert.deepEqual(listed(), []);
});

const REMOVAL: readonly [string, Parameters<typeof stage>[0], readonly string[]][] = [
  ["is removed where that is asked for", { config: { enableOrphanDeletion: true } }, [KEY]],
  ["is not removed by default", {}, []],
  [
    "is not removed where annotations protect from deletions",
    { config: { enableOrphanDeletion: true, deleteAnnotationDateKey: "delete-date" } },
    [],
  ],
  [
    "is not removed where several operators share the clusters",
    { config: { enableOrphanDeletion: true }, controllerId: "blue" },
    [],
  ],
];

for (const [name, changes, want] of REMOVAL) {
  Deno.test(`an orphan ${name}`, async () => {
    const { look, removed } = stage(changes);
    await look();
    await look();
    assert.deepEqual(removed, want);
  });
}

Deno.test("orphans are looked for every five minutes, until the end", async () => {
  const { look, settle, stop, listed, clock } = stage();
  await settle();
  assert.equal(clock.nextMs(), clock.now() + 5 * 60_000);
  stop();
  await look();
  assert.deepEqual([listed(), clock.nextMs()], [[], undefined]);
});
