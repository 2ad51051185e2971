import assert from "node:assert/strict";
import { pointsOf, writtenTwice } from "./crash_run.ts";
import { createWriteGate, type SeenWrite } from "./write_gate.ts";

function seen(verb: string, body: string, done = true): SeenWrite {
  const gate = createWriteGate(undefined, () => {});
  const target = "/api/v1/namespaces/t-1/secrets";
  const { seen } = gate.arrived({ channel: "api", verb, target, body });
  gate.answered(seen, { done, result: done ? "201" : "409" });
  return seen;
}

Deno.test("every moment is a kill before the first write and one after each", () => {
  assert.deepEqual(pointsOf(2, "every moment").map(({ number, when }) => `${when} ${number}`), [
    "before 1",
    "after 1",
    "after 2",
  ]);
  assert.equal(pointsOf(3, "every point").length, 6);
  assert.deepEqual(pointsOf(3, "none"), []);
  assert.deepEqual(pointsOf(0, "every moment"), []);
});

Deno.test("the same write done twice is counted, whatever password and version it carries", () => {
  const body = (password: string) => JSON.stringify({ data: { password } });
  const once = [seen("POST", body("a"))];
  assert.equal(writtenTwice([...once, seen("POST", body("b"))], once, "t-1").length, 1);
});

Deno.test("a refused repetition, and one that an undisturbed run makes too, is none", () => {
  const once = [seen("POST", "{}")];
  assert.deepEqual(writtenTwice([...once, seen("POST", "{}", false)], once, "t-1"), []);
  const twice = [seen("PATCH", "{}"), seen("PATCH", "{}")];
  assert.deepEqual(writtenTwice(twice, twice, "t-1"), []);
});
