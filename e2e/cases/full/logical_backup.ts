/**
 * A logical backup from the manifest to the object in the store: the CronJob's job runs the image's
 * script, which finds a replica by the API, dumps a real PostgreSQL and stores the dump in S3.
 */
import assert from "node:assert/strict";
import { ObjectStore } from "../../../images/logical-backup/stores.fixture.ts";
import type { Pod } from "../../../src/kubernetes/types.gen.ts";
import { BACKUP_PACKAGES, ensurePackages } from "../../devcluster/packages.ts";
import { scenario } from "../../support/scenario.ts";
import { isRunning, manifestOf, MINIMAL, minimalCluster, podsOf, roleOf } from "../clusters.ts";

const { postgresMajors } = await ensurePackages({
  log: (line) => Deno.stderr.writeSync(new TextEncoder().encode(`${line}\n`)),
  also: BACKUP_PACKAGES,
});
const START_LIMIT_MS = 180_000;
const DUMP_LIMIT_MS = 100_000;

const store = new ObjectStore();
const server = Deno.serve(
  { hostname: "127.0.0.1", port: 0, onListen: () => {} },
  (request) => store.handle(request),
);

scenario("a logical backup of a real cluster arrives in the bucket", {
  runtime: "process",
  operator: {
    flags: ["--databaseaddress=cluster-ip"],
    config: {
      // Times of backups are looked up then.
      resync_period: "10s",
      logical_backup_s3_endpoint: `http://127.0.0.1:${server.addr.port}`,
      logical_backup_s3_bucket: "bucket",
      logical_backup_s3_access_key_id: "key",
      logical_backup_s3_secret_access_key: "secret",
      logical_backup_s3_region: "eu-central-1",
      logical_backup_s3_retention_time: "1 day",
    },
  },
}, async (play) => {
  const { cluster, namespace, until } = play;
  try {
    const version = postgresMajors.at(-1) ?? "";
    const manifest = minimalCluster(namespace, { postgresql: { version } });
    const { metadata } = await cluster.create(manifest);
    const bothUp = () => podsOf(play).map(roleOf).sort().join() === "master,replica";
    await until("the cluster runs", () => isRunning(play) && bothUp(), START_LIMIT_MS);
    const folder = `bucket/spilo/${MINIMAL}/${metadata.uid}/logical_backups`;
    const outdated = [`${folder}/1000000000.sql.gz`, `${folder}/1000000001.sql.gz`];
    for (const name of outdated) store.objects.set(name, new Uint8Array([1]));
    const everyMinute = { enableLogicalBackup: true, logicalBackupSchedule: "* * * * *" };
    await cluster.patch(manifest, { spec: everyMinute });
    const dumps = () =>
      [...store.objects.keys()].filter((name) => /\/1[7-9]\d+\.sql\.gz$/.test(name));
    const jobs = () =>
      cluster.view.list("Pod", namespace).filter(({ metadata }) =>
        metadata.labels?.["application"] === "spilo-logical-backup"
      ) as Pod[];
    const succeeded = () => jobs().some(({ status }) => status?.phase === "Succeeded");
    await until("a job succeeds", () => dumps().length > 0 && succeeded(), DUMP_LIMIT_MS);
    await until("the status tells it", () => {
      const { backups, conditions } = manifestOf(play)?.status ?? {};
      const told = conditions?.find(({ type }) => type === "BackupOK");
      return backups?.lastLogicalBackup !== undefined && told?.status === "True" &&
        told.message.includes(backups.lastLogicalBackup);
    });
    await cluster.patch(manifest, { spec: { enableLogicalBackup: false } });
    await until("the status forgets it", () => {
      const { backups, conditions } = manifestOf(play)?.status ?? {};
      const told = conditions?.find(({ type }) => type === "BackupOK");
      return told === undefined && backups?.lastLogicalBackup === undefined;
    });
    assert.deepEqual(outdated.filter((name) => store.objects.has(name)), [outdated[1]]);
    const [dump = ""] = dumps();
    assert.ok(dump.startsWith(`${folder}/`), dump);
    const stream = new Blob([new Uint8Array(store.objects.get(dump) ?? [])]).stream();
    const text = await new Response(stream.pipeThrough(new DecompressionStream("gzip"))).text();
    assert.match(text, /CREATE DATABASE foo/);
    assert.match(text, /PostgreSQL database cluster dump complete/);
  } finally {
    await server.shutdown();
  }
});
