import assert from "node:assert/strict";
import { clusterEvent } from "./events.ts";

Deno.test("an Event carries its id beside reason, type and text", () => {
  assert.deepEqual(clusterEvent("serviceCreated", "shop/acid-orders", "master"), {
    id: "serviceCreated",
    type: "Normal",
    reason: "Services",
    message: 'The service "shop/acid-orders" for role master has been successfully created',
  });
  assert.deepEqual(clusterEvent("failed", "Sync", "no"), {
    id: "failed",
    type: "Warning",
    reason: "Sync",
    message: "no",
  });
});

Deno.test("the end of a switchover tells when Patroni makes it, where that is later", () => {
  const parts = 'from "a-0" to "n/a-1"';
  assert.equal(
    clusterEvent("switchoverAccepted", { parts, at: "" }).message,
    `Successfully switched over ${parts}`,
  );
  assert.equal(
    clusterEvent("switchoverAccepted", { parts, at: "2026-01-05T02:00+00" }).message,
    `Scheduled switchover ${parts} at 2026-01-05T02:00+00`,
  );
});
