import assert from "node:assert/strict";
import type { CloneDescription } from "../../../api/types.gen.ts";
import type { Config } from "../../../config/config.ts";
import { cluster } from "../../../testing/cluster_fixture.ts";
import { config } from "../../../testing/config_fixture.ts";
import { resolveClone } from "./clone.ts";
import { newFindings } from "../findings.ts";

const TIME = "2026-01-02T03:04:05+00:00";

function archiveOf(clone: Partial<CloneDescription>, settings: Partial<Config>) {
  const findings = newFindings();
  const manifest = cluster({ spec: { clone: { cluster: "acid-old", timestamp: TIME, ...clone } } });
  const resolved = resolveClone(manifest, config(settings), findings);
  assert.ok(resolved?.method === "archive");
  return { archive: resolved.archive, s3: resolved.s3, notices: findings.notices.length };
}

Deno.test("resolveClone copies the running source where no moment is given", () => {
  const manifest = cluster({ spec: { clone: { cluster: "acid-old" } } });
  assert.deepEqual(resolveClone(manifest, config(), newFindings()), {
    method: "basebackup",
    source: "acid-old",
  });
});

Deno.test("resolveClone starts empty without a source", () => {
  assert.equal(resolveClone(cluster(), config(), newFindings()), undefined);
  const unnamed = cluster({ spec: { clone: { cluster: "" } } });
  assert.equal(resolveClone(unnamed, config(), newFindings()), undefined);
});

Deno.test("resolveClone takes the first configured archive: S3, GCS, Azure", () => {
  const all = { walS3Bucket: "s", walGsBucket: "g", walAzStorageAccount: "a" };
  const bucket = (store: "s3" | "gs" | "azure", name: string) => ({
    kind: "bucket",
    store,
    name,
    uid: "u-1",
  });
  const uid = { uid: "u-1" };
  assert.deepEqual(archiveOf(uid, all).archive, bucket("s3", "s"));
  assert.deepEqual(archiveOf(uid, { ...all, walS3Bucket: "" }).archive, bucket("gs", "g"));
  assert.deepEqual(archiveOf(uid, { walAzStorageAccount: "a" }).archive, bucket("azure", "a"));
});

Deno.test("resolveClone prefers the manifest's own path and warns where there is no archive", () => {
  const own = archiveOf({ s3_wal_path: "s3://x/" }, { walS3Bucket: "s" });
  assert.deepEqual(own.archive, { kind: "path", path: "s3://x/" });
  assert.equal(own.notices, 0);
  const none = archiveOf({}, {});
  assert.deepEqual(none.archive, { kind: "bucket", store: undefined, name: "", uid: "" });
  assert.equal(none.notices, 1);
});

Deno.test("resolveClone restores in place by former uid and moment, and needs both", () => {
  const restored = cluster({
    spec: { clone: { cluster: "acid-orders", timestamp: TIME, uid: "u-0" } },
  });
  const findings = newFindings();
  const clone = resolveClone(restored, config({ walS3Bucket: "s" }), findings);
  assert.ok(clone?.method === "archive" && clone.source === "acid-orders");
  assert.equal(findings.notices.length, 0);
  resolveClone(cluster({ spec: { clone: { cluster: "acid-orders" } } }), config(), findings);
  assert.match(findings.notices[0]!.message, /names the cluster itself/);
});
