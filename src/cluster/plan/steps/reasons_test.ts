import assert from "node:assert/strict";
import { mismatchesOf, reasonTexts, sentencesOf } from "./reasons.ts";
import type { Reason } from "./action.ts";

const REPLICAS = { path: "spec.replicas", desired: 3, observed: 2 };

const CASES: readonly { name: string; reasons: readonly Reason[]; texts: readonly string[] }[] = [
  { name: "a sentence", reasons: ["it is missing"], texts: ["it is missing"] },
  { name: "a field", reasons: [REPLICAS], texts: ["spec.replicas: 2 → 3"] },
  {
    name: "a field that needs two things to be done once",
    reasons: [{ ...REPLICAS, effect: "patch" } as Reason, { ...REPLICAS } as Reason],
    texts: ["spec.replicas: 2 → 3"],
  },
  {
    name: "no value of a secret",
    reasons: [{ path: "data.password", desired: "new", observed: "old" }],
    texts: ["data.password: changed (value not shown)"],
  },
];

for (const { name, reasons, texts } of CASES) {
  Deno.test(`the words of a step's reasons tell ${name}`, () => {
    assert.deepEqual(reasonTexts({ reasons }), texts);
  });
}

Deno.test("the fields of a step are known without reading its words", () => {
  assert.deepEqual(mismatchesOf({ reasons: ["spec.replicas: 9 → 8", REPLICAS] }), [REPLICAS]);
});

Deno.test("the sentences among the reasons are told once, without the fields", () => {
  const reasons = ["it is missing", REPLICAS, "it is missing"];
  assert.deepEqual(sentencesOf({ reasons }), ["it is missing"]);
});
