/** Nothing is deleted on the word of a cache, of a note, or of an operator that is no longer asked. */

import assert from "node:assert/strict";
import { DELETION_ANNOTATION } from "../../src/cluster/plan/deletion.ts";
import type { KubeObject } from "../../src/kubernetes/types.gen.ts";
import { type ObjectRef, refOf } from "../../src/ports/requests.ts";
import { cluster } from "../../src/testing/cluster_fixture.ts";
import { createWorld, refFor, snapshot, type World } from "./world.ts";

function manifest(namespace: string, name: string, uid = `uid-${namespace}-${name}`) {
  return cluster({
    metadata: { namespace, name, uid },
    spec: { teamId: name, users: { app: [] } },
  });
}

async function running(world: World, ...names: readonly [string, string][]): Promise<void> {
  for (const [namespace, name] of names) world.apply(manifest(namespace, name));
  world.start();
  await world.settle();
  for (const [namespace, name] of names) assert.equal(world.status(namespace, name), "Running");
}

function ofCluster(world: World, namespace: string, name: string): KubeObject[] {
  return world.cluster.api.objects().filter(({ metadata }) =>
    metadata.namespace === namespace && metadata.labels?.["cluster-name"] === name
  );
}

/** A note as the operator would leave it, about whatever objects. */
function forge(world: World, objects: readonly KubeObject[], uid = "uid-of-nobody"): string {
  assert.ok(world);
  const targets = objects.map((object) => ({ ref: refOf(object), uid: object.metadata.uid }));
  return JSON.stringify({ uid, controller: "", targets });
}

Deno.test("a note in a manifest's annotations of services deletes nothing of anybody", async () => {
  const world = createWorld();
  await running(world, ["victim", "shop"], ["tenant", "other"]);
  const targets = [...ofCluster(world, "victim", "shop"), ...ofCluster(world, "tenant", "other")];
  const before = snapshot(world);
  const evil = manifest("tenant", "evil");
  world.apply({
    ...evil,
    spec: { ...evil.spec, serviceAnnotations: { [DELETION_ANNOTATION]: forge(world, targets) } },
  } as KubeObject);
  await world.settle();
  await world.stop();
  world.start();
  await world.settle();
  for (const [name, text] of before) assert.equal(snapshot(world).get(name), text, name);
  assert.equal(world.status("tenant", "evil"), "Running");
  assert.ok(world.told().some((text) => text.startsWith("ReservedKey: spec.serviceAnnotations")));
});

Deno.test("a note that somebody writes on a Service deletes nothing of a cluster with a manifest", async () => {
  for (const uid of ["uid-of-nobody", "uid-victim-shop", "uid-tenant-own"]) {
    const world = createWorld();
    await running(world, ["victim", "shop"], ["tenant", "own"]);
    await world.stop();
    const targets = [...ofCluster(world, "victim", "shop"), ...ofCluster(world, "tenant", "own")];
    const service = world.find("Service", "tenant", "own") as KubeObject;
    const annotations = { [DELETION_ANNOTATION]: forge(world, targets, uid) };
    world.apply({ ...service, metadata: { ...service.metadata, annotations } });
    world.writes.length = 0;
    world.start();
    await world.settle(60_000);
    assert.deepEqual(world.writes.filter(({ verb }) => verb === "delete"), [], uid);
  }
});

Deno.test("an unfinished deletion is finished by the next operator, whatever write it was killed at", async () => {
  for (let writes = 1; writes < 14; writes++) {
    const world = createWorld();
    await running(world, ["victim", "shop"], ["tenant", "own"]);
    const before = snapshot(world, ({ metadata }) => metadata.namespace === "victim");
    world.killAfter(writes);
    world.remove(refFor("postgresql", "tenant", "own"));
    await world.settle();
    await world.stop();
    world.start();
    await world.settle(60_000);
    assert.deepEqual(ofCluster(world, "tenant", "own"), [], `killed after ${writes}`);
    assert.deepEqual(snapshot(world, ({ metadata }) => metadata.namespace === "victim"), before);
  }
});

/** What caches that are behind do not show of a cluster that goes. */
const UNSEEN: Readonly<Record<string, (ref: ObjectRef) => boolean>> = {
  "its pods": ({ kind }) => kind === "Pod",
  "its StatefulSet, pods and claims": ({ kind }) =>
    ["StatefulSet", "Pod", "PersistentVolumeClaim"].includes(kind),
  "what Patroni makes": ({ name }) => /-(config|leader|failover|sync)$/.test(name),
  "anything that others make": ({ kind, name }) =>
    ["Pod", "PersistentVolumeClaim"].includes(kind) || /-(config|leader|failover|sync)$/.test(name),
};

for (const [what, isUnseen] of Object.entries(UNSEEN)) {
  for (const inConfigMaps of [false, true]) {
    const where = inConfigMaps ? "ConfigMaps" : "Endpoints";
    Deno.test(`a deletion whose caches do not show ${what} leaves nothing in ${where}`, async () => {
      let behind = false;
      const world = createWorld({
        config: { kubernetesUseConfigmaps: inConfigMaps },
        hidden: (ref) => behind && isUnseen(ref),
      });
      await running(world, ["tenant", "own"], ["tenant", "other"]);
      const spared = ofCluster(world, "tenant", "other").length;
      // A Patroni that shuts down writes once more.
      world.cluster.api.onChange(({ type, object }) => {
        if (type !== "delete" || object.kind !== "Pod") return;
        const { namespace, labels = {} } = object.metadata;
        const kind = inConfigMaps ? "ConfigMap" : "Endpoints";
        for (const end of ["config", "leader", "failover"]) {
          const name = `${labels["cluster-name"]}-${end}`;
          const { application, "cluster-name": cluster } = labels;
          const of = { application: application ?? "", "cluster-name": cluster ?? "" };
          world.apply({
            apiVersion: "v1",
            kind,
            metadata: { namespace: namespace ?? "", name, labels: of },
          });
        }
      });
      behind = true;
      world.remove(refFor("postgresql", "tenant", "own"));
      await world.settle(60_000);
      const left = ofCluster(world, "tenant", "own").filter(({ kind }) => kind !== "Secret");
      assert.deepEqual(left.map(({ kind, metadata }) => `${kind} ${metadata.name}`), []);
      assert.equal(ofCluster(world, "tenant", "other").length, spared);
    });
  }
}

Deno.test("a refusal that is over does not keep the Secrets of former roles", async () => {
  let refused = false;
  const world = createWorld({
    config: { enableSecretsDeletion: true },
    unlisted: (kind) => refused && kind === "Secret",
  });
  await running(world, ["tenant", "own"]);
  const own = manifest("tenant", "own");
  world.apply({ ...own, spec: { ...own.spec, users: {} } } as KubeObject);
  await world.settle();
  const secret = "app.own.credentials.postgresql.acid.zalan.do";
  assert.notEqual(world.find("Secret", "tenant", secret), undefined);
  refused = true;
  world.remove(refFor("postgresql", "tenant", "own"));
  await world.settle(60_000);
  assert.deepEqual(ofCluster(world, "tenant", "own"), []);
});

Deno.test("a manifest that only the cache lost is not deleted", async () => {
  let hidden = false;
  const world = createWorld({ hidden: ({ kind }) => hidden && kind === "postgresql" });
  await running(world, ["tenant", "own"]);
  const before = snapshot(world);
  hidden = true;
  world.controller().queue.add("tenant/own", "delete");
  await world.settle(60_000);
  assert.deepEqual(snapshot(world), before);
  assert.ok(world.log.some((line) => line.includes("the API server still has the manifest")));
});

Deno.test("while the API server does not say that a manifest is gone, nothing is deleted", async () => {
  let answers = false;
  const world = createWorld({ answers: () => answers });
  await running(world, ["tenant", "own"]);
  const count = ofCluster(world, "tenant", "own").length;
  world.remove(refFor("postgresql", "tenant", "own"));
  await world.settle(1500);
  assert.equal(ofCluster(world, "tenant", "own").length, count);
  answers = true;
  await world.settle(5 * 60_000);
  assert.deepEqual(ofCluster(world, "tenant", "own"), []);
});

Deno.test("after a handover nothing is written, whatever was still to be tried again", async () => {
  const world = createWorld({ controllerId: "blue" });
  const own = manifest("tenant", "own");
  const marked = (controller: string, extra: object = {}) => ({
    ...own,
    spec: { ...own.spec, ...extra },
    metadata: { ...own.metadata, annotations: { "acid.zalan.do/controller": controller } },
  });
  world.apply(marked("blue") as KubeObject);
  world.start();
  await world.settle();
  assert.equal(world.status("tenant", "own"), "Running");
  // A failure that would be tried again, and a look that is due later.
  world.killAfter(0);
  world.apply(marked("blue", { numberOfInstances: 3 }) as KubeObject);
  await world.settle(500);
  world.killAfter(Infinity);
  world.writes.length = 0;
  world.apply(marked("green", { numberOfInstances: 3 }) as KubeObject);
  world.controller().queue.add("tenant/own", "retry");
  await world.settle(60 * 60_000);
  assert.deepEqual(world.writes, []);
  assert.equal(world.controller().registry.has("tenant/own"), false);
});

Deno.test("a cluster handed over in the middle of a pass is not written to after the steps under way", async () => {
  const world = createWorld({ controllerId: "blue" });
  const own = manifest("tenant", "own");
  const marked = (controller: string) => ({
    ...own,
    metadata: { ...own.metadata, annotations: { "acid.zalan.do/controller": controller } },
  });
  world.cluster.api.onChange(({ object }) => {
    if (object.kind === "Service" && object.metadata.name === "own") {
      world.apply(marked("green") as KubeObject);
    }
  });
  world.apply(marked("blue") as KubeObject);
  world.start();
  await world.settle(60 * 60_000);
  // Creations of one subject go out together.
  const made = world.writes.map(({ verb, ref }) => `${verb} ${ref.kind} ${ref.name}`);
  const services = ["create Service own", "create Service own-repl"];
  assert.deepEqual(made.slice(made.indexOf("create Service own")).sort(), services);
});
