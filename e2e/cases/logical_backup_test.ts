/** The CronJob of logical backups. Zalando: e2e/tests/test_e2e.py, test_logical_backup_cron_job */
import assert from "node:assert/strict";
import type { CronJob } from "../../src/kubernetes/types.gen.ts";
import { scenario } from "../support/scenario.ts";
import { isRunning, MINIMAL, minimalCluster } from "./clusters.ts";

scenario("a logical backup is scheduled, follows the manifest and goes", {}, async (play) => {
  const { cluster, namespace, until } = play;
  const change = (spec: Record<string, unknown>) =>
    cluster.patch(minimalCluster(namespace), { spec });
  const job = () =>
    cluster.view.get("CronJob", namespace, `logical-backup-${MINIMAL}`) as CronJob | undefined;
  await cluster.create(minimalCluster(namespace));
  await until("the cluster runs", () => isRunning(play));

  await change({ enableLogicalBackup: true, logicalBackupSchedule: "7 7 7 7 *" });
  await until("the CronJob is there", () => job()?.spec?.schedule === "7 7 7 7 *");
  const uid = job()?.metadata.uid;
  await change({ logicalBackupSchedule: "8 8 8 8 *" });
  await until("it has the other schedule", () => job()?.spec?.schedule === "8 8 8 8 *");
  assert.equal(job()?.metadata.uid, uid);
  await change({ enableLogicalBackup: false });
  await until("it is gone", () => job() === undefined);
  await until("the cluster runs", () => isRunning(play));
});
