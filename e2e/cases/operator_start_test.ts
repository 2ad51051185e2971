/** Starting and stopping the operator: what works at once, and what is said when it cannot. */
import assert from "node:assert/strict";
import { startOperatorProcess } from "../support/operator_process.ts";
import {
  launchOperator,
  OPERATOR_NAMESPACE,
  startTestCluster,
  type TestCluster,
} from "../support/test_cluster.ts";
import { startClusterView } from "../support/cluster_view.ts";
import { isRunning, minimalCluster } from "./clusters.ts";

async function withCluster(
  options: Parameters<typeof startTestCluster>[0],
  run: (cluster: TestCluster) => Promise<void>,
): Promise<void> {
  const cluster = await startTestCluster(options);
  try {
    await run(cluster);
  } finally {
    await cluster.stop();
  }
}

Deno.test("a cluster without our definitions works at the first start", () =>
  withCluster({ crds: "absent" }, async (cluster) => {
    const operator = await cluster.operator();
    const namespace = await cluster.namespace();
    await cluster.create(minimalCluster(namespace, { numberOfInstances: 1 }));
    const view = await startClusterView(cluster.client);
    try {
      const scene = { cluster: { ...cluster, view }, namespace };
      await view.until("the cluster runs", () => isRunning(scene));
    } finally {
      await view.stop();
    }
    assert.deepEqual(operator.log().filter((line) => line.includes("level=error")), []);
  }));

Deno.test("SIGTERM ends the operator within seconds and with code 0", () =>
  withCluster({}, async (cluster) => {
    const operator = await cluster.operator();
    const namespace = await cluster.namespace();
    await cluster.create(minimalCluster(namespace));
    await operator.untilLogged(/StatefulSet .* is missing|statefulset/i);
    const startMs = performance.now();
    assert.deepEqual(await operator.stop(), { code: 0, signal: null });
    assert.ok(performance.now() - startMs < 5_000);
  }));

Deno.test("a second operator on the same port says which parameter to change", () =>
  withCluster({}, async (cluster) => {
    const first = await cluster.operator();
    const second = launchOperator(cluster, first);
    assert.equal((await second.ended).code, 1);
    const port = new URL(first.debugUrl).port;
    const said = second.log().join("\n");
    assert.match(said, new RegExp(`127\\.0\\.0\\.1:${port}: the port is taken.*api_port`));
  }));

Deno.test("an unknown kubeconfig and an unreachable API server are named", async () => {
  const env = { OPERATOR_NAMESPACE };
  const unknown = startOperatorProcess({ kubeconfig: "/nonexistent/kubeconfig", env });
  assert.equal((await unknown.ended).code, 1);
  assert.match(unknown.log().join("\n"), /cannot read kubeconfig \/nonexistent\/kubeconfig/);

  const file = await Deno.makeTempFile();
  const port = 9; // nobody listens there
  await Deno.writeTextFile(
    file,
    JSON.stringify({
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name: "c", cluster: { server: `https://127.0.0.1:${port}` } }],
      users: [{ name: "u", user: {} }],
      contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
      "current-context": "x",
    }),
  );
  try {
    const unreachable = startOperatorProcess({
      kubeconfig: file,
      env: { ...env, CONFIG_MAP_NAME: "any" },
    });
    await unreachable.untilLogged(/127\.0\.0\.1:9/).finally(() => unreachable.kill());
    await unreachable.ended;
  } finally {
    await Deno.remove(file);
  }
});
