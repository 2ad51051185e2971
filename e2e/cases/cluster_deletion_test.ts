/** Taking clusters down. Zalando: e2e/tests/test_e2e.py, test_zz_cluster_deletion */
import assert from "node:assert/strict";
import type { KubeObject } from "../../src/kubernetes/types.gen.ts";
import { type Play, scenario } from "../support/scenario.ts";
import { isRunning, manifestOf, MINIMAL, minimalCluster } from "./clusters.ts";

/** Kinds and names that are left of a cluster. */
function left({ cluster, namespace }: Play): string[] {
  return cluster.view.all(namespace)
    .filter(({ metadata }) => metadata.labels?.["cluster-name"] === MINIMAL)
    .map(({ kind, metadata }) => `${kind}/${metadata.name}`).sort();
}

async function running(play: Play): Promise<void> {
  await play.cluster.create(minimalCluster(play.namespace));
  await play.until("the cluster runs", () => isRunning(play));
}

function remove(play: Play): Promise<void> {
  return play.cluster.delete(manifestOf(play) as unknown as KubeObject);
}

scenario("a deleted cluster takes along what the operator made", {}, async (play) => {
  await running(play);
  await remove(play);
  await play.until("nothing is left", () => left(play).length === 0);
  const others = play.cluster.view.all(play.namespace).map(({ kind, metadata }) =>
    `${kind}/${metadata.name}`
  );
  // Other clusters of the namespace go on using these.
  assert.ok(others.includes("ServiceAccount/postgres-pod"));
  await play.until(
    "the deletion is told",
    () => play.events(MINIMAL).includes("Normal Delete: Started deletion of cluster resources"),
  );
});

scenario("what a dying pod makes again goes with the cluster, owner references or not", {
  operator: { config: { enable_owner_references: "true" } },
}, async (play) => {
  await running(play);
  const config = `${MINIMAL}-config`;
  const labels = { application: "spilo", "cluster-name": MINIMAL };
  const metadata = { namespace: play.namespace, name: config, labels };
  await remove(play);
  await play.until(
    "a pod is on its way out",
    () =>
      play.cluster.view.all(play.namespace).some(({ kind, metadata }) =>
        kind === "Pod" && metadata.deletionTimestamp !== undefined
      ),
  );
  const spec = { clusterIP: "None" };
  // Patroni looks for its Service at every turn, and makes it where it is gone.
  await play.cluster.create({ apiVersion: "v1", kind: "Service", metadata, spec }).catch(() => {});
  await play.until("nothing is left", () => left(play).length === 0);
});

scenario("Secrets and claims stay where the configuration says so", {
  operator: {
    config: {
      enable_secrets_deletion: "false",
      enable_persistent_volume_claim_deletion: "false",
    },
  },
}, async (play) => {
  await running(play);
  await remove(play);
  await play.until(
    "only those are left",
    () => left(play).every((name) => /^(Secret|PersistentVolumeClaim)\//.test(name)),
  );
  assert.equal(left(play).filter((name) => name.startsWith("Secret/")).length, 4);
  assert.equal(left(play).filter((name) => name.startsWith("Persistent")).length, 2);
});

scenario("a finalizer holds the manifest until the cluster is gone", {
  operator: { config: { enable_finalizers: "true" } },
}, async (play) => {
  await running(play);
  const { finalizers } = manifestOf(play)?.metadata ?? {};
  assert.deepEqual(finalizers, ["postgres-operator.acid.zalan.do"]);
  // Every kind has a watch of its own: what went first is known by the versions of objects.
  const going = new Map<string, number>();
  const stop = play.cluster.view.onChange(({ type, object: { kind, metadata } }) => {
    if (metadata.namespace !== play.namespace || kind === "Event") return;
    const key = `${kind}/${metadata.name}`;
    const goes = kind === "postgresql" ? type === "delete" : metadata.deletionTimestamp;
    if (!going.has(key) && (goes || type === "delete")) {
      going.set(key, Number(metadata.resourceVersion));
    }
  });
  await remove(play);
  await play.until(
    "nothing is left",
    () => left(play).length === 0 && manifestOf(play) === undefined,
  );
  stop();
  const last = going.get(`postgresql/${MINIMAL}`) ?? 0;
  const byOperator = [...going].filter(([key]) => /^(StatefulSet|Secret|Service)\//.test(key));
  assert.equal(byOperator.length, 7);
  for (const [key, version] of byOperator) assert.ok(version < last, `${key} went later`);
});

scenario("without its annotations a protected cluster is not taken down", {
  operator: {
    config: {
      delete_annotation_date_key: "delete-date",
      delete_annotation_name_key: "delete-name",
    },
  },
}, async (play) => {
  await running(play);
  await remove(play);
  await play.operator.untilLogged(/deletion is not carried out/);
  await play.never(
    "the StatefulSet goes",
    () => play.cluster.view.get("StatefulSet", play.namespace, MINIMAL) === undefined,
  );

  await play.cluster.create(minimalCluster(play.namespace));
  await play.until("the cluster runs again", () => isRunning(play));
  const today = new Date().toISOString().slice(0, 10);
  const annotations = { "delete-date": today, "delete-name": MINIMAL };
  await play.cluster.patch(minimalCluster(play.namespace), { metadata: { annotations } });
  await play.until(
    "the annotations are there",
    () => manifestOf(play)?.metadata.annotations?.["delete-name"] === MINIMAL,
  );
  await remove(play);
  await play.until("nothing is left", () => left(play).length === 0);
});
