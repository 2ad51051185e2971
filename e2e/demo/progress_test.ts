import assert from "node:assert/strict";
import type { KubeObject } from "../../src/kubernetes/types.gen.ts";
import { type ClusterState, missingAfterConnect, missingBeforeConnect } from "./progress.ts";

const object = (fields: Partial<KubeObject> = {}): KubeObject => ({
  apiVersion: "v1",
  kind: "Any",
  metadata: { name: "a" },
  ...fields,
});
const pod = (role: string | undefined, status: unknown = { phase: "Running" }): KubeObject =>
  object({ metadata: { name: "a-0", labels: role ? { "spilo-role": role } : {} }, status });
const cluster = (word: string) => object({ status: { PostgresClusterStatus: word } });

const complete: ClusterState = {
  cluster: cluster("Running"),
  statefulSet: object(),
  service: object(),
  ownerSecret: object(),
  pods: [pod("master"), pod("replica")],
};

const before: [string, Partial<ClusterState>, RegExp | undefined][] = [
  ["a complete cluster", {}, undefined],
  [
    "no StatefulSet",
    { statefulSet: undefined, cluster: cluster("CreateFailed") },
    /make a StatefulSet \(it says CreateFailed\)/,
  ],
  ["no Secret", { ownerSecret: undefined }, /Secret/],
  ["no Service", { service: undefined }, /Service/],
  ["no pod", { pods: [] }, /first pod/],
  ["no primary", { pods: [pod("replica")] }, /elect a primary/],
  [
    "a version that is not there",
    {
      pods: [pod(undefined, {
        phase: "Pending",
        containerStatuses: [{ state: { waiting: { reason: "ErrImagePull", message: "no 99" } } }],
      })],
    },
    /pod a-0 \(ErrImagePull: no 99\)/,
  ],
];

for (const [name, changes, want] of before) {
  Deno.test(`missingBeforeConnect says what is missing with ${name}`, () => {
    const text = missingBeforeConnect({ ...complete, ...changes });
    if (want === undefined) assert.equal(text, undefined);
    else assert.match(text ?? "", want);
  });
}

Deno.test("missingAfterConnect waits for the replicas, then for the status", () => {
  assert.equal(missingAfterConnect(complete, 2), undefined);
  assert.match(missingAfterConnect(complete, 3) ?? "", /replicas: 1 of 2/);
  const creating = { ...complete, cluster: cluster("Creating") };
  assert.match(missingAfterConnect(creating, 2) ?? "", /Running \(it says Creating\)/);
});
