import assert from "node:assert/strict";
import fc from "fast-check";
import type { Stream, StreamTable } from "../../api/types.gen.ts";
import { cluster } from "../../testing/cluster_fixture.ts";
import { resolveStreams, streamSlotName } from "./streams.ts";

function streams(...given: Stream[]) {
  return resolveStreams(cluster({ spec: { streams: given } }));
}

function stream(overrides: Partial<Stream> = {}): Stream {
  return {
    applicationId: "app-one",
    database: "shop",
    tables: { "data.orders": { eventType: "order" } },
    ...overrides,
  };
}

Deno.test("a stream has one slot for each application and database", () => {
  const { applications, slots } = streams(stream(), stream({ database: "other" }));
  assert.deepEqual(applications.map(({ applicationId }) => applicationId), ["app-one"]);
  assert.deepEqual(slots, {
    fes_shop_app_one: { type: "logical", plugin: "pgoutput", database: "shop" },
    fes_other_app_one: { type: "logical", plugin: "pgoutput", database: "other" },
  });
});

Deno.test("two entries of one application and database are one, a table is streamed once", () => {
  const { applications } = streams(
    stream({ tables: { b: { eventType: "b" }, a: { eventType: "old" } } }),
    stream({ tables: { a: { eventType: "new" } } }),
  );
  const tables = applications[0]?.sources[0]?.tables.map((
    { name, eventType },
  ) => [name, eventType]);
  assert.deepEqual(tables, [["a", "new"], ["b", "b"]]);
});

const RECOVERY: readonly [boolean | undefined, Partial<StreamTable>, unknown][] = [
  [undefined, {}, { type: "None" }],
  [false, { recoveryEventType: "dead" }, { type: "None" }],
  [true, {}, { type: "DeadLetter", eventType: "order-dead-letter-queue" }],
  [true, { recoveryEventType: "dead" }, { type: "DeadLetter", eventType: "dead" }],
  [undefined, { recoveryEventType: "dead" }, { type: "DeadLetter", eventType: "dead" }],
  [true, { ignoreRecovery: true }, { type: "Ignore" }],
  [undefined, { ignoreRecovery: true }, { type: "None" }],
];

Deno.test("what becomes of undeliverable events", () => {
  for (const [enableRecovery, table, want] of RECOVERY) {
    const { applications } = streams(stream({
      ...(enableRecovery === undefined ? {} : { enableRecovery }),
      tables: { "data.orders": { eventType: "order", ...table } },
    }));
    assert.deepEqual(applications[0]?.sources[0]?.tables[0]?.recovery, want);
  }
});

Deno.test("a table without schema is in public; its filter is found by its full name", () => {
  const { applications } = streams(stream({
    tables: { plain: { eventType: "p" }, "data.orders": { eventType: "o" } },
    filter: { "data.orders": "[?(@.a)]" },
  }));
  const tables = applications[0]?.sources[0]?.tables;
  assert.deepEqual(tables?.map(({ schema, name, filter }) => [schema, name, filter]), [
    ["data", "orders", "[?(@.a)]"],
    ["public", "plain", undefined],
  ]);
});

Deno.test("the largest wish for resources wins", () => {
  const { applications } = streams(
    stream({ cpu: "250m", memory: "1Gi" }),
    stream({ cpu: "1", memory: "500Mi" }),
    stream({ cpu: "900m" }),
  );
  assert.deepEqual([applications[0]?.cpu, applications[0]?.memory], ["1", "1Gi"]);
});

Deno.test("streamSlotName has no dash of an application", () => {
  fc.assert(fc.property(fc.stringMatching(/^[a-z0-9-]{1,20}$/), (id) => {
    assert.match(streamSlotName("db", id), /^fes_db_[a-z0-9_]+$/);
  }));
});
