/** Members out of pods and Patroni's notes on them. */

import assert from "node:assert/strict";
import { known, unknown } from "../../ports/observation.ts";
import { pod } from "../../testing/pod_fixture.ts";
import { membersOf } from "./members.ts";

function noted(name: string, role: "master" | "replica", note: unknown) {
  const made = pod(name, { role });
  const text = typeof note === "string" ? note : JSON.stringify(note);
  Object.assign(made.metadata.annotations!, { status: text });
  return made;
}

Deno.test("state, timeline and lag come from what Patroni notes on the pods", () => {
  const [first, second] = membersOf(
    [
      noted("a-0", "master", { state: "running", timeline: 3, xlog_location: 5000 }),
      noted("a-1", "replica", {
        state: "running",
        replication_state: "streaming",
        timeline: 3,
        xlog_location: 4200,
        pending_restart: true,
      }),
    ],
    undefined,
    "spilo-role",
  );
  assert.deepEqual([first?.role, first?.state, first?.lagBytes], ["primary", "running", null]);
  assert.deepEqual([second?.role, second?.state, second?.lagBytes], ["replica", "streaming", 800]);
  assert.deepEqual([first?.pendingRestart, second?.pendingRestart], [false, true]);
  assert.equal(second?.timeline, 3);
});

Deno.test("a replica ahead of a primary's older note is not behind", () => {
  const [, replica] = membersOf(
    [
      noted("a-0", "master", { xlog_location: 10 }),
      noted("a-1", "replica", { xlog_location: 20 }),
    ],
    undefined,
    "spilo-role",
  );
  assert.equal(replica?.lagBytes, 0);
});

for (const note of ["", "{", "null", "[]", "7", '{"timeline":"3","xlog_location":{}}']) {
  Deno.test(`the note ${JSON.stringify(note)} leaves figures unknown`, () => {
    const [, replica] = membersOf(
      [
        noted("a-0", "master", { xlog_location: 10 }),
        noted("a-1", "replica", note),
      ],
      undefined,
      "spilo-role",
    );
    assert.deepEqual([replica?.timeline, replica?.lagBytes, replica?.state], [null, null, ""]);
  });
}

Deno.test("without notes, what Patroni answered is taken", () => {
  const members = [
    { name: "a-0", role: "leader", state: "running", timeline: 2 },
    { name: "a-1", role: "replica", state: "streaming", timeline: 2, lagBytes: 7 },
  ];
  const patroni = known({ config: {}, members, states: new Map() });
  const pods = [pod("a-0", { role: "master" }), pod("a-1", { role: "replica" })];
  const [, replica] = membersOf(pods, patroni, "spilo-role");
  assert.deepEqual([replica?.state, replica?.timeline, replica?.lagBytes], ["streaming", 2, 7]);
  const [, silent] = membersOf(pods, unknown("it is silent"), "spilo-role");
  assert.deepEqual([silent?.state, silent?.lagBytes], ["", null]);
});

Deno.test("with two primaries nobody knows how far a replica is behind", () => {
  const [, , replica] = membersOf(
    [
      noted("a-0", "master", { xlog_location: 10 }),
      noted("a-1", "master", { xlog_location: 20 }),
      noted("a-2", "replica", { xlog_location: 5 }),
    ],
    undefined,
    "spilo-role",
  );
  assert.equal(replica?.lagBytes, null);
});

Deno.test("a pod that ends, and one that waits for a node, are not ready", () => {
  const [ending, waiting] = membersOf(
    [
      pod("a-0", { role: "master", terminating: true }),
      pod("a-1", { phase: "Pending" }),
    ],
    undefined,
    "spilo-role",
  );
  assert.deepEqual([ending?.ready, ending?.phase], [false, "Terminating"]);
  assert.deepEqual([waiting?.ready, waiting?.phase, waiting?.role], [false, "Pending", ""]);
});
