/** The overview as a stream of events. */

import assert from "node:assert/strict";
import { createLive, type LiveClock } from "./live.ts";
import type { OverviewView, RowView } from "./overview_shapes.ts";

const OPERATOR: OverviewView["operator"] = {
  version: "1",
  ready: true,
  lastSync: 0,
  waiting: 0,
  workers: [],
  orphans: [],
};

function row(name: string, word: string): RowView {
  return { namespace: "a", name, word } as RowView;
}

/** A clock that moves when it is told to, and counts what waits for it. */
function handClock() {
  let ms = 0;
  let due: { at: number; then: () => void } | undefined;
  const clock: LiveClock = {
    now: () => ms,
    after(wait, then) {
      const mine = { at: ms + wait, then };
      due = mine;
      return () => {
        if (due === mine) due = undefined;
      };
    },
  };
  return {
    clock,
    waits: () => due !== undefined,
    run(by: number) {
      const end = ms + by;
      while (due !== undefined && due.at <= end) {
        const { at, then } = due;
        due = undefined;
        ms = at;
        then();
      }
      ms = end;
    },
  };
}

async function next(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<string> {
  const { value } = await reader.read();
  return new TextDecoder().decode(value);
}

Deno.test("a stream begins with everything, and then tells only what has changed", async () => {
  let clusters = [row("x", "Running"), row("y", "Running")];
  let looks = 0;
  const { clock, run, waits } = handClock();
  const live = createLive(() => {
    looks++;
    return { operator: OPERATOR, clusters };
  }, clock);
  assert.equal(looks, 0);
  const reader = live.open()!.getReader();
  const all = await next(reader);
  assert.match(all, /^event: all\ndata: \{.*\}\n\n$/);
  assert.equal(JSON.parse(all.split("data: ")[1]!).clusters.length, 2);
  run(3000);
  clusters = [row("x", "Updating")];
  run(1000);
  const change = JSON.parse((await next(reader)).split("data: ")[1]!);
  assert.deepEqual(change.clusters, [row("x", "Updating")]);
  assert.deepEqual(change.gone, ["a/y"]);
  await reader.cancel();
  assert.equal(waits(), false, "it looks on although nobody reads");
});

Deno.test("two readers cost one look a second", () => {
  let looks = 0;
  const { clock, run } = handClock();
  const live = createLive(() => {
    looks++;
    return { operator: OPERATOR, clusters: [] };
  }, clock);
  live.open();
  live.open();
  run(10_000);
  assert.equal(looks, 11);
});

Deno.test("a silent stream gives a sign of life", async () => {
  const { clock, run } = handClock();
  const reader = createLive(() => undefined, clock).open()!.getReader();
  assert.match(await next(reader), /"operator":null/);
  run(16_000);
  assert.equal(await next(reader), ": beat\n\n");
  await reader.cancel();
});

Deno.test("the 33rd reader is told to ask instead", async () => {
  const { clock } = handClock();
  const live = createLive(() => undefined, clock);
  const streams = Array.from({ length: 32 }, () => live.open());
  assert.ok(streams.every((stream) => stream !== undefined));
  assert.equal(live.open(), undefined);
  await streams[0]!.cancel();
  assert.ok(live.open());
});

Deno.test("a reader that takes nothing is ended and holds up no other", async () => {
  let word = 0;
  const { clock, run } = handClock();
  const live = createLive(
    () => ({ operator: OPERATOR, clusters: [row("x", String(word++))] }),
    clock,
  );
  const lazy = live.open()!.getReader();
  const eager = live.open()!.getReader();
  await next(eager);
  for (let turn = 0; turn < 100; turn++) {
    run(1000);
    await next(eager);
  }
  let pieces = 0;
  while (!(await lazy.read()).done) pieces++;
  assert.ok(pieces < 60, `${pieces} pieces were kept for it`);
  await eager.cancel();
});
