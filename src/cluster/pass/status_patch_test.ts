import assert from "node:assert/strict";
import fc from "fast-check";
import { statusPatch } from "./status_patch.ts";

Deno.test("a field that is gone is named by null, also within another", () => {
  const before = { word: "Running", primary: "a-0", backups: { archiver: "working", last: "x" } };
  const after = { word: "Running", members: [], backups: { last: "y" } };
  assert.deepEqual(statusPatch(before, after), {
    primary: null,
    word: "Running",
    members: [],
    backups: { archiver: null, last: "y" },
  });
  assert.deepEqual(statusPatch(undefined, after), after);
});

/** https://www.rfc-editor.org/rfc/rfc7386 */
function merged(target: unknown, patch: unknown): unknown {
  if (typeof patch !== "object" || patch === null || Array.isArray(patch)) return patch;
  const isMap = typeof target === "object" && target !== null && !Array.isArray(target);
  const result: Record<string, unknown> = isMap ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = merged(result[key], value);
  }
  return result;
}

Deno.test("a status patched is the new one, whatever there was", () => {
  const leaf = fc.oneof(fc.string(), fc.integer(), fc.array(fc.integer(), { maxLength: 2 }));
  const key = fc.constantFrom("a", "b", "c");
  const inner = fc.dictionary(key, leaf, { maxKeys: 3, noNullPrototype: true });
  const status = fc.dictionary(key, fc.oneof(leaf, inner), { maxKeys: 3, noNullPrototype: true });
  fc.assert(fc.property(status, status, (before, after) => {
    assert.deepEqual(merged(before, statusPatch(before, after)), { ...after });
  }));
});
