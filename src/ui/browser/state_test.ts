/** Which clusters need a person, and what is said of them. */

import assert from "node:assert/strict";
import type { RowView } from "../../debug/overview_shapes.ts";
import { matches, noteOf, tally, type Tone, toneOf, wordOf } from "./state.ts";

function row(given: Partial<RowView>): RowView {
  return {
    namespace: "shop",
    name: "acid-orders",
    team: "acid",
    created: "",
    word: "Running",
    conditions: [],
    version: "18",
    volume: "1Gi",
    wanted: 2,
    ready: 2,
    primary: "acid-orders-0",
    lagBytes: 0,
    held: [],
    failure: null,
    running: null,
    deleting: false,
    lastPass: null,
    lastSuccess: "",
    lastBackup: "",
    findings: [],
    ...given,
  };
}

const held = (kind: string) => ({ subject: "pods", kind, reason: "acid-orders-1 is not up" });
const finding = (severity: "critical" | "warning" | "notice") => ({ severity, title: "A finding" });

const CASES: readonly [string, Partial<RowView>, Tone][] = [
  ["all is well", {}, "good"],
  ["a pass failed", { failure: "no" }, "bad"],
  ["its word says so", { word: "SyncFailed" }, "bad"],
  ["its manifest is refused", { word: "Invalid" }, "bad"],
  ["a critical finding", { findings: [finding("notice"), finding("critical")] }, "bad"],
  [
    "a new cluster has no primary yet",
    { word: "Creating", findings: [finding("critical")] },
    "busy",
  ],
  ["a warning", { findings: [finding("warning")] }, "warn"],
  ["a notice alone", { findings: [finding("notice")] }, "good"],
  ["something waits", { held: [held("waiting")] }, "busy"],
  ["something is postponed", { held: [held("postponed")] }, "good"],
  ["nobody has looked", { word: "" }, "idle"],
  ["it is deleted", { deleting: true, findings: [finding("critical")] }, "busy"],
  ["its deletion fails", { deleting: true, failure: "no" }, "bad"],
];

for (const [name, given, wanted] of CASES) {
  Deno.test(`a cluster is ${wanted} when ${name}`, () => assert.equal(toneOf(row(given)), wanted));
}

Deno.test("the note is the failure first, then what is held, then what was found", () => {
  const all = { failure: "it broke", held: [held("waiting")], findings: [finding("warning")] };
  assert.equal(noteOf(row(all)), "it broke");
  assert.equal(noteOf(row({ ...all, failure: null })), "pods: acid-orders-1 is not up");
  assert.equal(noteOf(row({ findings: [finding("warning")] })), "A finding");
  assert.equal(noteOf(row({})), "");
});

Deno.test("a search finds every word in namespace, name, team, version and status", () => {
  assert.ok(matches(row({}), ""));
  assert.ok(matches(row({}), "ORDERS running"));
  assert.ok(matches(row({}), "shop/acid-orders"));
  assert.ok(!matches(row({}), "orders failed"));
});

Deno.test("each cluster is counted once", () => {
  const counts = tally([row({}), row({ failure: "no" }), row({ word: "" })]);
  assert.deepEqual(counts, { bad: 1, warn: 0, busy: 0, idle: 1, good: 1 });
});

Deno.test("a cluster without a status word is new, and one on its way out says so", () => {
  assert.equal(wordOf(row({ word: "" })), "New");
  assert.equal(wordOf(row({ deleting: true })), "Deleting");
});
