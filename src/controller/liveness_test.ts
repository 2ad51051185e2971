import assert from "node:assert/strict";
import { isAlive, type Load } from "./liveness.ts";

const NOW = new Date("2026-05-04T10:00:00Z");

function slots(...minutes: number[]): Load["busy"] {
  return minutes.map((ago, slot) => ({
    slot,
    key: `ns/acid-${slot}`,
    cause: "sync",
    startedAt: new Date(NOW.getTime() - ago * 60_000),
  }));
}

for (
  const [name, load, alive] of [
    ["idle", {}, true],
    ["with long passes and nothing that waits", { busy: slots(90, 90) }, true],
    ["with one free worker", { busy: slots(90), waiting: 3 }, true],
    ["with one worker that goes on", { busy: slots(90, 5), waiting: 3 }, true],
    ["with all workers stuck", { busy: slots(90, 61), waiting: 3 }, false],
    [
      "with an upgrade among them",
      { busy: slots(90, 90), waiting: 3, upgrades: ({ slot }) => slot === 1 },
      true,
    ],
  ] as [string, Partial<Load>, boolean][]
) {
  Deno.test(`an operator ${name} is ${alive ? "" : "not "}alive`, () => {
    const base: Load = { busy: [], workers: 2, waiting: 0, now: NOW, upgrades: () => false };
    assert.equal(isAlive({ ...base, ...load }), alive);
  });
}
