import assert from "node:assert/strict";
import { createWriteGate, type Write } from "./write_gate.ts";

const WRITE: Write = { channel: "api", verb: "POST", target: "/api/v1/secrets", body: "{}" };
const DONE = { done: true, result: "201" };

function counting() {
  let kills = 0;
  return { kill: () => void kills++, kills: () => kills };
}

Deno.test("a kill before a write keeps it and everything later from passing", () => {
  const { kill, kills } = counting();
  const gate = createWriteGate({ number: 2, when: "before" }, kill);
  const first = gate.arrived(WRITE);
  assert.equal(first.passage, "pass");
  assert.equal(gate.answered(first.seen, DONE), "pass");
  assert.equal(gate.arrived(WRITE).passage, "drop");
  assert.equal(gate.arrived(WRITE).passage, "drop");
  assert.equal(kills(), 1);
  assert.equal(gate.writes.length, 1);
});

Deno.test("a kill after a write lets it happen and withholds the answer", async () => {
  const { kill, kills } = counting();
  const gate = createWriteGate({ number: 1, when: "after" }, kill);
  const { seen, passage } = gate.arrived(WRITE);
  assert.equal(passage, "pass");
  assert.equal(kills(), 0);
  assert.equal(gate.answered(seen, DONE), "drop");
  assert.equal(kills(), 1);
  assert.equal(gate.closed(), true);
  await gate.killed;
});

Deno.test("the next operator is not killed and its writes are told apart", () => {
  const { kill, kills } = counting();
  const gate = createWriteGate({ number: 1, when: "before" }, kill);
  gate.arrived(WRITE);
  gate.reopen();
  const { seen, passage } = gate.arrived(WRITE);
  assert.equal(passage, "pass");
  assert.equal(gate.answered(seen, DONE), "pass");
  assert.deepEqual([seen.life, seen.number, kills()], [2, 1, 1]);
});
