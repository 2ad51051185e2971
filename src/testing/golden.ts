/** Golden files: what a function made of its input, kept as YAML beside the test. */

import assert from "node:assert/strict";
import { parse, stringify } from "yaml";

/**
 * Compares a value with the YAML of a file, key order aside. `UPDATE_GOLDEN=1` (with
 * `--allow-write`) rewrites the file instead.
 */
export function assertGolden(value: unknown, file: URL): void {
  const plain = JSON.parse(JSON.stringify(value));
  if (Deno.env.get("UPDATE_GOLDEN") === "1") {
    Deno.mkdirSync(new URL(".", file), { recursive: true });
    Deno.writeTextFileSync(file, stringify(plain, { lineWidth: 0, aliasDuplicateObjects: false }));
    return;
  }
  assert.deepEqual(plain, parse(Deno.readTextFileSync(file)));
}
