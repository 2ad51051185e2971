/**
 * Mutating admission: whatever policies and other controllers change, a cluster is made once, comes
 * to rest, and the status says once what is not fought over.
 */

import assert from "node:assert/strict";
import { mutated, type Mutation, MUTATIONS } from "./mutations.ts";
import { everything, type Play, play } from "./play.ts";

const PODS = ["acid-orders-0", "acid-orders-1"];

function assertMadeOnce(played: Play, { name, overrides }: Mutation): void {
  const { pods, statefulSets } = played.counts();
  for (const pod of PODS) assert.equal(pods[pod], 1, `${name}: ${pod} was made ${pods[pod]} times`);
  assert.equal(statefulSets, 1, `${name}: StatefulSets made`);
  const { status } = played.manifest();
  assert.equal(status?.PostgresClusterStatus, "Running", name);
  const synced = status?.conditions?.find(({ type }) => type === "Synced");
  assert.equal(synced?.status, overrides ? "False" : "True", `${name}: ${synced?.message}`);
  if (overrides) assert.equal(synced?.reason, "Overridden");
}

for (const mutation of MUTATIONS) {
  Deno.test(`${mutation.name}: all is made once, and nothing is fought over`, async () => {
    const played = play(everything(), (object) => mutated(mutation, object));
    await played.settle();
    assertMadeOnce(played, mutation);
    const told = played.cluster.events.filter(({ reason }) => reason === "Overridden").length;
    await played.look();
    const { writes, statusWrites } = played.counts();
    assert.deepEqual({ writes, statusWrites }, { writes: [], statusWrites: 0 }, mutation.name);
    const again = played.cluster.events.filter(({ reason }) => reason === "Overridden").length;
    assert.equal(again, told, "told once");
    assert.equal(told > 0, mutation.overrides === true);
    await played.stop();
  });

  Deno.test(`${mutation.name}: another operator restarts nothing and comes to rest`, async () => {
    const played = play(everything(), (object) => mutated(mutation, object));
    await played.settle();
    played.counts();
    await played.restart();
    await played.settle();
    const { pods, statefulSets, writes } = played.counts();
    assert.deepEqual({ pods, statefulSets }, { pods: {}, statefulSets: 0 });
    // One attempt an object: who has set it is known only to those who have written it.
    assert.equal(new Set(writes).size, writes.length, writes.join(", "));
    await played.look();
    assert.deepEqual(played.counts().writes, []);
    await played.stop();
  });

  Deno.test(`${mutation.name}: a change of the manifest restarts pods once, another scale none`, async () => {
    const played = play(everything(), (object) => mutated(mutation, object));
    await played.settle();
    played.counts();
    played.change({ env: [{ name: "COLOUR", value: "green" }] });
    await played.settle();
    const { pods } = played.counts();
    for (const pod of PODS) assert.equal(pods[pod], 1, `${pod} after a change`);
    played.change({ numberOfInstances: 3 });
    await played.settle();
    const scaled = played.counts();
    const members = Object.keys(scaled.pods).filter((name) => /^acid-orders-\d$/.test(name));
    assert.deepEqual(members, ["acid-orders-2"]);
    await played.look();
    assert.deepEqual(played.counts().writes, []);
    await played.stop();
  });
}
