/** Each fault knob, turned on, makes a row of the contract fail; turned off again, the row passes. */
import { ok, rejects } from "node:assert/strict";
import type { Fault } from "../devcluster/apiserver/http/faults.ts";
import { runRow } from "./context.ts";
import { rows } from "./rows.ts";
import { embeddedTarget } from "./target.ts";

const KNOBS: { fault: Fault; row: string }[] = [
  {
    fault: { kind: "delay", path: /^\/healthz/, delayMs: 2100 },
    row: "A server is healthy and ready, and says so at once",
  },
  {
    fault: { kind: "conflict", verbs: ["create"], path: /services$/, count: 1 },
    row: "A Service keeps its address",
  },
  {
    fault: { kind: "tooManyRequests", verbs: ["list"], path: /configmaps$/, retryAfterSeconds: 7 },
    row: "Lists are selected by labels",
  },
  {
    fault: { kind: "internalError", verbs: ["get"], path: /\/version$/ },
    row: "A server tells its version",
  },
  {
    fault: { kind: "dropWatch", path: /configmaps$/, delayMs: 0 },
    row: "What leaves a selection is deleted, what enters it is added",
  },
  {
    fault: { kind: "gone", verbs: ["watch"], count: 1 },
    row: "A watch sends what happens after a revision",
  },
];

for (const { fault, row: name } of KNOBS) {
  Deno.test(`the fault "${fault.kind}" makes a row fail: ${name}`, async () => {
    const row = rows.find((candidate) => candidate.name === name);
    ok(row, `there is no row "${name}"`);
    const target = await embeddedTarget();
    try {
      await runRow(target, row);
      const off = target.server!.faults.add(fault);
      await rejects(runRow(target, row));
      off();
      await runRow(target, row);
    } finally {
      await target.stop();
    }
  });
}

Deno.test("a fault that is spent hurts no more", async () => {
  const target = await embeddedTarget([{
    kind: "internalError",
    verbs: ["get"],
    path: /version/,
    count: 2,
  }]);
  const ask = () => fetch(`${target.url}/version`, { client: target.client });
  try {
    const statuses: number[] = [];
    for (let count = 0; count < 3; count++) {
      const response = await ask();
      statuses.push(response.status);
      await response.body?.cancel();
    }
    ok(statuses.join() === "500,500,200", statuses.join());
  } finally {
    await target.stop();
  }
});
