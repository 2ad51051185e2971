/** Deletions, pass after pass, of a cluster that the operator itself has made in memory. */

import assert from "node:assert/strict";
import type { Postgresql } from "../../api/types.gen.ts";
import type { Config } from "../../config/config.ts";
import { simulateCluster } from "../../dry_run/simulated/cluster.ts";
import type { KubeObject } from "../../kubernetes/types.gen.ts";
import { known, unknown } from "../../ports/observation.ts";
import type { KubeReader } from "../../ports/ports.ts";
import { describeRef, refOf } from "../../ports/requests.ts";
import { config as configOf } from "../../testing/config_fixture.ts";
import { silentLogger } from "../../testing/silent_logger.ts";
import {
  controllerFor,
  runUntil,
  toolsFor,
  writerAround,
} from "../../testing/simulated_operator.ts";
import { continueDeletion, type DeletableCluster } from "./delete.ts";
import { emptyMemory } from "./memory.ts";

const SIGNAL = new AbortController().signal;
const KEY = "shop/acid-orders";
const REF = {
  apiVersion: "acid.zalan.do/v1",
  kind: "postgresql",
  namespace: "shop",
  name: "acid-orders",
};

interface Given {
  readonly config?: Partial<Config>;
  readonly annotations?: Record<string, string>;
  readonly finalizers?: string[];
  /** The API server itself, past the caches. */
  readonly live?: (manifest: Postgresql) => KubeReader;
}

/** A running cluster whose manifest is then deleted. */
async function deleted({ config: changes, annotations, finalizers, live }: Given = {}) {
  const config = configOf({ enableTeamsApi: false, enableDatabaseAccess: false, ...changes });
  const cluster = simulateCluster({
    clusterNameLabel: config.clusterNameLabel,
    roleLabel: config.podRoleLabel,
    startMs: Date.parse("2026-01-14T12:00:30Z"),
    serverVersion: 170005,
  });
  const { api } = cluster;
  api.put({
    apiVersion: REF.apiVersion,
    kind: REF.kind,
    metadata: {
      namespace: REF.namespace,
      name: REF.name,
      labels: { team: "acid" },
      ...(annotations === undefined ? {} : { annotations }),
      ...(finalizers === undefined ? {} : { finalizers }),
    },
    spec: {
      teamId: "acid",
      numberOfInstances: 2,
      volume: { size: "1Gi" },
      postgresql: { version: "17" },
      users: { app: [] },
      enableConnectionPooler: true,
    },
  } as KubeObject);
  const order: string[] = [];
  const kube = writerAround(cluster.writers.kube, (verb, ref, write) => {
    if (verb === "delete") order.push(describeRef(ref));
    return write();
  });
  const tools = toolsFor(cluster, config, { writers: { ...cluster.writers, kube } });
  const controller = controllerFor(cluster, { config, tools, logger: silentLogger() });
  controller.start();
  const endMs = cluster.clock.now() + 120_000;
  await runUntil(cluster, controller, () => endMs);
  const entry = controller.registry.get(KEY);
  await controller.stop();
  const cr = api.find(REF) as unknown as Postgresql;
  assert.equal(cr.status?.PostgresClusterStatus, "Running");
  api.remove(REF);
  const state: DeletableCluster = { key: KEY, cr, memory: entry?.memory ?? emptyMemory() };
  const ports = { tools, config, controllerId: "", live: live?.(cr) ?? api.reader };
  const cancellation = { stop: SIGNAL, abort: SIGNAL };
  const pass = () => continueDeletion(ports, { cluster: state, log: silentLogger(), cancellation });
  return {
    api,
    order,
    cr,
    state,
    pass,
    kinds: () => kindsIn(api.objects()),
    /** Passes until nothing is left to do; what each came to. */
    async finish(): Promise<string[]> {
      const found: string[] = [];
      while (found.length < 20 && found.at(-1) !== "gone") {
        found.push((await pass()).kind);
        while (cluster.clock.advance());
      }
      return found;
    },
  };
}

function kindsIn(objects: readonly KubeObject[]): string[] {
  return [...new Set(objects.map(({ kind }) => kind))].sort();
}

const LEFT: readonly [string, Given, readonly string[]][] = [
  ["leaves what the namespace shares", {}, ["RoleBinding", "ServiceAccount"]],
  [
    "keeps Secrets where that is configured",
    { config: { enableSecretsDeletion: false } },
    ["RoleBinding", "Secret", "ServiceAccount"],
  ],
  [
    "keeps volumes where that is configured",
    { config: { enablePersistentVolumeClaimDeletion: false } },
    ["PersistentVolumeClaim", "RoleBinding", "ServiceAccount"],
  ],
];

for (const [name, given, want] of LEFT) {
  Deno.test(`the deletion of a manifest ${name}`, async () => {
    const { finish, kinds } = await deleted(given);
    assert.equal((await finish()).at(-1), "gone");
    assert.deepEqual(kinds(), want);
  });
}

Deno.test("the StatefulSet goes before its pods and claims, the primary's Service last", async () => {
  const { finish, order } = await deleted();
  await finish();
  const set = order.indexOf("StatefulSet shop/acid-orders");
  const others = order.flatMap((text, at) =>
    /^(Pod|PersistentVolumeClaim) /.test(text) ? [at] : []
  );
  assert.ok(set >= 0 && others.every((at) => at > set), order.join("\n"));
  const services = order.filter((text) => text.startsWith("Service "));
  assert.equal(services.at(-1), "Service shop/acid-orders");
});

Deno.test("an object of the same name that another one made stays", async () => {
  const { finish, api } = await deleted();
  const ref = { apiVersion: "v1", kind: "Secret", namespace: "shop", name: "app" };
  api.put({ ...ref, metadata: { namespace: "shop", name: "app" }, data: {} } as KubeObject);
  const budget = api.objects().find(({ kind }) => kind === "PodDisruptionBudget");
  assert.ok(budget);
  api.remove(refOf(budget));
  api.put({
    ...budget,
    metadata: { namespace: "shop", name: budget.metadata.name ?? "", uid: "another" },
  });
  await finish();
  assert.ok(api.find(ref));
  assert.equal(api.find(refOf(budget))?.metadata.uid, "another");
});

Deno.test("a manifest that the caches lost and the API server has is brought up, not deleted", async () => {
  const { pass, order } = await deleted({
    live: (manifest) => ({
      read: () => Promise.resolve(known(manifest)),
      listOfCluster: () => Promise.resolve(unknown("not asked")),
    } as KubeReader),
  });
  assert.equal((await pass()).kind, "manifest");
  assert.deepEqual(order, []);
});

Deno.test("where the API server itself cannot be asked nothing is deleted", async () => {
  const silent = { read: () => Promise.resolve(unknown("no answer")) } as unknown as KubeReader;
  const { pass, order } = await deleted({ live: () => silent });
  await assert.rejects(pass(), /cannot tell whether shop\/acid-orders was deleted: no answer/);
  assert.deepEqual(order, []);
});

Deno.test("a manifest without the annotations that a deletion needs leaves its cluster", async () => {
  const { finish, order } = await deleted({
    config: { deleteAnnotationNameKey: "delete-name" },
    annotations: { "delete-name": "another" },
  });
  assert.deepEqual(await finish(), ["gone"]);
  assert.deepEqual(order, []);
});

Deno.test("a manifest with our finalizer stays until everything else is gone", async () => {
  const { finish, api, pass, order } = await deleted({ config: { enableFinalizers: true } });
  assert.notEqual(api.find(REF)?.metadata.deletionTimestamp, undefined);
  await pass();
  assert.notEqual(api.find(REF), undefined);
  assert.ok(order.length > 0);
  assert.equal((await finish()).at(-1), "gone");
  assert.equal(api.find(REF), undefined);
});

Deno.test("a manifest of the same name that comes meanwhile gets its pass when the former is gone", async () => {
  const { pass, api, finish, cr } = await deleted();
  await pass();
  api.put({
    ...structuredClone(cr),
    metadata: { ...cr.metadata, uid: "successor", resourceVersion: "1" },
  } as unknown as KubeObject);
  const found = await finish();
  assert.equal(found.includes("gone"), false, "it is not forgotten");
  const last = await pass();
  assert.equal(last.kind === "manifest" && last.cr.metadata.uid, "successor");
});
