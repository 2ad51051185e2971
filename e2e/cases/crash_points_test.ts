/**
 * The operator is killed at every moment between two writes of the creation and of the deletion of
 * a cluster; the next one ends where an undisturbed one does, and does nothing twice. All points of
 * more scenarios: `deno task crash`.
 */
import assert from "node:assert/strict";
import { runCrashChain, type StageReport } from "../support/crash_run.ts";
import { startTestCluster } from "../support/test_cluster.ts";
import { creation, deletion } from "./crash_stages.ts";

const LEAST = { numberOfInstances: 1, users: {}, databases: {}, preparedDatabases: {} };
/** Deleted with the cluster, so that a run leaves nothing. */
const CONFIG = { enable_secrets_deletion: "true", enable_persistent_volume_claim_deletion: "true" };

for (const mode of ["without finalizer", "with finalizer"] as const) {
  Deno.test(`creation and deletion ${mode} survive a kill at any write`, async () => {
    const cluster = await startTestCluster();
    try {
      const chain = [
        {
          stage: creation(LEAST),
          thoroughness: mode === "with finalizer" ? "every moment" as const : "none" as const,
        },
        { stage: deletion(mode), thoroughness: "every moment" as const },
      ];
      const config = { ...CONFIG, enable_finalizers: String(mode === "with finalizer") };
      const reports = await runCrashChain(cluster, chain, { config });
      reports.forEach(assertSurvived);
    } finally {
      await cluster.stop();
    }
  });
}

function assertSurvived({ points }: StageReport): void {
  for (const { stage, write, differences, twice, violations } of points) {
    const what = `${stage}, killed ${write}`;
    assert.deepEqual(differences, [], what);
    assert.deepEqual(twice, [], what);
    assert.deepEqual(violations, [], what);
  }
}
