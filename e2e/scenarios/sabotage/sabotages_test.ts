import assert from "node:assert/strict";
import { SCENARIOS } from "../all.ts";
import { sabotaged, SABOTAGES } from "./sabotages.ts";

for (const sabotage of SABOTAGES) {
  Deno.test(`"${sabotage.name}" can be done, and a scenario looks for it`, () => {
    const source = new URL(`../../../src/${sabotage.file}`, import.meta.url);
    assert.match(sabotaged(Deno.readTextFileSync(source), sabotage), /[^]/);
    const scenario = SCENARIOS.find(({ name }) => name === sabotage.scenario);
    assert.ok(scenario?.asserts.includes(sabotage.assert));
  });
}

Deno.test("a sabotage whose place has changed is told", () => {
  const [sabotage] = SABOTAGES;
  assert.ok(sabotage);
  for (const text of ["", sabotage.from + sabotage.from]) {
    assert.throws(() => sabotaged(text, sabotage), /does not stand there once/);
  }
});
