import assert from "node:assert/strict";
import { saslprep } from "./saslprep.ts";

const PREPARED: readonly [string, string, string][] = [
  ["ASCII stays", "a b\u0000c\t", "a b\u0000c\t"],
  ["other spaces become plain ones", "a\u00a0b\u3000c", "a b c"],
  ["soft hyphens and joiners vanish", "I\u00adX\u200d", "IX"],
  ["compatibility forms are resolved", "\u00aa\u2168\ufb01", "aIXfi"],
  ["composed letters are one", "e\u0301", "\u00e9"],
  ["controls forbid it all", "\u0085\u00a0", "\u0085\u00a0"],
  ["private use forbids it all", "\ue000\u00a0", "\ue000\u00a0"],
  ["nothing left means nothing done", "\u00ad", "\u00ad"],
  ["right-to-left text is taken", "\u0627\u00a0\u0628", "\u0627 \u0628"],
  ["mixed directions forbid it all", "\u0627a\u00a0", "\u0627a\u00a0"],
  ["right-to-left text ends with a letter", "\u06271\u00a0", "\u06271\u00a0"],
];

for (const [what, given, want] of PREPARED) {
  Deno.test(`saslprep: ${what}`, () => assert.equal(saslprep(given), want));
}
