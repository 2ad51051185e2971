/** Reference pages say what the program's own tables say. `UPDATE_GOLDEN=1` writes them anew. */
import assert from "node:assert/strict";
import { CONDITIONS } from "./conditions.ts";
import { referencePages } from "./reference.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

/** Without what the formatter does to tables and lines. */
function words(text: string): string {
  return text.replaceAll(/-{3,}/g, "---").replaceAll(/\s+/g, " ").trim();
}

for (const [path, text] of Object.entries(referencePages())) {
  Deno.test(`${path} is what the program has`, () => {
    if (Deno.env.get("UPDATE_GOLDEN")) Deno.writeTextFileSync(ROOT + path, text);
    const advice = "the page is not what the program has: run deno task reference";
    assert.equal(words(Deno.readTextFileSync(ROOT + path)), words(text), advice);
  });
}

Deno.test("every reason of a condition stands in the reference, and no other", () => {
  const code = ["status.ts", "requests.ts"].map((file) =>
    Deno.readTextFileSync(`${ROOT}src/cluster/pass/${file}`)
  ).join("\n");
  const literal = [...code.matchAll(/\breason: "([A-Z]\w+)"/g)].map(([, reason]) => reason);
  const postponed = /function postponedReason.*?\n\}/s.exec(code)?.[0] ?? "";
  const returned = [...postponed.matchAll(/(?:return|\?|:) "([A-Z]\w+)"/g)].map(([, reason]) =>
    reason
  );
  assert.ok(literal.length > 5 && returned.length === 3, "found too few reasons in the code");
  const told = new Set(Object.values(CONDITIONS).flatMap((reasons) => Object.keys(reasons)));
  assert.deepEqual([...new Set([...literal, ...returned])].sort(), [...told].sort());
});
