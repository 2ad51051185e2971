/** Paths, shapes and errors of the debug API, without a socket. */

import assert from "node:assert/strict";
import { createDebugApp } from "./app.ts";
import type { ClusterView, OperatorView } from "./view.ts";

const CLUSTER: ClusterView = {
  Team: "acid",
  Cluster: "acid-a",
  Namespace: "default",
  MasterService: null,
  ReplicaService: null,
  MasterEndpoint: null,
  ReplicaEndpoint: null,
  StatefulSet: null,
  PrimaryPodDisruptionBudget: null,
  CriticalOpPodDisruptionBudget: null,
  CurrentProcess: { Name: "", StartTime: "" },
  Worker: 0,
  Status: { PostgresClusterStatus: "Running" },
  Spec: {},
  Error: null,
};

function view(overrides: Partial<OperatorView> = {}): OperatorView {
  return {
    ready: () => true,
    status: () => ({ LastSyncTime: 1, Clusters: 1, WorkerQueueSize: { "0": 0 } }),
    teams: () => ({ acid: ["acid-a"] }),
    cluster: (namespace, name) =>
      namespace === "default" && name === "acid-a" ? CLUSTER : undefined,
    plan: () => undefined,
    ...overrides,
  };
}

const ANSWERS: readonly [string, number, unknown][] = [
  ["/readyz", 200, "OK"],
  ["/status/", 200, { LastSyncTime: 1, Clusters: 1, WorkerQueueSize: { "0": 0 } }],
  ["/status", 200, { LastSyncTime: 1, Clusters: 1, WorkerQueueSize: { "0": 0 } }],
  ["/clusters/", 200, { acid: ["acid-a"] }],
  ["/clusters/acid", 200, ["acid-a"]],
  ["/clusters/nobody/", 404, { error: "team nobody has no cluster" }],
  ["/clusters/default/acid-a/", 200, CLUSTER],
  ["/clusters/default/other", 404, { error: "cluster default/other is not known" }],
  ["/clusters/default/acid-a/plan", 404, {
    error: "a plan of cluster default/acid-a is not known",
  }],
  ["/elsewhere", 404, { error: "there is no /elsewhere" }],
];

for (const [path, status, body] of ANSWERS) {
  Deno.test(`GET ${path} answers ${status}`, async () => {
    const response = await createDebugApp(view()).request(path);
    assert.equal(response.status, status);
    assert.deepEqual(await response.json(), body);
  });
}

Deno.test("GET /readyz is 503 until the caches are filled", async () => {
  const response = await createDebugApp(view({ ready: () => false })).request("/readyz");
  assert.equal(response.status, 503);
});
