/** Backups and volumes. */
import { ObjectStore } from "../../../images/logical-backup/stores.fixture.ts";
import type { KubeObject, Pod } from "../../../src/kubernetes/types.gen.ts";
import { manifestOf, MINIMAL } from "../../cases/clusters.ts";
import { equal, type Life } from "../life.ts";
import type { Scenario } from "../scenario.ts";

export const STORAGE_SCENARIOS: readonly Scenario[] = [
  {
    name: "test_logical_backup_cron_job",
    asserts: [
      "there is one job, with its name and schedule",
      "its image follows the configuration",
      "the job goes",
      "two members run",
    ],
    run: logicalBackup,
  },
  {
    name: "logical_backup_arrives_in_its_bucket",
    asserts: [
      "the job runs the image's script, which ends well",
      "the status tells when, and forgets it with the schedule",
      "the dump lies below the folder of the cluster",
      "of outdated dumps the newest stays",
      "the dump is whole and has the databases",
    ],
    run: dumpArrives,
  },
  {
    name: "test_persistent_volume_claim_retention_policy",
    asserts: [
      "with delete one claim is left after scaling down",
      "two claims are there after scaling up",
      "with retain both claims stay after scaling down",
      "with retain the same two claims are used again",
    ],
    config: { persistent_volume_claim_retention_policy: "when_deleted:retain,when_scaled:delete" },
    run: claimRetention,
  },
];

interface CronJob extends KubeObject {
  spec?: {
    schedule?: string;
    jobTemplate: { spec: { template: { spec: { containers: { image?: string }[] } } } };
  };
}

async function logicalBackup(life: Life): Promise<void> {
  await life.start();
  const schedule = "7 7 7 7 *";
  await life.change({ enableLogicalBackup: true, logicalBackupSchedule: schedule });
  const jobs = () => life.cluster.view.list("CronJob", life.namespace) as CronJob[];
  await life.eventually(
    "there is one job, with its name and schedule",
    () =>
      equal(
        jobs().map(({ metadata, spec }) => [metadata.name, spec?.schedule]),
        [[`logical-backup-${MINIMAL}`, schedule]],
      ),
  );
  await life.configure({ logical_backup_docker_image: "test-image-name" });
  await life.eventually(
    "its image follows the configuration",
    () =>
      equal(
        jobs().map(({ spec }) => spec?.jobTemplate.spec.template.spec.containers[0]?.image),
        ["test-image-name"],
      ),
  );
  await life.change({ enableLogicalBackup: false });
  await life.eventually("the job goes", () => equal(jobs().length, 0));
  await life.settled();
  await life.eventually("two members run", async () => equal((await life.members()).length, 2));
}

async function claimRetention(life: Life): Promise<void> {
  const claims = () =>
    life.labelled("PersistentVolumeClaim", { "cluster-name": MINIMAL })
      .map(({ metadata }) => metadata.uid).sort();
  const scale = async (numberOfInstances: number) => {
    await life.change({ numberOfInstances });
    await life.settled();
  };
  await life.start();
  await scale(1);
  await life.eventually(
    "with delete one claim is left after scaling down",
    () => equal(claims().length, 1),
  );
  await scale(2);
  await life.eventually("two claims are there after scaling up", () => equal(claims().length, 2));
  await life.configure({
    persistent_volume_claim_retention_policy: "when_deleted:retain,when_scaled:retain",
  });
  await life.settled();
  const before = claims();
  await scale(1);
  await life.always(
    "with retain both claims stay after scaling down",
    () => equal(claims(), before),
    4000,
  );
  await scale(2);
  life.check("with retain the same two claims are used again", equal(claims(), before));
}

async function dumpArrives(life: Life): Promise<void> {
  const store = new ObjectStore();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => store.handle(request),
  );
  try {
    await life.configure({
      // Times of backups are looked up then.
      resync_period: "10s",
      logical_backup_s3_endpoint: `http://127.0.0.1:${server.addr.port}`,
      logical_backup_s3_bucket: "bucket",
      logical_backup_s3_access_key_id: "key",
      logical_backup_s3_secret_access_key: "secret",
      logical_backup_s3_region: "eu-central-1",
      logical_backup_s3_retention_time: "1 day",
    });
    await life.start();
    const uid = manifestOf(life)?.metadata.uid;
    const folder = `bucket/spilo/${MINIMAL}/${uid}/logical_backups`;
    const outdated = [`${folder}/1000000000.sql.gz`, `${folder}/1000000001.sql.gz`];
    for (const name of outdated) store.objects.set(name, new Uint8Array([1]));
    await life.change({ enableLogicalBackup: true, logicalBackupSchedule: "* * * * *" });
    const name = await firstDump(life, store);
    await life.until("the status tells it", () => equal(toldOfDump(life), [true, true]));
    await life.change({ enableLogicalBackup: false });
    await life.eventually(
      "the status tells when, and forgets it with the schedule",
      () => equal(toldOfDump(life), [false, false]),
    );
    life.check("the dump lies below the folder of the cluster", name.startsWith(`${folder}/`));
    life.check(
      "of outdated dumps the newest stays",
      equal(outdated.filter((it) => store.objects.has(it)), [outdated[1]]),
    );
    const stream = new Blob([new Uint8Array(store.objects.get(name) ?? [])]).stream();
    const text = await new Response(stream.pipeThrough(new DecompressionStream("gzip"))).text();
    life.check(
      "the dump is whole and has the databases",
      /CREATE DATABASE foo/.test(text) && /PostgreSQL database cluster dump complete/.test(text),
    );
  } finally {
    await server.shutdown();
  }
}

/** Whether the status has the time of the last dump, and a condition that says it. */
function toldOfDump(life: Life): boolean[] {
  const { backups, conditions = [] } = manifestOf(life)?.status ?? {};
  const last = backups?.lastLogicalBackup;
  const told = conditions.find(({ type }) => type === "BackupOK");
  return [
    last !== undefined,
    told?.status === "True" && (last === undefined || told.message.includes(last)),
  ];
}

/** The first dump of the schedule, when its job has succeeded. */
async function firstDump(life: Life, store: ObjectStore): Promise<string> {
  const dumps = () => [...store.objects.keys()].filter((it) => /\/1[7-9]\d+\.sql\.gz$/.test(it));
  const jobs = () => life.labelled("Pod", { application: "spilo-logical-backup" }) as Pod[];
  await life.eventually(
    "the job runs the image's script, which ends well",
    () => dumps().length > 0 && jobs().some(({ status }) => status?.phase === "Succeeded"),
  );
  return dumps()[0] ?? "";
}
