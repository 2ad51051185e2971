import assert from "node:assert/strict";
import { config } from "../../testing/config_fixture.ts";
import { newFindings } from "./findings.ts";
import { resolveWorkload } from "./workload.ts";

Deno.test("resolveWorkload translates policies and deletes claims only where told", () => {
  const findings = newFindings();
  assert.deepEqual(resolveWorkload(config(), findings), {
    podManagementPolicy: "OrderedReady",
    claimRetention: { whenDeleted: "Retain", whenScaled: "Retain" },
    terminationGracePeriodSeconds: 300,
  });
  const settings = config({
    podManagementPolicy: "parallel",
    persistentVolumeClaimRetentionPolicy: { when_deleted: "delete", when_scaled: "Delete" },
    podTerminateGracePeriodMs: 90_500,
  });
  assert.deepEqual(resolveWorkload(settings, findings), {
    podManagementPolicy: "Parallel",
    claimRetention: { whenDeleted: "Delete", whenScaled: "Retain" },
    terminationGracePeriodSeconds: 90,
  });
  assert.deepEqual(findings.issues, []);
});

Deno.test("resolveWorkload refuses an unknown policy, and takes five minutes for no period", () => {
  const findings = newFindings();
  const settings = config({ podManagementPolicy: "", podTerminateGracePeriodMs: 0 });
  assert.equal(resolveWorkload(settings, findings).terminationGracePeriodSeconds, 300);
  assert.equal(findings.issues.length, 1);
});
