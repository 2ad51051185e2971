/** Events that are kept while they are sent. */

import assert from "node:assert/strict";
import { cluster } from "../../testing/cluster_fixture.ts";
import { createEventRing } from "./event_ring.ts";

Deno.test("an Event is passed on and kept; the oldest of more than 30 falls out", () => {
  const sent: string[] = [];
  const sink = { emit: (_about: unknown, { message }: { message: string }) => sent.push(message) };
  const ring = createEventRing(sink, () => new Date(0));
  const cr = cluster();
  for (let number = 1; number <= 31; number++) {
    ring.sink.emit(cr, { type: "Normal", reason: "Update", message: String(number) });
  }
  assert.equal(sent.length, 31);
  const kept = ring.of("shop/acid-orders");
  assert.equal(kept.length, 30);
  assert.equal(kept[0]?.message, "2");
  assert.deepEqual(ring.of("shop/other"), []);
  ring.forget("shop/acid-orders");
  assert.deepEqual(ring.of("shop/acid-orders"), []);
});
