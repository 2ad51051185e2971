/**
 * An operator that is killed after any single step of an upgrade: the next one carries on, the
 * script runs to its end once, and nothing is left behind.
 */

import assert from "node:assert/strict";
import type { Pod } from "../../../kubernetes/types.gen.ts";
import { cluster } from "../../../testing/cluster_fixture.ts";
import { NOW, patroniState, planContext } from "../../../testing/plan_fixture.ts";
import { pod } from "../../../testing/pod_fixture.ts";
import { type ClusterMemory, emptyMemory } from "../../pass/memory.ts";
import type { PatchRequest } from "../../../ports/requests.ts";
import { remember } from "../../pass/remember.ts";
import type { Action, Plan, StepOutcome } from "../steps/action.ts";
import { joinPlans, type PlanContext } from "../steps/context.ts";
import { UpgradeError } from "./attempt.ts";
import { planInterruptedUpgrade, planUpgrade } from "./plan_upgrade.ts";

const NAME = "acid-orders";
const NEW = 180001;

/** A cluster that a script can upgrade. */
interface World {
  cr: ReturnType<typeof cluster>;
  pods: Pod[];
  version: number;
  /** How often the script began, and whether it still runs. */
  runs: number;
  running: boolean;
  events: string[];
  now: Date;
}

type Script = "succeeds" | "fails" | "breaks the connection";

function newWorld(): World {
  const spec = { postgresql: { version: "18" } } as const;
  return {
    cr: cluster({ metadata: { namespace: "shop", name: NAME, generation: 2 }, spec }),
    pods: [pod(`${NAME}-0`, { role: "master" }), pod(`${NAME}-1`, { role: "replica" })],
    version: 170005,
    runs: 0,
    running: false,
    events: [],
    now: NOW,
  };
}

function contextOf(world: World, memory: ClusterMemory): PlanContext {
  const patroni = patroniState([{ name: `${NAME}-0` }, { name: `${NAME}-1`, lagBytes: 0 }], {
    states: {
      [`${NAME}-0`]: { role: "primary", serverVersion: world.version },
      [`${NAME}-1`]: { serverVersion: world.version },
    },
  });
  const { cr, pods, now } = world;
  return { ...planContext({ cr, pods, patroni, memory }), now };
}

function planOf(context: PlanContext): Plan {
  const interrupted = planInterruptedUpgrade(context);
  const plans = interrupted.held.length > 0 ? [interrupted] : [interrupted, planUpgrade(context)];
  const { steps, held } = joinPlans(plans);
  return { key: `shop/${NAME}`, generation: 2, steps, held };
}

function patched<T extends { metadata: { annotations?: unknown; labels?: unknown } }>(
  object: T,
  { body }: PatchRequest,
): T {
  const change = (body as { metadata: Record<string, Record<string, string | null>> }).metadata;
  const metadata: Record<string, unknown> = { ...object.metadata };
  for (const [part, values] of Object.entries(change)) {
    const merged = Object.entries({ ...metadata[part] as object, ...values });
    metadata[part] = Object.fromEntries(merged.filter(([, value]) => value !== null));
  }
  return { ...object, metadata } as T;
}

function perform(world: World, action: Action, script: Script): void {
  if (action.kind === "event") world.events.push(action.note.message.split(" ")[0]!);
  if (action.kind === "exec" && world.running) endScript(world, "succeeds");
  if (action.kind === "patch" && action.request.target.kind === "postgresql") {
    world.cr = patched(world.cr, action.request);
  } else if (action.kind === "patch") {
    const { name } = action.request.target;
    world.pods = world.pods.map((pod) =>
      pod.metadata.name === name ? patched(pod, action.request) : pod
    );
  }
  if (action.kind !== "upgrade") return;
  assert.equal(world.running, false, "a script runs already");
  world.runs++;
  if (script === "breaks the connection") {
    world.running = true;
    throw new UpgradeError("lost", "connection reset");
  }
  endScript(world, script);
  if (script === "fails") throw new UpgradeError("failed", "upgrade FAILED: no space left");
}

function endScript(world: World, script: Script): void {
  world.running = false;
  if (script === "succeeds") world.version = NEW;
}

/** Passes until there is nothing to do; the process is replaced once, after `killAfter` steps. */
function runPasses(world: World, killAfter: number, script: Script): number {
  let memory = emptyMemory();
  let count = 0;
  for (let pass = 0; pass < 30; pass++) {
    const context = contextOf(world, memory);
    const plan = planOf(context);
    if (plan.steps.length === 0) return count;
    const outcomes: StepOutcome[] = [];
    let killed = false;
    for (const step of plan.steps) {
      try {
        perform(world, step.action, script);
        outcomes.push({ step, result: "done" });
      } catch (error) {
        outcomes.push({ step, result: "failed", error: error as Error });
      }
      killed = ++count === killAfter;
      if (killed) break;
    }
    if (killed) memory = emptyMemory();
    else remember(memory, context, { plan, outcomes });
  }
  assert.fail("it does not come to an end");
}

function leftovers(world: World): string[] {
  return world.pods.flatMap(({ metadata }) =>
    [...Object.keys(metadata.annotations ?? {}), ...Object.keys(metadata.labels ?? {})]
      .filter((key) => key !== "spilo-role")
  );
}

/** Steps of an upgrade that nobody disturbs. */
const STEPS = runPasses(newWorld(), 0, "succeeds");

for (const script of ["succeeds", "breaks the connection"] as const) {
  Deno.test(`a script that ${script} runs once, wherever the operator is killed`, () => {
    assert.ok(STEPS >= 8);
    for (let killAfter = 0; killAfter <= STEPS; killAfter++) {
      const world = newWorld();
      runPasses(world, killAfter, script);
      const at = `killed after step ${killAfter}`;
      assert.equal(world.version, NEW, at);
      assert.equal(world.runs, 1, at);
      assert.deepEqual(leftovers(world), [], at);
      assert.deepEqual(
        world.cr.metadata.annotations,
        { "last-major-upgrade-success": "2026-01-05T12:00:00Z" },
        at,
      );
    }
  });
}

Deno.test("a script that fails is told and not begun again, unless its failure was not seen", () => {
  const undisturbed = newWorld();
  const steps = runPasses(undisturbed, 0, "fails");
  assert.equal(undisturbed.runs, 1);
  assert.deepEqual(undisturbed.events, ["starting", "upgrade"]);
  for (let killAfter = 0; killAfter <= steps; killAfter++) {
    const world = newWorld();
    runPasses(world, killAfter, "fails");
    const at = `killed after step ${killAfter}`;
    assert.equal(world.version, 170005, at);
    assert.ok(world.runs <= 2, at);
    assert.deepEqual(leftovers(world), [], at);
    assert.deepEqual(
      world.cr.metadata.annotations,
      { "last-major-upgrade-failure": "2026-01-05T12:00:00Z" },
      at,
    );
  }
});

Deno.test("a failure that people take away leads to another attempt", () => {
  const world = newWorld();
  runPasses(world, 0, "fails");
  world.cr = patched(world.cr, {
    target: { apiVersion: "acid.zalan.do/v1", kind: "postgresql", name: NAME },
    type: "merge",
    body: { metadata: { annotations: { "last-major-upgrade-failure": null } } },
  });
  runPasses(world, 0, "succeeds");
  assert.equal(world.runs, 2);
  assert.equal(world.version, NEW);
});

Deno.test("a script that ends well without effect is told as a failure after a while", () => {
  const world = newWorld();
  const memory = emptyMemory();
  const step = (): Plan => {
    const context = contextOf(world, memory);
    const plan = planOf(context);
    const outcomes: StepOutcome[] = [];
    for (const step of plan.steps) {
      if (step.action.kind !== "upgrade") perform(world, step.action, "succeeds");
      outcomes.push({ step, result: "done" });
    }
    remember(memory, context, { plan, outcomes });
    return plan;
  };
  step();
  assert.deepEqual(step().held.map(({ kind }) => kind), ["postponed"]);
  world.now = new Date(NOW.getTime() + 61_000);
  step();
  assert.deepEqual(Object.keys(world.cr.metadata.annotations ?? {}), [
    "last-major-upgrade-failure",
  ]);
  assert.deepEqual(leftovers(world), []);
});
