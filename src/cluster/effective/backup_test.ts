import assert from "node:assert/strict";
import { known, unknown } from "../../ports/observation.ts";
import { cluster } from "../../testing/cluster_fixture.ts";
import { config } from "../../testing/config_fixture.ts";
import { resolveBackup } from "./backup.ts";
import { newFindings } from "./findings.ts";

const NO_KEYS = { logicalBackupSecretKeys: known(undefined) };

Deno.test("a cluster has a backup only when its manifest says so", () => {
  assert.equal(resolveBackup(cluster(), config(), NO_KEYS, newFindings()), undefined);
});

Deno.test("schedule and retention of the manifest outrank those of the configuration", () => {
  const spec = { enableLogicalBackup: true };
  const settings = config({
    logicalBackupSchedule: "1 2 3 4 5",
    logicalBackupS3RetentionTime: "1 week",
  });
  const plain = resolveBackup(cluster({ spec }), settings, NO_KEYS, newFindings());
  assert.deepEqual([plain?.schedule, plain?.retention], ["1 2 3 4 5", "1 week"]);
  const own = resolveBackup(
    cluster({
      spec: { ...spec, logicalBackupSchedule: "0 0 * * *", logicalBackupRetention: "2 days" },
    }),
    settings,
    NO_KEYS,
    newFindings(),
  );
  assert.deepEqual([own?.schedule, own?.retention], ["0 0 * * *", "2 days"]);
});

Deno.test("the job's resources fall back to those of PostgreSQL, not to the manifest's", () => {
  const backup = resolveBackup(
    cluster({
      spec: { enableLogicalBackup: true, resources: { requests: { cpu: "8" } } },
    }),
    config({ logicalBackupCpuRequest: "50m", defaultMemoryRequest: "100Mi" }),
    NO_KEYS,
    newFindings(),
  );
  assert.deepEqual(backup?.resources.requests, { cpu: "50m", memory: "100Mi" });
});

Deno.test("the manifest's node affinity is for the cluster's pods alone", () => {
  const backup = resolveBackup(
    cluster({
      spec: {
        enableLogicalBackup: true,
        nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [] },
        tolerations: [{ key: "db", operator: "Exists" }],
      },
    }),
    config({ nodeReadinessLabel: { ready: "yes" } }),
    NO_KEYS,
    newFindings(),
  );
  assert.deepEqual(backup?.scheduling.nodeAffinity, {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [{
        matchExpressions: [{ key: "ready", operator: "In", values: ["yes"] }],
      }],
    },
  });
  assert.deepEqual(backup?.scheduling.tolerations, [{ key: "db", operator: "Exists" }]);
});

Deno.test("variables of a Secret are sorted; one that cannot be read holds the backup back", () => {
  const manifest = cluster({ spec: { enableLogicalBackup: true } });
  const read = { logicalBackupSecretKeys: known(["B", "A"]) };
  assert.deepEqual(
    resolveBackup(manifest, config(), read, newFindings())?.secretKeys,
    ["A", "B"],
  );
  const findings = newFindings();
  resolveBackup(manifest, config(), { logicalBackupSecretKeys: unknown("403") }, findings);
  assert.deepEqual(findings.unknowns, [{ subject: "logical backup", reason: "403" }]);
});
