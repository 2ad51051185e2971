/** Backups and volumes. */
import type { KubeObject } from "../../../src/kubernetes/types.gen.ts";
import { MINIMAL } from "../../cases/clusters.ts";
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
