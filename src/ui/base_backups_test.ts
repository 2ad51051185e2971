/** Clusters, lives and base backups as Spilo, WAL-G and WAL-E lay them out. */

import assert from "node:assert/strict";
import { backupOf, baseBackups, storedClusters, storedLives } from "./base_backups.ts";
import type { ObjectStore } from "../clients/stores/object_store.ts";

const UID = "c3a9f0de-0000-4000-8000-000000000001";
const START = "base_000000010000000000000004";

/** A bucket out of texts by key. */
function bucket(texts: Readonly<Record<string, string>>): ObjectStore {
  const keys = Object.keys(texts);
  return {
    folders: (prefix) =>
      Promise.resolve([
        ...new Set(
          keys.filter((key) => key.startsWith(prefix))
            .map((key) => key.slice(prefix.length).split("/")[0]!),
        ),
      ]),
    objects: (prefix) =>
      Promise.resolve(
        keys.filter((key) => key.startsWith(prefix))
          .map((key) => ({ key, modified: "2026-05-04T10:20:30Z" })),
      ),
    text: (key) => Promise.resolve(texts[key]!),
  };
}

const WALG = JSON.stringify({
  LSN: 67108904,
  FinishLSN: 67109136,
  UncompressedSize: 31457280,
  FinishTime: "2026-05-04T09:00:00.5Z",
});
const STORE = bucket({
  [`spilo/acid-a/${UID}/wal/18/basebackups_005/${START}_backup_stop_sentinel.json`]: WALG,
  [`spilo/acid-a/${UID}/wal/18/basebackups_005/${START}/metadata.json`]: "{}",
  [`spilo/acid-a/${UID}/wal/17/basebackups_005/${START}_00000028_backup_stop_sentinel.json`]: JSON
    .stringify({
      wal_segment_backup_stop: "000000010000000000000005",
      wal_segment_offset_backup_stop: "00000100",
      expanded_size_bytes: "1024",
    }),
  [`spilo/acid-a/wal/18/basebackups_005/${START}_backup_stop_sentinel.json`]: "not JSON",
  "spilo/acid-a/logical_backups/1.sql.gz": "",
  "spilo/acid-b/wal/18/x": "",
});

Deno.test("clusters and their lives; other folders are none", async () => {
  assert.deepEqual(await storedClusters(STORE, "spilo/"), ["acid-a", "acid-b"]);
  assert.deepEqual(await storedLives(STORE, "spilo/", "acid-a"), [UID, "base"]);
});

Deno.test("base backups of WAL-G and WAL-E, over all majors", async () => {
  const found = await baseBackups(STORE, "spilo/", {
    cluster: "acid-a",
    uid: UID,
    versions: ["17", "18"],
  });
  assert.deepEqual(found, [
    {
      name: `${START}_00000028`,
      last_modified: "2026-05-04T10:20:30Z",
      wal_segment_backup_start: "000000010000000000000004",
      expanded_size_bytes: 1024,
      wal_segment_backup_stop: "000000010000000000000005",
      wal_segment_offset_backup_start: "00000028",
      wal_segment_offset_backup_stop: "00000100",
    },
    {
      name: START,
      last_modified: "2026-05-04T09:00:00.500Z",
      wal_segment_backup_start: "000000010000000000000004",
      expanded_size_bytes: 31457280,
      wal_segment_backup_stop: "000000010000000000000004",
      wal_segment_offset_backup_start: "00000028",
      wal_segment_offset_backup_stop: "00000110",
    },
  ]);
});

Deno.test("a sentinel that is not understood is no backup", async () => {
  const life = { cluster: "acid-a", uid: "base", versions: ["18"] };
  assert.deepEqual(await baseBackups(STORE, "spilo/", life), []);
  for (const text of ["", "[]", "null", '{"LSN":"x","FinishLSN":-1}']) {
    assert.equal(backupOf({ key: "a_backup_stop_sentinel.json", modified: "" }, text), undefined);
  }
});

for (const name of ["..", ".", "a/b", "a?b", ""]) {
  Deno.test(`${JSON.stringify(name)} leads to no other folder`, async () => {
    await assert.rejects(storedLives(STORE, "spilo/", name), /is no name of a folder/);
  });
}
