/**
 * Which clusters an operator looks after: its own, and each for itself.
 * Zalando: docs/administrator.md, controller ID; pkg/controller/postgresql.go
 */
import assert from "node:assert/strict";
import { scenario } from "../support/scenario.ts";
import { isRunning, MINIMAL, minimalCluster, podsOf, statusOf } from "./clusters.ts";

const MARK = "acid.zalan.do/controller";

scenario("a cluster of another operator is left alone until it is handed over", {
  operator: { env: { CONTROLLER_ID: "blue" } },
}, async (play) => {
  const { cluster, namespace, until, never } = play;
  const manifest = minimalCluster(namespace);
  await cluster.create({
    ...manifest,
    metadata: { ...manifest.metadata, annotations: { [MARK]: "green" } },
  });
  await cluster.create(minimalCluster(namespace, {}, "acid-unmarked"));
  await never(
    "anything is made of them",
    () =>
      podsOf(play).length > 0 || statusOf(play) !== "" || statusOf(play, "acid-unmarked") !== "",
  );
  await cluster.patch(manifest, { metadata: { annotations: { [MARK]: "blue" } } });
  await until("the cluster runs", () => isRunning(play));
  assert.equal(statusOf(play, "acid-unmarked"), "");
});

scenario("an invalid manifest is told and does not hold up its neighbour", {}, async (play) => {
  const { cluster, namespace, until, events } = play;
  const healthy = "acid-healthy";
  await cluster.create(minimalCluster(namespace, {}, healthy));
  await until("the healthy cluster runs", () => isRunning(play, healthy));
  const before = cluster.view.get("Postgresql", namespace, healthy)?.metadata.resourceVersion;

  await cluster.create(minimalCluster(namespace, { users: { "no good name": [] } }));
  await until("the other one failed", () => statusOf(play) === "CreateFailed");
  await until(
    "an Event says why",
    () => events(MINIMAL).some((text) => /^Warning Create: .*no good name/s.test(text)),
  );
  assert.equal(podsOf(play).length, 0);

  await cluster.patch(minimalCluster(namespace, {}, healthy), { spec: { numberOfInstances: 1 } });
  await until(
    "the healthy cluster follows its manifest",
    () => isRunning(play, healthy) && podsOf(play, healthy).length === 1,
  );
  assert.notEqual(
    cluster.view.get("Postgresql", namespace, healthy)?.metadata.resourceVersion,
    before,
  );
  await cluster.patch(minimalCluster(namespace), { spec: { users: { "no good name": null } } });
  await until("the mended cluster runs", () => isRunning(play));
});
