/** Which notes of unfinished deletions are true, by what the API server itself says. */

import assert from "node:assert/strict";
import type { Deletion } from "../plan/deletion.ts";
import type { KubeObject } from "../../kubernetes/types.gen.ts";
import { known, type Observation, unknown } from "../../ports/observation.ts";
import type { KubeReader } from "../../ports/ports.ts";
import { cluster } from "../../testing/cluster_fixture.ts";
import { confirmedNote } from "./live_manifest.ts";

const NOTE: Deletion = { uid: "uid-cr", targets: [], noted: {} };
const ORPHAN: Deletion = { uid: "uid-set", targets: [], noted: { orphan: true } };
const MADE = "2026-02-01T00:00:00Z";

function manifest(uid: string, controller?: string): KubeObject {
  const annotations = controller === undefined ? {} : { "acid.zalan.do/controller": controller };
  const metadata = { namespace: "shop", name: "a", uid, creationTimestamp: MADE, annotations };
  return cluster({ metadata });
}

function ask(answer: Observation<KubeObject | undefined>, note: Deletion) {
  const live: KubeReader = {
    read: () => Promise.resolve(answer),
    listOfCluster: () => assert.fail("nothing is listed"),
  };
  const { signal } = new AbortController();
  return confirmedNote({ live, controllerId: "" }, "shop/a", note, signal);
}

const ROWS: readonly (readonly [string, KubeObject | undefined, Deletion, Deletion | undefined])[] =
  [
    ["its manifest is gone", undefined, NOTE, NOTE],
    ["its manifest is still there", manifest("uid-cr"), NOTE, undefined],
    [
      "another manifest has the name since",
      manifest("other"),
      NOTE,
      { ...NOTE, noted: { before: MADE } },
    ],
    ["another operator has the name since", manifest("other", "blue"), NOTE, undefined],
    ["an orphan has no manifest", undefined, ORPHAN, ORPHAN],
    ["an orphan has a manifest again", manifest("other"), ORPHAN, undefined],
  ];

for (const [given, live, note, want] of ROWS) {
  Deno.test(`a note ${want ? "counts" : "does not count"} where ${given}`, async () => {
    assert.deepEqual(await ask(known(live), note), want);
  });
}

Deno.test("a note says nothing while the API server does not answer", async () => {
  await assert.rejects(ask(unknown("refused"), NOTE), /whether shop\/a was deleted: refused/);
});
