/**
 * Names that every object of JavaScript knows are names like others: of clusters, teams, labels,
 * annotations, users, databases, parameters, in manifests and in the configuration.
 */

import assert from "node:assert/strict";
import type { Postgresql, PostgresqlSpec } from "../../src/api/types.gen.ts";
import type { Config } from "../../src/config/config.ts";
import { createView } from "../../src/controller/view.ts";
import { createDebugApp } from "../../src/debug/app.ts";
import type { KubeObject } from "../../src/kubernetes/types.gen.ts";
import { createLogRing } from "../../src/log/ring.ts";
import { cluster } from "../../src/testing/cluster_fixture.ts";
import { createWorld, type World } from "./world.ts";

/** Names of Object.prototype, and some that classes and promises have. */
const KEYS = [
  ...Object.getOwnPropertyNames(Object.prototype),
  "prototype",
  "then",
  "length",
  "name",
];
/** Those that can be the name of a cluster or role. */
const LOWER = ["constructor", "then", "length", "name", "prototype"];

function mapOf<T>(keys: readonly string[], value: (key: string) => T): Record<string, T> {
  return Object.fromEntries(keys.map((key) => [key, value(key)]));
}

/** Without what Kubernetes would not take as a key of labels and annotations. */
const META_KEYS = KEYS.filter((key) => /^[A-Za-z]/.test(key));

const CONFIG: Partial<Config> = {
  inheritedLabels: META_KEYS,
  inheritedAnnotations: META_KEYS,
  downscalerAnnotations: ["^toString$"],
  customPodAnnotations: { valueOf: "configured" },
  enableTeamIdClusternamePrefix: false,
};

function spec(): Partial<PostgresqlSpec> {
  return {
    teamId: "toString",
    users: mapOf(LOWER, () => []),
    databases: mapOf(KEYS, () => "constructor"),
    preparedDatabases: mapOf(["constructor", "then"], () => ({
      schemas: mapOf(["constructor", "length"], () => ({})),
    })),
    postgresql: { version: "17", parameters: mapOf(KEYS, (key) => `v-${key}`) },
    patroni: {
      initdb: mapOf(KEYS, (key) => `i-${key}`),
      slots: mapOf(LOWER, () => ({ type: "physical" })),
    },
    podAnnotations: mapOf(META_KEYS, (key) => `p-${key}`),
    serviceAnnotations: mapOf(META_KEYS, (key) => `s-${key}`),
    env: KEYS.map((name) => ({ name, value: "x" })),
    sidecars: LOWER.map((name) => ({
      name,
      image: "none",
      env: [{ name: "toString", value: "y" }],
    })),
    enableConnectionPooler: true,
    enableLogicalBackup: true,
  };
}

function manifest(name: string, changed: Partial<PostgresqlSpec> = {}): Postgresql {
  const labels = mapOf(META_KEYS, (key) => `l-${key}`);
  const annotations = mapOf(META_KEYS, (key) => `a-${key}`);
  const metadata = { namespace: "shop", name, uid: `uid-${name}`, labels, annotations };
  return cluster({ metadata, spec: { ...spec(), ...changed } });
}

function textOf(world: World, kind: string, name: string): string {
  return JSON.stringify(world.find(kind, "shop", name) ?? assert.fail(`${kind} ${name}`));
}

for (const name of LOWER) {
  Deno.test(`a cluster called ${name}, full of such names, is made and then left alone`, async () => {
    const world = createWorld({ config: CONFIG });
    world.apply(manifest(name));
    world.start();
    await world.settle();
    assert.equal(world.status("shop", name), "Running", world.log.at(-1));
    const set = textOf(world, "StatefulSet", name);
    for (const key of META_KEYS) {
      assert.ok(set.includes(`"${key}":"l-${key}"`), `label ${key}`);
      assert.ok(set.includes(`"${key}":"a-${key}"`), `annotation ${key}`);
    }
    for (const key of KEYS) {
      assert.ok(set.includes(`{"name":"${key}","value":"x"}`), `variable ${key}`);
      assert.ok(set.includes(`v-${key}`), `parameter ${key}`);
    }
    world.writes.length = 0;
    world.controller().queue.add(`shop/${name}`, "sync");
    await world.settle();
    await world.stop();
    world.start();
    await world.settle();
    const written = world.writes.filter(({ ref }) => ref.kind !== "postgresql");
    assert.deepEqual(written.map(({ verb, ref }) => `${verb} ${ref.kind} ${ref.name}`), []);
  });
}

Deno.test("such annotations go again when the manifest drops them", async () => {
  const world = createWorld({ config: { ...CONFIG, inheritedAnnotations: ["valueOf"] } });
  world.apply(manifest("then"));
  world.start();
  await world.settle();
  const bare = manifest("then", { podAnnotations: {}, serviceAnnotations: {} });
  world.apply({ ...bare, metadata: { ...bare.metadata, annotations: {} } } as KubeObject);
  await world.settle();
  assert.equal(world.status("shop", "then"), "Running", world.log.slice(-3).join("\n"));
  const pod = textOf(world, "Pod", "then-0");
  for (const key of META_KEYS.filter((key) => key !== "valueOf")) {
    assert.equal(pod.includes(`"${key}":"p-${key}"`), false, key);
  }
  world.writes.length = 0;
  world.controller().queue.add("shop/then", "sync");
  await world.settle();
  assert.deepEqual(world.writes.map(({ verb, ref }) => `${verb} ${ref.kind}`), []);
});

Deno.test("the debug API groups by teams and clusters of such names", async () => {
  const world = createWorld({ config: CONFIG });
  for (const name of LOWER) world.apply(manifest(name, { teamId: name, sidecars: [] }));
  world.start();
  await world.settle();
  const view = createView({
    recordings: () => [],
    controller: world.controller(),
    ready: () => true,
    now: () => new Date(),
    workers: 1,
    ring: createLogRing(10),
    roleLabel: "spilo-role",
    events: { of: () => [] },
    object: (ref) => world.find(ref.kind, ref.namespace ?? "", ref.name),
    config: () => ({ controller: { InfrastructureRoles: {} }, operator: { WatchedNamespace: "" } }),
  });
  const metrics = { contentType: "text/plain", text: () => Promise.resolve("") };
  const app = createDebugApp(() => view, { metrics, profiles: {} as never });
  const answer = async (path: string) => {
    const response = await app.request(path);
    return { status: response.status, body: await response.json() };
  };
  const teams = await answer("/clusters");
  assert.deepEqual(teams.body, mapOf(LOWER, (name) => [name]));
  for (const name of LOWER) {
    assert.deepEqual(await answer(`/clusters/${name}`), { status: 200, body: [name] });
    assert.equal((await answer(`/clusters/shop/${name}`)).status, 200);
  }
  for (const key of ["toString", "__proto__", "hasOwnProperty"]) {
    assert.equal((await answer(`/clusters/${key}`)).status, 404);
    assert.equal((await answer(`/clusters/shop/${key}`)).status, 404);
  }
});
