/** A standby cluster and its promotion. Zalando: e2e/tests/test_e2e.py, test_standby_cluster */
import assert from "node:assert/strict";
import { scenario } from "../support/scenario.ts";
import { isRunning, minimalCluster, podsOf, roleOf } from "./clusters.ts";

scenario("a standby cluster is promoted by taking its section away", {}, async (play) => {
  const { cluster, namespace, until } = play;
  const standby = { standby_host: "elsewhere.example.com", standby_port: "5433" };
  await cluster.create(minimalCluster(namespace, { standby }));
  await until("the cluster runs", () => isRunning(play));
  assert.deepEqual(podsOf(play).map(roleOf).sort(), ["master", "replica"]);
  const requests = () =>
    cluster.dev?.stub?.requests.filter((request) =>
      request.namespace === namespace && request.path === "/config"
    ).map(({ body }) => body) ?? [];
  assert.deepEqual(requests(), []);

  await cluster.patch(minimalCluster(namespace), { spec: { standby: null } });
  await until(
    "the cluster runs",
    () =>
      isRunning(play) &&
      podsOf(play).every(({ spec }) =>
        !spec?.containers[0]?.env?.some(({ name }) => name.startsWith("STANDBY_"))
      ),
  );
  assert.deepEqual(requests(), [{ standby_cluster: null }]);
});
