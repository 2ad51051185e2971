import { deepStrictEqual as equal } from "node:assert/strict";
import { hears } from "./signals.ts";

const NONE =
  "Name:\tbash\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000000004\nSigCgt:\t0000000000010002\n";

Deno.test("a process hears a signal that it catches or holds back", () => {
  equal(hears(NONE, 15), false);
  equal(hears(NONE, 2), true);
  equal(hears(NONE.replace("SigCgt:\t0000000000010002", "SigCgt:\t0000000000004000"), 15), true);
  equal(hears(NONE.replace("SigBlk:\t0000000000000000", "SigBlk:\t0000000000004000"), 15), true);
  equal(hears("", 15), false);
});
