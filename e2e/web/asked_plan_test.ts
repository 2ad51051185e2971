/** The plan of a change that is asked for before it, beside what the operator then did. */

import assert from "node:assert/strict";
import type { ShownPlan } from "../../src/dry_run/show.ts";
import { isRunning, MINIMAL, minimalCluster } from "../cases/clusters.ts";
import type { Scene } from "../support/crash_run.ts";
import { startTestCluster } from "../support/test_cluster.ts";

/** Changes of `spec`, and the worst that comes of them. */
const CHANGES: readonly [Readonly<Record<string, unknown>>, string][] = [
  [{}, "none"],
  [{ numberOfInstances: 2 }, "none"],
  [{ enableMasterLoadBalancer: false }, "none"],
  [{ resources: { limits: { memory: "1Gi" } } }, "restart"],
];

Deno.test("what is said before a change is what the operator then does", async () => {
  const cluster = await startTestCluster();
  try {
    const { debugUrl } = await cluster.operator({
      flags: ["--nodatabaseaccess", "--plan-requests"],
    });
    const namespace = await cluster.namespace();
    const scene = { cluster, namespace };
    const stored = await cluster.create(minimalCluster(namespace, { numberOfInstances: 1 }));
    await cluster.view.until("the cluster runs", () => isRunning(scene));
    const path = `${debugUrl}/clusters/${namespace}/${MINIMAL}/plan`;
    let spec = stored["spec"] as Record<string, unknown>;
    for (const [change, effect] of CHANGES) {
      spec = { ...spec, ...change };
      const answer = await fetch(path, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ ...stored, spec }),
      });
      const plan = await answer.json() as ShownPlan;
      assert.equal(answer.status, 200, JSON.stringify(plan));
      assert.equal(plan.effect, effect, JSON.stringify(plan));
      assert.equal(plan.changes.length === 0, Object.keys(change).length === 0);
      const before = specsOf(scene);
      await cluster.patch(stored, { spec: change });
      await cluster.view.until("the change is made", () => isRunning(scene));
      const changed = [...specsOf(scene)].filter(([object, text]) => before.get(object) !== text)
        .map(([object]) => object);
      const said = plan.changes.map(({ object }) => object);
      assert.equal(changed.length === 0, Object.keys(change).length === 0);
      assert.deepEqual(changed.filter((object) => !said.includes(object)), [], "was not said");
    }
  } finally {
    await cluster.stop();
  }
});

/** What is wished of the objects of a cluster, as texts. */
function specsOf({ cluster, namespace }: Scene): Map<string, string> {
  const kinds = ["StatefulSet", "Service", "PodDisruptionBudget"] as const;
  return new Map(
    kinds.flatMap((kind) =>
      cluster.view.list(kind, namespace).map((object): [string, string] => [
        `${kind} ${namespace}/${object.metadata.name}`,
        JSON.stringify((object as unknown as { spec: unknown }).spec),
      ])
    ),
  );
}
