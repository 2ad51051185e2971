import assert from "node:assert/strict";
import { parseLog, releaseNotes } from "./release_notes.ts";

const LOG = "\x1eaaa\x1fKeep a promise\n\nsrc/lib/a.ts\ndocs/user.md\n" +
  "\x1ebbb\x1fTest it\n\nsrc/lib/a_test.ts\n" +
  "\x1eccc\x1fShip it\n\ncharts/postgres-operator/values.yaml\nimages/pooler/entrypoint.sh\n" +
  "\x1eddd\x1fSay nothing\n";

Deno.test("the log of git becomes commits with their files", () => {
  assert.deepEqual(parseLog(LOG).map(({ hash, subject, files }) => [hash, subject, files.length]), [
    ["aaa", "Keep a promise", 2],
    ["bbb", "Test it", 1],
    ["ccc", "Ship it", 2],
    ["ddd", "Say nothing", 0],
  ]);
});

Deno.test("every commit stands once, below the first heading that its files belong to", () => {
  assert.equal(
    releaseNotes("v1", parseLog(LOG)),
    "# v1\n\n## Operator\n\n- Keep a promise (aaa)\n\n## Installing\n\n- Ship it (ccc)\n\n" +
      "## Tests and tools\n\n- Test it (bbb)\n- Say nothing (ddd)\n",
  );
});

Deno.test("a release without changes says so", () => {
  assert.equal(releaseNotes("v1", []), "# v1\n\nNothing has changed.\n");
});
