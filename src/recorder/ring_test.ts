/** Which passes are kept, and how many. */

import assert from "node:assert/strict";
import { emptyLedger } from "../cluster/pass/memory.ts";
import { planCluster } from "../cluster/plan/plan_cluster.ts";
import type { Effect, Plan } from "../cluster/plan/steps/action.ts";
import { passwordsFrom } from "../cluster/plan/steps/passwords.ts";
import { planContext } from "../testing/plan_fixture.ts";
import { bundled, unpacked } from "./bundle.ts";
import { planText } from "./plan_text.ts";
import { createPassRing, MOST_OF_A_CLUSTER, MOST_WAITING, type RingPass } from "./ring.ts";
import { replayed } from "./recording.ts";
import { Sensitive } from "../lib/sensitive.ts";

const AT = new Date("2026-01-05T12:00:00Z");

/** The first pass of a cluster: everything is created. */
function pass(key: string, plan?: Plan): RingPass {
  const made = Array.from({ length: 20 }, () => new Sensitive("generated"));
  const context = { ...planContext(), newPasswords: made, passwords: passwordsFrom(0, []) };
  return {
    ...{ key, cause: "change", at: AT, context, brake: emptyLedger() },
    plan: plan ?? planCluster(context),
  };
}

function ringOf(mostBytes?: number) {
  const failures: unknown[] = [];
  const ring = createPassRing({
    version: "1",
    key: new TextEncoder().encode("a key"),
    pause: () => Promise.resolve(),
    failed: (error) => failures.push(error),
    ...(mostBytes === undefined ? {} : { mostBytes }),
  });
  return { ring, failures };
}

Deno.test("a pass is kept with what it did, and gives its plan again", async () => {
  const { ring, failures } = ringOf();
  ring.record(pass("a/b"));
  await ring.idle();
  assert.deepEqual(failures, []);
  const [kept] = ring.of("a/b").map(bundled);
  assert.ok(kept !== undefined);
  const { packed: _, ...about } = kept;
  assert.deepEqual(about, {
    ...{ key: "a/b", id: 1, cause: "change", version: "1", generation: 1, effect: "none" },
    ...{ at: "2026-01-05T12:00:00.000Z", steps: about.steps },
  });
  assert.ok(about.steps > 5);
  const recording = await unpacked(kept);
  assert.equal(planText(replayed(recording)), recording.plan);
  assert.doesNotMatch(JSON.stringify(recording), /generated/);
});

Deno.test("of a cluster the newest are kept, and others keep theirs", async () => {
  const { ring } = ringOf();
  ring.record(pass("other/one"));
  for (let at = 0; at < MOST_OF_A_CLUSTER + 3; at++) {
    ring.record(pass("a/b"));
    await ring.idle();
  }
  assert.equal(ring.of("other/one").length, 1);
  const ids = ring.of("a/b").map(({ id }) => id);
  assert.equal(ids.length, MOST_OF_A_CLUSTER);
  assert.equal(ids.at(-1), MOST_OF_A_CLUSTER + 4);
  ring.forget("a/b");
  assert.deepEqual(ring.of("a/b"), []);
});

Deno.test("all together they stay within their bytes, the oldest go first", async () => {
  const { ring } = ringOf();
  ring.record(pass("one/a"));
  await ring.idle();
  const bytes = ring.of("one/a")[0]?.packed.length ?? 0;
  const { ring: small } = ringOf(bytes * 2 + 100);
  for (const key of ["one/a", "two/a", "six/a"]) small.record(pass(key));
  await small.idle();
  assert.deepEqual(["one/a", "two/a", "six/a"].map((key) => small.of(key).length), [0, 1, 1]);
});

Deno.test("where many come at once those stay that disturb pods", async () => {
  const { ring } = ringOf();
  const { plan } = pass("a/b");
  const withEffect = (effect: Effect): Plan => ({
    ...plan,
    steps: plan.steps.slice(0, 1).map((step) => ({ ...step, effect })),
  });
  ring.record(pass("first/one"));
  ring.record(pass("restart/one", withEffect("restart")));
  for (let at = 0; at < 3 * MOST_WAITING; at++) ring.record(pass(`c${at}/one`));
  await ring.idle();
  assert.equal(ring.of("restart/one").length, 1);
});

Deno.test("what cannot be written down is told, and the next is kept", async () => {
  const { ring, failures } = ringOf();
  const broken = pass("a/b");
  const context = { ...broken.context, now: (() => 1) as unknown as Date };
  ring.record({ ...broken, context });
  ring.record(pass("a/c"));
  await ring.idle();
  assert.match(String(failures[0]), /cannot record now: a function is no data/);
  assert.equal(ring.of("a/c").length, 1);
});
