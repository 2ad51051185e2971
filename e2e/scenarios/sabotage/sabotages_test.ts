import assert from "node:assert/strict";
import { SCENARIOS } from "../all.ts";
import { edited, SABOTAGES } from "./sabotages.ts";

for (const sabotage of SABOTAGES) {
  Deno.test(`"${sabotage.name}" can be done, and a scenario looks for it`, () => {
    for (const edit of sabotage.edits) {
      const text = Deno.readTextFileSync(new URL(`../../../src/${edit.file}`, import.meta.url));
      assert.notEqual(edited(text, edit), text);
    }
    const scenario = SCENARIOS.find(({ name }) => name === sabotage.scenario);
    assert.ok(scenario?.asserts.includes(sabotage.assert));
  });
}

Deno.test("a sabotage whose place has changed is told", () => {
  const edit = { file: "a.ts", from: "one", to: "two" };
  assert.equal(edited("at one place", edit), "at two place");
  for (const text of ["", "one and one"]) {
    assert.throws(() => edited(text, edit), /does not stand there once/);
  }
});
