/** Manifests times prices. */

import assert from "node:assert/strict";
import { type Listed, monthlyCost, type Prices } from "./cost.ts";

const PRICES: Prices = {
  min_pods: 2,
  cost_core: 0.0575,
  cost_memory: 0.014375,
  cost_ebs: 0.0952,
  cost_iops: 0.006,
  cost_throughput: 0.0476,
  cost_elb: 0.03,
  free_iops: 3000,
  limit_iops: 80000,
  free_throughput: 125,
  limit_throughput: 2000,
};
const LISTED: Listed = {
  namespace: "shop",
  name: "acid-a",
  nodes: 2,
  cpu: "100m",
  cpu_limit: "1",
  memory: "100Mi",
  memory_limit: "1Gi",
  volume_size: "10Gi",
  iops: 3000,
  throughput: 125,
  num_elb: 0,
};

const CASES: readonly [string, Partial<Listed>, number | undefined][] = [
  ["as it is", {}, 2 * (0.1 * 0.0575 * 732 + 0.952)],
  ["one member costs as two", { nodes: 1 }, 2 * (0.1 * 0.0575 * 732 + 0.952)],
  ["three members", { nodes: 3 }, 3 * (0.1 * 0.0575 * 732 + 0.952)],
  ["more memory than cores", { memory: "8Gi" }, 2 * (8 * 0.014375 * 732 + 0.952)],
  ["a terabyte", { volume_size: "1Ti" }, 2 * (0.1 * 0.0575 * 732 + 1024 * 0.0952)],
  ["faster", { iops: 4000, throughput: 225 }, 2 * (0.1 * 0.0575 * 732 + 0.952 + 6 + 4.76)],
  ["as fast as can be", { iops: 1e9 }, 2 * (0.1 * 0.0575 * 732 + 0.952 + 77000 * 0.006)],
  ["two load balancers", { num_elb: 2 }, 2 * (0.1 * 0.0575 * 732 + 0.952) + 2 * 0.03 * 732],
  ["a quantity that is none", { memory: "much" }, undefined],
  ["a manifest without a volume", { volume_size: 0 }, 2 * 0.1 * 0.0575 * 732],
];

for (const [name, given, wanted] of CASES) {
  Deno.test(`the cost of a cluster: ${name}`, () => {
    const cost = monthlyCost({ ...LISTED, ...given }, PRICES);
    assert.equal(cost?.toFixed(6), wanted?.toFixed(6));
  });
}
