/** How long a subject has been held. */

import assert from "node:assert/strict";
import { heldSinceAfter } from "./held_since.ts";

Deno.test("a subject keeps the time when it was first held, until it is not, or for another kind", () => {
  const waiting = { subject: "rollout", kind: "waiting" } as const;
  const blocked = { subject: "rollout", kind: "blocked" } as const;
  const first = heldSinceAfter(undefined, [waiting], 1000);
  const second = heldSinceAfter(first, [waiting, blocked], 5000);
  assert.deepEqual([...second], [["rollout waiting", 1000], ["rollout blocked", 5000]]);
  const third = heldSinceAfter(second, [], 6000);
  assert.deepEqual([...heldSinceAfter(third, [waiting], 7000)], [["rollout waiting", 7000]]);
});
