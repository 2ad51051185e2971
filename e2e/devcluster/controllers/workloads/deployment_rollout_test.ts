import assert from "node:assert/strict";
import type { Deployment } from "../../objects/workloads.ts";
import { minimumAvailable } from "./deployment_rollout.ts";

type Strategy = NonNullable<Deployment["spec"]["strategy"]>;

const ROWS: readonly [replicas: number, strategy: Strategy | undefined, want: number][] = [
  [4, undefined, 3],
  [1, undefined, 1],
  [2, { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1 } }, 1],
  [1, { type: "Recreate" }, 1],
  [3, { type: "Recreate" }, 3],
  [0, { type: "Recreate" }, 0],
];

for (const [replicas, strategy, want] of ROWS) {
  const how = JSON.stringify(strategy ?? "the default");
  Deno.test(`with ${replicas} replicas and ${how} ${want} pods are enough to be available`, () => {
    const spec = { replicas, selector: {}, template: { spec: { containers: [] } } };
    const deployment = {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "a" },
      spec: { ...spec, ...(strategy === undefined ? {} : { strategy }) },
    } as Deployment;
    assert.equal(minimumAvailable(deployment), want);
  });
}
