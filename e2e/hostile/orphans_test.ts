/** Clusters whose manifests went while no operator ran. */

import assert from "node:assert/strict";
import type { Config } from "../../src/config/config.ts";
import type { KubeObject } from "../../src/kubernetes/types.gen.ts";
import { cluster } from "../../src/testing/cluster_fixture.ts";
import { createWorld, refFor, snapshot, type World, type WorldOptions } from "./world.ts";

const MINUTE_MS = 60_000;

function manifest(namespace: string, name: string, uid = `uid-${namespace}-${name}`) {
  return cluster({ metadata: { namespace, name, uid }, spec: { teamId: "acid" } });
}

/** Two clusters, of which one lost its manifest while nobody looked. */
async function deletedUnseen(config: Partial<Config> = {}, options: WorldOptions = {}) {
  const world = createWorld({ config, ...options });
  const { controllerId } = options;
  const metadata = controllerId
    ? { annotations: { "acid.zalan.do/controller": controllerId } }
    : {};
  for (const name of ["gone", "kept"]) {
    const cr = manifest("shop", name);
    world.apply({ ...cr, metadata: { ...cr.metadata, ...metadata } } as KubeObject);
  }
  world.start();
  await world.settle();
  await world.stop();
  world.remove(refFor("postgresql", "shop", "gone"));
  world.writes.length = 0;
  return world;
}

function orphans(world: World): string[] {
  return world.controller().orphans().map(({ key }) => key);
}

function left(world: World): number {
  return world.cluster.api.objects().filter(({ metadata }) =>
    metadata.labels?.["cluster-name"] === "gone"
  ).length;
}

Deno.test("a cluster that lost its manifest is reported after two answers, and nothing of it is touched", async () => {
  const world = await deletedUnseen();
  const before = snapshot(world, ({ metadata }) => metadata.labels?.["cluster-name"] === "gone");
  world.start();
  await world.settle(MINUTE_MS);
  assert.deepEqual(orphans(world), []);
  await world.settle(5 * MINUTE_MS);
  assert.deepEqual(orphans(world), ["shop/gone"]);
  const lines = () => world.log.filter((line) => line.includes("StatefulSet shop/gone"));
  assert.equal(lines().length, 1);
  await world.settle(60 * MINUTE_MS);
  assert.equal(lines().length, 1);
  assert.deepEqual(world.writes.filter(({ verb }) => verb === "delete"), []);
  assert.deepEqual(
    snapshot(world, ({ metadata }) => metadata.labels?.["cluster-name"] === "gone"),
    before,
  );
});

Deno.test("an orphan whose manifest is applied again is one no longer", async () => {
  const world = await deletedUnseen();
  world.start();
  await world.settle(6 * MINUTE_MS);
  assert.deepEqual(orphans(world), ["shop/gone"]);
  world.apply(manifest("shop", "gone", "another-uid"));
  await world.settle(6 * MINUTE_MS);
  assert.deepEqual(orphans(world), []);
  assert.equal(world.status("shop", "gone"), "Running");
});

Deno.test("what the API server does not answer for is no orphan", async () => {
  const world = await deletedUnseen({ enableOrphanDeletion: true }, { answers: () => false });
  world.start();
  await world.settle(60 * MINUTE_MS);
  assert.deepEqual(orphans(world), []);
  assert.deepEqual(world.writes.filter(({ verb }) => verb === "delete"), []);
});

Deno.test("a cluster of another operator is no orphan while its manifest is there", async () => {
  const world = createWorld({ config: { enableOrphanDeletion: true } });
  const cr = manifest("shop", "gone");
  world.apply(cr);
  world.start();
  await world.settle();
  await world.stop();
  const annotations = { "acid.zalan.do/controller": "another" };
  world.apply({ ...cr, metadata: { ...cr.metadata, annotations } } as KubeObject);
  world.start();
  await world.settle(60 * MINUTE_MS);
  assert.deepEqual(orphans(world), []);
  assert.ok(left(world) > 5);
});

Deno.test("with enable_orphan_deletion what is left goes, and nothing else", async () => {
  const world = await deletedUnseen({ enableOrphanDeletion: true });
  const kept = ({ metadata }: KubeObject) => metadata.labels?.["cluster-name"] === "kept";
  const before = snapshot(world, kept);
  assert.ok(left(world) > 5);
  world.start();
  await world.settle(4 * MINUTE_MS);
  assert.ok(left(world) > 5);
  await world.settle(10 * MINUTE_MS);
  assert.equal(left(world), 0);
  assert.deepEqual(snapshot(world, kept), before);
  assert.deepEqual(orphans(world), []);
});

Deno.test("data and Secrets of an orphan stay where the configuration says so", async () => {
  const world = await deletedUnseen({
    enableOrphanDeletion: true,
    enableSecretsDeletion: false,
    enablePersistentVolumeClaimDeletion: false,
  });
  world.start();
  await world.settle(10 * MINUTE_MS);
  const kinds = world.cluster.api.objects()
    .filter(({ metadata }) => metadata.labels?.["cluster-name"] === "gone")
    .map(({ kind }) => kind);
  assert.deepEqual([...new Set(kinds)].sort(), ["PersistentVolumeClaim", "Secret"]);
});

const PROTECTED: readonly (readonly [string, Partial<Config>, WorldOptions])[] = [
  ["a date has to stand on the manifest", { deleteAnnotationDateKey: "delete-date" }, {}],
  ["a name has to stand on the manifest", { deleteAnnotationNameKey: "delete-name" }, {}],
  ["there are several operators", {}, { controllerId: "blue" }],
];

for (const [what, config, options] of PROTECTED) {
  Deno.test(`an orphan is only reported where ${what}`, async () => {
    const world = await deletedUnseen({ enableOrphanDeletion: true, ...config }, options);
    world.start();
    await world.settle(10 * MINUTE_MS);
    assert.deepEqual(orphans(world), ["shop/gone"]);
    assert.ok(left(world) > 5);
  });
}

Deno.test("a StatefulSet of somebody else with labels of ours is no orphan", async () => {
  const world = await deletedUnseen({ enableOrphanDeletion: true });
  const set = world.find("StatefulSet", "shop", "gone") as KubeObject;
  const spec = set["spec"] as { template: { spec: { containers: { env: unknown[] }[] } } };
  const changed = structuredClone(spec);
  changed.template.spec.containers[0]!.env = [{ name: "SCOPE", value: "another" }];
  world.apply({ ...set, spec: changed } as KubeObject);
  world.start();
  await world.settle(10 * MINUTE_MS);
  assert.deepEqual(orphans(world), []);
  assert.ok(left(world) > 5);
});

Deno.test("a StatefulSet that another controller made is no orphan", async () => {
  const world = await deletedUnseen({ enableOrphanDeletion: true });
  const set = world.find("StatefulSet", "shop", "gone") as KubeObject;
  const owner = { apiVersion: "v1", kind: "Chart", name: "theirs", uid: "u", controller: true };
  world.apply({ ...set, metadata: { ...set.metadata, ownerReferences: [owner] } });
  world.start();
  await world.settle(10 * MINUTE_MS);
  assert.deepEqual(orphans(world), []);
  assert.ok(left(world) > 5);
});
