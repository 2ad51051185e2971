/** A merge patch made of differences brings exactly the differing fields. */

import assert from "node:assert/strict";
import { mergePatch, pathKeys } from "./merge_patch.ts";

const PATHS: readonly [string, readonly string[]][] = [
  ["spec.type", ["spec", "type"]],
  [`metadata.annotations["a.b/c"]`, ["metadata", "annotations", "a.b/c"]],
  [`metadata.labels["x"].y`, ["metadata", "labels", "x", "y"]],
  ["spec.template.spec.containers[postgres].image", ["spec", "template", "spec", "containers"]],
  ["spec.ports[0]", ["spec", "ports"]],
];

for (const [path, keys] of PATHS) {
  Deno.test(`pathKeys(${path}) ends before the first list element`, () => {
    assert.deepEqual(pathKeys(path), keys);
  });
}

Deno.test("mergePatch sets differing fields, removes unwanted ones and gives lists whole", () => {
  const desired = {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "a", annotations: { "a.b/c": "1" } },
    spec: { type: "ClusterIP", ports: [{ port: 1 }, { port: 2 }] },
  };
  const difference = (path: string) =>
    ({ path, desired: 1, observed: 2, effect: "patch" }) as const;
  const observed = { ...desired, metadata: { name: "a", resourceVersion: "7" } };
  const maps = [
    difference("spec.type"),
    difference("spec.loadBalancerSourceRanges"),
    difference(`metadata.annotations["a.b/c"]`),
    difference(`metadata.annotations.gone`),
  ];
  assert.deepEqual(mergePatch(desired, observed, maps), {
    spec: { type: "ClusterIP", loadBalancerSourceRanges: null },
    metadata: { annotations: { "a.b/c": "1", gone: null } },
  });
  assert.deepEqual(mergePatch(desired, observed, [difference("spec.ports[1].port")]), {
    spec: { ports: [{ port: 1 }, { port: 2 }] },
    metadata: { resourceVersion: "7" },
  }, "a list is replaced as it was looked at, or not at all");
});
