/**
 * The operator is killed at every moment between two writes of the creation and of the deletion of
 * a cluster; the next one ends where an undisturbed one does, and does nothing twice. In memory also
 * at statements, requests to Patroni, commands and calls to the cloud. All points of more scenarios:
 * `deno task crash`.
 */
import assert from "node:assert/strict";
import { runStory } from "../crash/run.ts";
import { STORIES } from "../crash/stories.ts";
import { runCrashChain, type StageReport } from "../support/crash_run.ts";
import { startTestCluster } from "../support/test_cluster.ts";
import { creation, deletion } from "./crash_stages.ts";

const LEAST = { numberOfInstances: 1, users: {}, databases: {}, preparedDatabases: {} };
/** Deleted with the cluster, so that a run leaves nothing. */
const CONFIG = { enable_secrets_deletion: "true", enable_persistent_volume_claim_deletion: "true" };

Deno.test("creation and deletion survive a kill at any write", async () => {
  const cluster = await startTestCluster();
  try {
    const reports = await runCrashChain(cluster, [
      { stage: creation(LEAST), thoroughness: "every moment" },
      { stage: deletion("without finalizer"), thoroughness: "every moment" },
    ], { config: CONFIG });
    for (const report of reports) assertSurvived(report);
  } finally {
    await cluster.stop();
  }
});

/** Short ones that between them write in every way. */
const SAMPLE = [
  "volume growth in AWS",
  "parameters that need a restart",
  "rotation in place: owner",
  "rotation in place: replication",
  "another user, database and flag",
];

for (const name of SAMPLE) {
  Deno.test(`${name} survives a kill before and after any write`, async () => {
    const story = STORIES.find((one) => one.name === name);
    assert.ok(story);
    assertSurvived(await runStory(story, { thoroughness: "every point" }));
  });
}

function assertSurvived({ stage, points }: StageReport): void {
  assert.ok(points.length > 5, `${stage} was killed at ${points.length} points only`);
  for (const { stage, write, differences, twice, violations } of points) {
    const what = `${stage}, killed ${write}`;
    assert.deepEqual(differences, [], what);
    assert.deepEqual(twice, [], what);
    assert.deepEqual(violations, [], what);
  }
}
