/** Compares with a file in `testdata`; UPDATE_GOLDEN=1 writes the file instead. */
import assert from "node:assert/strict";

/** Fails when `text` differs from `testdata/<name>` beside the images. */
export function assertGolden(name: string, text: string): void {
  const file = new URL(`./testdata/${name}`, import.meta.url);
  if (Deno.env.get("UPDATE_GOLDEN") === "1") Deno.writeTextFileSync(file, text);
  assert.equal(text, Deno.readTextFileSync(file));
}
