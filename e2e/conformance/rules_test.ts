/**
 * Rules that no recording shows, played through the controller in the simulated cluster: what is
 * written for a change, how often, and which words and Events tell it.
 */

import assert from "node:assert/strict";
import { parse } from "yaml";
import { configFromConfigMap } from "../../src/config/from_configmap.ts";
import type { KubeObject } from "../../src/kubernetes/types.gen.ts";
import { documentKey, type GoldenStep, type RecordedStep } from "./recorded.ts";
import { runCase } from "./transition.ts";

const SETTINGS = {
  watched_namespace: "*",
  enable_database_access: "false",
  enable_teams_api: "false",
  enable_master_load_balancer: "false",
};
const NOTHING: GoldenStep = { status: [], objects: [], writes: [], events: [] };

/** The steps of a case: one manifest after the other, under one configuration. */
function stepsOf(settings: Record<string, string>, manifests: readonly string[]): RecordedStep[] {
  const { config } = configFromConfigMap({ ...SETTINGS, ...settings }, {
    operatorNamespace: "default",
  });
  return manifests.map((text, index) => {
    const { metadata, spec } = parse(text);
    const document: KubeObject = {
      apiVersion: "acid.zalan.do/v1",
      kind: "postgresql",
      metadata,
      spec: { volume: { size: "2Gi" }, postgresql: { version: "17" }, ...spec },
    };
    const key = documentKey("postgresql", "rules", metadata.name);
    return {
      name: `db-rules/case/${index + 1}`,
      namespace: "rules",
      config,
      documents: new Map([[key, document]]),
      applied: [document],
      shared: [],
      before: [],
      golden: NOTHING,
    };
  });
}

async function last(
  settings: Record<string, string>,
  manifests: readonly string[],
): Promise<GoldenStep> {
  const transitions = await runCase(stepsOf(settings, manifests));
  return transitions.at(-1)?.ours ?? NOTHING;
}

function written({ writes }: GoldenStep): string[] {
  return writes.filter(({ resource }) => resource !== "postgresqls")
    .map(({ verb, resource, name, code }) => `${verb} ${resource}/${name} ${code}`);
}

function told({ events }: GoldenStep): string[] {
  return events.map(({ type, reason }) => `${type} ${reason}`);
}

function conditionOf({ objects }: GoldenStep): string {
  const cr = objects.find(({ kind }) => kind === "postgresql") as unknown as {
    status: { conditions: { type: string; reason: string; message: string }[] };
  };
  const found = cr.status?.conditions?.find(({ type }) => type === "Synced");
  return `${found?.reason}: ${found?.message}`;
}

Deno.test("an annotation that is inherited and ignored is changed without any write", async () => {
  const settings = {
    inherited_annotations: "oncall",
    ignored_annotations: "oncall,mesh/mode",
    custom_pod_annotations: "mesh/mode:strict",
  };
  const manifest = (who: string) =>
    `{metadata: {name: acid-rota, annotations: {oncall: ${who}}}, spec: {teamId: acid, numberOfInstances: 2}}`;
  const end = await last(settings, [manifest("ann"), manifest("bea")]);
  assert.deepEqual(written(end), []);
  assert.deepEqual(end.status, ["Running"]);
});

Deno.test("a refused request is sent once in a while, and the rollout goes on beside it", async () => {
  const manifest = (spec: string) =>
    `{metadata: {name: acid-vault}, spec: {teamId: acid, numberOfInstances: 2, ${spec}}}`;
  const end = await last({ storage_resize_mode: "pvc" }, [
    manifest("volume: {size: 3Gi}"),
    manifest("volume: {size: 6Gi}, podPriorityClassName: system-cluster-critical"),
  ]);
  const list = written(end);
  const patches = list.filter((line) => line.includes("persistentvolumeclaims"));
  const claims = [0, 1].map((n) => `patch persistentvolumeclaims/pgdata-acid-vault-${n} 403`);
  // The run lasts 45 quiet seconds: not long enough for a second attempt.
  assert.deepEqual(patches.sort(), claims);
  const deleted = list.filter((line) => line.startsWith("delete pods/")).sort();
  assert.deepEqual(deleted, [0, 1].map((n) => `delete pods/acid-vault-${n} 200`));
  assert.equal(told(end).filter((text) => text === "Warning Update").length, 1);
  assert.deepEqual(end.status, ["UpdateFailed"]);
});

Deno.test("a manifest that was Invalid counts as new once it is mended", async () => {
  const manifest = (team: string) =>
    `{metadata: {name: acid-mended}, spec: {teamId: ${team}, numberOfInstances: 1}}`;
  const settings = { enable_team_id_clustername_prefix: "true" };
  const [first, second] = await runCase(stepsOf(settings, [manifest("tools"), manifest("acid")]));
  assert.deepEqual(first?.ours.status, ["Invalid"]);
  assert.deepEqual(written(first?.ours ?? NOTHING), []);
  const end = second?.ours ?? NOTHING;
  assert.deepEqual(end.status, ["Running"]);
  assert.equal(conditionOf(end), "AsSpecified: everything is as the manifest asks");
  assert.deepEqual(end.events.map(({ message }) => message), [
    "Started creation of new cluster resources",
    "Pods are ready",
  ]);
});

Deno.test("a change of annotations alone is an update", async () => {
  const settings = {
    ignore_resources_limits_annotation_key: "acme/no-limits",
    min_memory_limit: "300Mi",
    min_cpu_limit: "300m",
  };
  const manifest = (without: string) =>
    `{metadata: {name: acid-tiny, annotations: {acme/no-limits: "${without}"}},
      spec: {teamId: acid, numberOfInstances: 1, resources: {limits: {cpu: 100m, memory: 120Mi}}}}`;
  const end = await last(settings, [manifest("true"), manifest("false")]);
  assert.deepEqual(end.status, ["Running"]);
  assert.deepEqual(told(end).filter((text) => text.includes("ResourceLimits")), [
    "Warning ResourceLimits",
    "Warning ResourceLimits",
  ]);
  assert.ok(written(end).includes("delete pods/acid-tiny-0 200"));
  const words = end.writes.filter(({ resource }) => resource === "postgresqls");
  assert.equal(words.length, 2, "Updating at the beginning, Running at the end");
});

Deno.test("no server restarts by itself in a pod that is recreated or leaves", async () => {
  const manifest = (count: number, parameters: string) =>
    `{metadata: {name: acid-swift}, spec: {teamId: acid, numberOfInstances: ${count},
      postgresql: {version: "17", parameters: {${parameters}}}}}`;
  const end = await last({}, [
    manifest(3, `max_wal_senders: "12", shared_buffers: 128MB`),
    manifest(2, `shared_buffers: 192MB`),
  ]);
  assert.deepEqual(end.status, ["Running"]);
  const restarts = (end.patroni ?? []).filter(({ path }) => path === "/restart");
  assert.deepEqual(restarts, []);
});
