import assert from "node:assert/strict";
import type { PostgresqlSpec } from "../../../api/types.gen.ts";
import { cluster } from "../../../testing/cluster_fixture.ts";
import { type EffectiveStandby, resolveStandby } from "./standby.ts";

const NONE: EffectiveStandby = {
  declaredBy: "manifest",
  host: undefined,
  port: undefined,
  primarySlotName: undefined,
  archive: undefined,
};

const ROWS: readonly {
  name: string;
  spec: Partial<PostgresqlSpec>;
  want: EffectiveStandby | undefined;
}[] = [
  { name: "an ordinary cluster", spec: {}, want: undefined },
  {
    name: "an S3 archive goes before a GCS one",
    spec: { standby: { s3_wal_path: "s3://a/", gs_wal_path: "gs://a/" } },
    want: { ...NONE, archive: { store: "s3", path: "s3://a/" } },
  },
  {
    name: "a GCS archive",
    spec: { standby: { gs_wal_path: "gs://a/" } },
    want: { ...NONE, archive: { store: "gs", path: "gs://a/" } },
  },
  {
    name: "a remote primary with slot and archive",
    spec: {
      standby: {
        standby_host: "far",
        standby_port: "5433",
        standby_primary_slot_name: "s",
        s3_wal_path: "s3://a/",
      },
    },
    want: {
      ...NONE,
      host: "far",
      port: "5433",
      primarySlotName: "s",
      archive: { store: "s3", path: "s3://a/" },
    },
  },
  {
    name: "a variable alone makes a standby",
    spec: { env: [{ name: "STANDBY_WALE_GSC_PREFIX", value: "x" }] },
    want: { ...NONE, declaredBy: "environment" },
  },
  {
    name: "an empty variable makes none",
    spec: { env: [{ name: "STANDBY_WALE_S3_PREFIX", value: "" }] },
    want: undefined,
  },
  {
    name: "another variable makes none",
    spec: { env: [{ name: "STANDBY_WALE_AZ_PREFIX", value: "x" }] },
    want: undefined,
  },
];

Deno.test("resolveStandby tells whom a cluster follows", () => {
  for (const { name, spec, want } of ROWS) {
    assert.deepEqual(resolveStandby(cluster({ spec }).spec), want, name);
  }
});
