/** Several operators of which one works: who takes over, how soon, and that nobody writes twice. */
import assert from "node:assert/strict";
import { startTestCluster, type TestCluster, type TestOperator } from "../support/test_cluster.ts";
import { isRunning, minimalCluster } from "./clusters.ts";

const LEASE_SECONDS = 3;
const RETRY_MS = 500;
const FLAGS = [
  "--leader-elect",
  `--leader-elect-lease-duration=${LEASE_SECONDS}s`,
  "--leader-elect-renew-deadline=2s",
  `--leader-elect-retry-period=${RETRY_MS}ms`,
];

function elected(cluster: TestCluster): Promise<TestOperator> {
  return cluster.operator({ flags: [...FLAGS, "--nodatabaseaccess"], wait: "no" });
}

/** Milliseconds from now until the operator looks after clusters. */
async function handover(operator: TestOperator): Promise<number> {
  const startMs = performance.now();
  await operator.untilLogged(/looking after/, 30_000);
  return performance.now() - startMs;
}

async function get(operator: TestOperator, path: string): Promise<[number, string]> {
  const response = await fetch(`${operator.debugUrl}${path}`);
  return [response.status, await response.text()];
}

async function untilReady(operator: TestOperator): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const [status] = await get(operator, "/readyz").catch(() => [0]);
    if (status === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`an operator that stands by did not become ready:\n${operator.log().join("\n")}`);
}

Deno.test("a killed leader is followed within the lease, a stopped one at once", async () => {
  const cluster = await startTestCluster();
  try {
    const first = await elected(cluster);
    await first.untilLogged(/looking after/);
    const second = await elected(cluster);
    await second.untilLogged(/standing by: .* leads/);
    await untilReady(second);
    // Who stands by answers probes and pages, and shows that it does not lead.
    assert.equal((await get(second, "/healthz"))[0], 200);
    assert.equal((await get(second, "/clusters"))[0], 200);
    assert.match((await get(second, "/metrics"))[1], /^pgop_leader 0$/m);
    assert.match((await get(first, "/metrics"))[1], /^pgop_leader 1$/m);

    const namespace = await cluster.namespace();
    await cluster.create(minimalCluster(namespace, { numberOfInstances: 1 }));
    await cluster.view.until("it runs", () => isRunning({ cluster, namespace }));
    assert.match((await get(second, "/metrics"))[1], /^pgop_clusters 1$/m);
    assert.equal(wrote(second), false, "the operator that stands by wrote something");

    first.kill();
    const afterKill = await handover(second);
    assert.ok(afterKill < LEASE_SECONDS * 1000 + 3 * RETRY_MS + 2000, `${afterKill} ms`);

    const third = await elected(cluster);
    await third.untilLogged(/standing by/);
    await untilReady(third);
    const stopped = second.stop();
    const afterStop = await handover(third);
    assert.deepEqual(await stopped, { code: 0, signal: null });
    assert.ok(afterStop < 2 * RETRY_MS + 2000, `${afterStop} ms`);
    await third.stop();
  } finally {
    await cluster.stop();
  }
});

/** Steps of plans are logged before they are made. */
function wrote(operator: TestOperator): boolean {
  return operator.log().some((line) => /is missing|level=error/.test(line));
}
