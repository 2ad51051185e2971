import assert from "node:assert/strict";
import { archiveFiles, archivesOf } from "./spilo_archive.ts";

const OWN = { SCOPE: "acid-a", POD_NAMESPACE: "shop", WAL_S3_BUCKET: "wal" };
const CLONE = { CLONE_METHOD: "CLONE_WITH_WALE", CLONE_SCOPE: "acid-b" };

/** Variables of a container, and where its archive, its clone's and its standby's are. */
const PLACES: readonly [string, Record<string, string>, Record<string, string>][] = [
  ["nothing", { SCOPE: "acid-a" }, {}],
  ["a bucket alone", OWN, { own: "s3://wal/spilo/shop-acid-a/wal/17" }],
  [
    "a bucket, an empty prefix and a uid",
    { ...OWN, WAL_BUCKET_SCOPE_PREFIX: "", WAL_BUCKET_SCOPE_SUFFIX: "/u-1" },
    { own: "s3://wal/spilo/acid-a/u-1/wal/17" },
  ],
  [
    "a whole place",
    { ...OWN, WALG_S3_PREFIX: "s3://other/place" },
    { own: "s3://other/place" },
  ],
  [
    "a clone by bucket and uid",
    {
      ...CLONE,
      CLONE_WAL_S3_BUCKET: "wal",
      CLONE_WAL_BUCKET_SCOPE_PREFIX: "",
      CLONE_WAL_BUCKET_SCOPE_SUFFIX: "/u-2",
    },
    { clone: "s3://wal/spilo/acid-b/u-2/wal/" },
  ],
  [
    "a clone by its path",
    { ...CLONE, CLONE_WALE_S3_PREFIX: "s3://wal/spilo/acid-b/u-2/wal/15" },
    { clone: "s3://wal/spilo/acid-b/u-2/wal/15" },
  ],
  ["a clone without a place", CLONE, {}],
  ["a bucket of a clone that is none", { CLONE_SCOPE: "b", CLONE_WAL_S3_BUCKET: "wal" }, {}],
  [
    "a standby cluster",
    { STANDBY_METHOD: "STANDBY_WITH_WALE", STANDBY_WALE_S3_PREFIX: "s3://wal/spilo/x/wal/17" },
    { standby: "s3://wal/spilo/x/wal/17" },
  ],
];

for (const [name, env, want] of PLACES) {
  Deno.test(`${name}: archives are where the image has them`, () => {
    const found = Object.entries(archivesOf(env, "17")).map(([which, { variables }]) => [
      which,
      variables["WALG_S3_PREFIX"],
    ]);
    assert.deepEqual(Object.fromEntries(found), want);
  });
}

Deno.test("each archive has its own keys and endpoint, in files that others cannot read", () => {
  const archives = archivesOf({
    ...OWN,
    ...CLONE,
    CLONE_WALE_S3_PREFIX: "s3://wal/b",
    AWS_ACCESS_KEY_ID: "own-key",
    AWS_SECRET_ACCESS_KEY: "own-secret",
    AWS_ENDPOINT: "http://own",
    CLONE_AWS_ACCESS_KEY_ID: "clone-key",
    CLONE_WALE_S3_ENDPOINT: "http+path://clone:9000",
  }, "17");
  const files = archiveFiles(archives).filter(({ path }) => /AWS_/.test(path));
  assert.deepEqual(files.map(({ path, content }) => [path, content]), [
    ["/run/etc/wal-e.d/env/AWS_ENDPOINT", "http://own"],
    ["/run/etc/wal-e.d/env/AWS_ACCESS_KEY_ID", "own-key"],
    ["/run/etc/wal-e.d/env/AWS_SECRET_ACCESS_KEY", "own-secret"],
    ["/run/etc/wal-e.d/env-clone-acid-b/AWS_ENDPOINT", "http://clone:9000"],
    ["/run/etc/wal-e.d/env-clone-acid-b/AWS_ACCESS_KEY_ID", "clone-key"],
  ]);
  assert.ok(files.every(({ mode, owner }) => mode === 0o600 && owner === "postgres"));
});
