/**
 * Whatever the API server answers once to each kind of request, a cluster is made and taken down as
 * if nothing had been, by the same process. Longer outages and single faults: `deno task faults`.
 */
import assert from "node:assert/strict";
import type { FaultKind } from "../devcluster/apiserver/http/faults.ts";
import { eachOnce, undisturbed, withFaults } from "../support/fault_run.ts";
import { startTestCluster } from "../support/test_cluster.ts";
import { creation, deletion } from "./crash_stages.ts";

const LEAST = { numberOfInstances: 1, users: {}, databases: {}, preparedDatabases: {} };
const CONFIG = { enable_secrets_deletion: "true", enable_persistent_volume_claim_deletion: "true" };
const STAGES = [creation(LEAST), deletion("without finalizer")];
/** A refused step waits a minute; single ones are tried by `deno task faults`. */
const KINDS: readonly FaultKind[] = ["unauthorized", "conflict"];
const FLAGS = ["--nodatabaseaccess", "--leader-elect"];
/** A token is read again at the first refusal, so only a second one is a failure. */
const TIMES: Readonly<Partial<Record<FaultKind, number>>> = { unauthorized: 2 };

Deno.test("each kind of request may fail once, and all ends as if none had", async (t) => {
  const cluster = await startTestCluster();
  try {
    const operator = await cluster.operator({ config: CONFIG, flags: FLAGS });
    const run = { cluster, operator, stages: STAGES, limitMs: 60_000 };
    const expected = await undisturbed(run);
    for (const kind of KINDS) {
      await t.step(kind, async () => {
        const result = await withFaults(run, eachOnce(kind, TIMES[kind]), expected);
        assert.deepEqual(result.differences, []);
        assert.ok(result.injected > 5, `${result.injected} faults: ${result.rights}`);
      });
    }
  } finally {
    await cluster.stop();
  }
});
