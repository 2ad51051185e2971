/**
 * The dry run and the dev cluster know apart from each other what Spilo puts into Patroni's dynamic
 * configuration: neither may import the other. They have to say the same.
 */

import assert from "node:assert/strict";
import { simulateCluster } from "../../src/dry_run/simulated/cluster.ts";
import { spiloDefaults } from "../devcluster/kubelet/stub/dynamic_config.ts";

Deno.test("a new cluster has the same dynamic configuration in the dry run and in the dev cluster", async () => {
  const { patroni } = simulateCluster({
    clusterNameLabel: "cluster-name",
    roleLabel: "spilo-role",
    startMs: 0,
  });
  const pod = { namespace: "shop", name: "acid-orders-0", ip: "10.0.0.1" };
  assert.deepEqual(await patroni.getConfig(pod, new AbortController().signal), spiloDefaults());
});
