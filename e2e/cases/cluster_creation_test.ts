/** The minimal example becomes a running cluster. Zalando: e2e/tests/test_e2e.py, setUpClass */
import assert from "node:assert/strict";
import { scenario } from "../support/scenario.ts";
import {
  isRunning,
  manifestOf,
  MINIMAL,
  minimalCluster,
  podsOf,
  roleOf,
  statefulSetOf,
} from "./clusters.ts";

scenario("the minimal example becomes a running cluster", {}, async (play) => {
  const { cluster, namespace, until, events } = play;
  await cluster.create(minimalCluster(namespace));
  await until("the cluster runs", () => isRunning(play));

  assert.deepEqual(podsOf(play).map(roleOf).sort(), ["master", "replica"]);
  assert.equal(statefulSetOf(play)?.spec?.replicas, 2);
  const names = (kind: "Service" | "Secret" | "PodDisruptionBudget") =>
    cluster.view.list(kind, namespace).map(({ metadata }) => metadata.name).sort();
  assert.deepEqual(names("Service").slice(0, 2), [MINIMAL, `${MINIMAL}-repl`]);
  const secrets = ["foo-user", "postgres", "standby", "zalando"];
  for (const role of secrets) {
    assert.ok(names("Secret").includes(`${role}.${MINIMAL}.credentials.postgresql.acid.zalan.do`));
  }
  assert.deepEqual(names("PodDisruptionBudget"), [
    `postgres-${MINIMAL}-critical-op-pdb`,
    `postgres-${MINIMAL}-pdb`,
  ]);

  const status = manifestOf(play)?.status;
  assert.equal(
    status?.primary,
    podsOf(play).find((pod) => roleOf(pod) === "master")?.metadata.name,
  );
  assert.deepEqual(
    status?.conditions?.map(({ type, status, reason }) => [type, status, reason]),
    [["Ready", "True", "PrimaryUp"], ["Synced", "True", "AsSpecified"]],
  );
  const told = [
    "Normal Create: Started creation of new cluster resources",
    "Normal StatefulSet: Pods are ready",
  ];
  for (const event of told) {
    await until(`the Event "${event}"`, () => events(MINIMAL).includes(event));
  }
  assert.deepEqual(events(MINIMAL), told, "a creation is told by two Events");
});
