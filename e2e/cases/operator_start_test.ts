/** Starting and stopping the operator: what works at once, and what is said when it cannot. */
import assert from "node:assert/strict";
import { freePort, startOperatorProcess } from "../support/operator_process.ts";
import {
  launchOperator,
  OPERATOR_NAMESPACE,
  startTestCluster,
  type TestCluster,
} from "../support/test_cluster.ts";
import type { FaultKind } from "../devcluster/apiserver/http/faults.ts";
import { startClusterView } from "../support/cluster_view.ts";
import { eachOnce, rightOf } from "../support/fault_run.ts";
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

/** How often each request fails: more than the client itself tries it again. */
const FAILURES: readonly { kind: FaultKind; reads: number; writes: number }[] = [
  { kind: "internalError", reads: 5, writes: 2 },
  { kind: "unauthorized", reads: 2, writes: 2 },
  { kind: "conflict", reads: 2, writes: 2 },
];
/** Caches that cannot be filled try again for ever in any case. */
const OF_CACHES = ["list", "watch"];

for (const { kind, reads, writes } of FAILURES) {
  Deno.test(`each first request of a start is answered by ${kind}, and the start goes on`, () =>
    withCluster({ crds: "absent" }, async (cluster) => {
      const [ofReads, ofWrites] = [eachOnce(kind, reads), eachOnce(kind, writes)];
      const hit = new Set<string>();
      cluster.dev?.apiServer.faults.add({
        kind,
        agent: /^postgres-operator/,
        when(info) {
          if (OF_CACHES.includes(info.verb)) return false;
          const hits = (info.verb === "get" ? ofReads : ofWrites).hits(info);
          if (hits) hit.add(rightOf(info));
          return hits;
        },
      });
      const operator = await cluster.operator({ wait: "no" });
      await operator.untilLogged(/looking after/, 60_000);
      assert.deepEqual([...hit].sort(), [
        "create customresourcedefinitions",
        "get /version",
        "get configmaps",
        "get customresourcedefinitions",
      ]);
      assert.deepEqual(await operator.stop(), { code: 0, signal: null });
    }));
}

Deno.test("an operator that is there before its API server waits for it", () =>
  withCluster({}, async (cluster) => {
    const port = freePort();
    const server = new URL(cluster.connection.server);
    const kubeconfig = `${cluster.directory}/later`;
    const text = await Deno.readTextFile(cluster.operatorKubeconfig);
    await Deno.writeTextFile(kubeconfig, text.replaceAll(server.host, `127.0.0.1:${port}`));
    const operator = await cluster.operator({ wait: "no", kubeconfig });
    await operator.untilLogged(/127\.0\.0\.1:\d+.*; the start waits/);
    const listener = Deno.listen({ hostname: "127.0.0.1", port });
    const forwarding = forward(listener, { hostname: server.hostname, port: Number(server.port) });
    await operator.untilLogged(/looking after/);
    assert.deepEqual(await operator.stop(), { code: 0, signal: null });
    listener.close();
    await forwarding;
  }));

/** Hands each connection on until the listener is closed and they have ended. */
async function forward(
  listener: Deno.TcpListener,
  to: { readonly hostname: string; readonly port: number },
): Promise<void> {
  const pipes: Promise<unknown>[] = [];
  for await (const from of listener) {
    const upstream = await Deno.connect(to);
    const both = [
      from.readable.pipeTo(upstream.writable),
      upstream.readable.pipeTo(from.writable),
    ];
    pipes.push(Promise.allSettled(both));
  }
  await Promise.all(pipes);
}
