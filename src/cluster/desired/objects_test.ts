/** Golden files of everything beside the StatefulSet. */

import assert from "node:assert/strict";
import { parse } from "yaml";
import type { Postgresql } from "../../api/types.gen.ts";
import type { Config } from "../../config/config.ts";
import { known } from "../../ports/observation.ts";
import { Sensitive } from "../../lib/sensitive.ts";
import { cluster, inputs } from "../../testing/cluster_fixture.ts";
import { config } from "../../testing/config_fixture.ts";
import { assertGolden } from "../../testing/golden.ts";
import { resolveSpec } from "../effective/spec.ts";
import { describeRef } from "../../ports/requests.ts";
import type { DesiredCluster } from "./cluster.ts";
import { desiredCluster } from "./desired_cluster.ts";
import { withPrimaryAddress } from "./services/endpoints.ts";

const TESTDATA = new URL("./testdata/objects/", import.meta.url);
const NOW = new Date("2026-01-14T12:00:00Z");

const FOUND = inputs({
  logicalBackupSecretKeys: known(["TOKEN", "KEY"]),
  infrastructureRoles: known([{
    name: "monitor",
    password: new Sensitive("m"),
    flags: [],
    memberOf: ["pg_monitor"],
    parameters: {},
  }]),
});

const SETTINGS: Partial<Config> = {
  inheritedAnnotations: ["owner"],
  inheritedLabels: ["env"],
  enableOwnerReferences: true,
  enablePodAntiaffinity: true,
  podAntiaffinityPreferredDuringScheduling: true,
  additionalSecretMount: "cloud-key",
  additionalSecretMountPath: "/key",
  kubeIamRole: "db-role",
  logicalBackupCronjobEnvironmentSecret: "backup-env",
  logicalBackupS3Bucket: "dumps",
  logicalBackupS3AccessKeyId: new Sensitive("AKIA"),
  nodeReadinessLabel: { ready: "yes" },
};

function desired(manifest: Postgresql, settings: Partial<Config> = {}): DesiredCluster {
  const { spec, issues } = resolveSpec(manifest, config(settings), FOUND, NOW);
  assert.deepEqual(issues, []);
  return desiredCluster(spec, config(settings));
}

function everything(): Postgresql {
  const text = Deno.readTextFileSync(new URL("everything.manifest.yaml", TESTDATA));
  const { metadata, spec } = parse(text) as Postgresql;
  return cluster({ metadata, spec });
}

const PARTS: readonly (keyof DesiredCluster)[] = [
  "services",
  "disruptionBudgets",
  "credentials",
  "logicalBackup",
  "poolers",
  "eventStreams",
  "patroniObjects",
  "roles",
  "databases",
];

Deno.test("every part of a cluster with everything in it is built as its golden file has it", () => {
  const found = desired(everything(), SETTINGS);
  for (const part of PARTS) assertGolden(found[part], new URL(`${part}.yaml`, TESTDATA));
});

Deno.test("a plain cluster has neither backup, poolers nor streams, and says what must be absent", () => {
  const found = desired(cluster());
  assert.deepEqual([found.logicalBackup, found.poolers, found.eventStreams], [undefined, [], []]);
  assert.deepEqual(found.absent.map(describeRef), [
    "Deployment shop/acid-orders-pooler",
    "Service shop/acid-orders-pooler",
    "Secret shop/acid-orders-pooler-u",
    "Deployment shop/acid-orders-pooler-repl",
    "Service shop/acid-orders-pooler-repl",
    "Secret shop/acid-orders-pooler-repl-u",
    "Secret shop/pooler.acid-orders.credentials.postgresql.acid.zalan.do",
    "CronJob shop/logical-backup-acid-orders",
  ]);
});

Deno.test("the Secret of the pooler's role stays while a user of the manifest has it", () => {
  const found = desired(cluster({ spec: { users: { pooler: [] } } }));
  assert.ok(
    !found.absent.some(({ kind, name }) => kind === "Secret" && name.startsWith("pooler.")),
  );
});

Deno.test("with one pooler only the other one must be absent", () => {
  const found = desired(cluster({ spec: { enableReplicaConnectionPooler: true } }));
  assert.deepEqual(found.poolers.map(({ role }) => role), ["replica"]);
  assert.deepEqual(
    found.absent.filter(({ kind }) => kind !== "CronJob").map(({ name }) => name),
    ["acid-orders-pooler", "acid-orders-pooler", "acid-orders-pooler-u"],
  );
});

Deno.test("where Patroni uses Endpoints, the primary has no selector but Endpoints", () => {
  for (const settings of [{ kubernetesUseConfigmaps: false }, { etcdHost: "etcd.example.com" }]) {
    const found = desired(cluster(), settings);
    assert.equal(found.services.primary.spec?.selector, undefined);
    assert.ok(found.services.replica.spec?.selector);
    assert.ok(found.endpoints);
    assert.deepEqual(found.endpoints.metadata.labels?.["spilo-role"], "master");
    assert.deepEqual(withPrimaryAddress(found.endpoints, "10.1.2.3").subsets, [{
      addresses: [{ ip: "10.1.2.3" }],
      ports: [{ name: "postgresql", port: 5432, protocol: "TCP" }],
    }]);
    assert.deepEqual(
      found.patroniObjects.refs.filter(({ kind }) => kind === "Endpoints").map(({ name }) => name),
      ["leader", "config", "sync", "failover", "repl"].map((suffix) => `acid-orders-${suffix}`),
    );
  }
});

Deno.test("a Secret in another namespace has no owner, one of a pooler has its labels", () => {
  const found = desired(
    cluster({ spec: { users: { "far.app": [] }, enableConnectionPooler: true } }),
    { enableCrossNamespaceSecret: true, enableOwnerReferences: true },
  );
  const far = found.credentials.find(({ role }) => role === "far.app");
  assert.equal(far?.secret.namespace, "far");
  assert.equal(far?.metadata.ownerReferences, undefined);
  const pooler = found.credentials.find(({ role }) => role === "pooler");
  assert.deepEqual(pooler?.metadata.labels, {
    application: "db-connection-pooler",
    "cluster-name": "acid-orders",
    "connection-pooler": "acid-orders-pooler",
  });
  assert.equal(pooler?.metadata.ownerReferences?.length, 1);
});

const STORES: readonly [string, Partial<Config>, readonly string[]][] = [
  ["s3", {}, [
    "LOGICAL_BACKUP_S3_REGION",
    "LOGICAL_BACKUP_S3_ENDPOINT",
    "LOGICAL_BACKUP_S3_SSE",
    "LOGICAL_BACKUP_S3_RETENTION_TIME",
  ]],
  ["gcs", { logicalBackupGoogleApplicationCredentials: "/key.json" }, [
    "LOGICAL_BACKUP_GOOGLE_APPLICATION_CREDENTIALS",
  ]],
  ["gcs", {}, []],
  ["az", { logicalBackupAzureStorageAccountKey: new Sensitive("k") }, [
    "LOGICAL_BACKUP_AZURE_STORAGE_ACCOUNT_NAME",
    "LOGICAL_BACKUP_AZURE_STORAGE_CONTAINER",
    "LOGICAL_BACKUP_AZURE_STORAGE_ACCOUNT_KEY",
  ]],
];

Deno.test("each store of backups has variables of its own", () => {
  for (const [provider, settings, want] of STORES) {
    const manifest = cluster({ spec: { enableLogicalBackup: true } });
    const found = desired(manifest, { logicalBackupProvider: provider, ...settings });
    const pod = found.logicalBackup?.spec?.jobTemplate.spec?.template.spec;
    const names = pod?.containers[0]?.env?.map(({ name }) => name) ?? [];
    const own = names.slice(names.indexOf("LOGICAL_BACKUP_S3_BUCKET_SCOPE_SUFFIX") + 1);
    assert.deepEqual(own.filter((name) => !["KEY", "TOKEN"].includes(name)), want, provider);
  }
});
