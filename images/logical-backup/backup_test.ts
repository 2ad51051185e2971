/** The script of the logical backup outside of a container, with rclone and small stores. */
import assert from "node:assert/strict";
import { BACKUP_PACKAGES, ensurePackages } from "../../e2e/devcluster/packages.ts";
import {
  CANARIES,
  environment,
  folderOf,
  type Result,
  type Surroundings,
  withSurroundings,
} from "./backup.fixture.ts";

/** Why nothing can be tried here; undefined where it can. */
const obstacle = await ensurePackages({ log: () => {}, also: BACKUP_PACKAGES })
  .then(() => undefined, (error: Error) => error.message);

function backupTest(name: string, fn: () => Promise<void>): void {
  const reason = obstacle === undefined ? "" : ` (skipped: ${obstacle})`;
  Deno.test({ name: name + reason, ignore: obstacle !== undefined, fn });
}

type Provider = "s3" | "gcs" | "az";
const PROVIDERS: readonly Provider[] = ["s3", "gcs", "az"];

/** No secret in what people can see. */
function assertNoSecret({ log, args, message }: Result): void {
  for (const [name, secret] of Object.entries(CANARIES)) {
    for (const text of [log, args, JSON.stringify(message)]) {
      assert.ok(!text.includes(secret), `the ${name} is shown in ${text}`);
    }
  }
}

interface Play extends Surroundings {
  readonly env: Readonly<Record<string, string>>;
  readonly folder: string;
}

function play(provider: Provider, use: (play: Play) => Promise<void>): () => Promise<void> {
  return () =>
    withSurroundings((surroundings, folder, endpoint) =>
      use(Object.assign(Object.create(surroundings) as Surroundings, {
        env: environment(provider, folder, endpoint),
        folder: folderOf(provider),
      }))
    );
}

function unpacked(bytes: Uint8Array | undefined): Promise<string> {
  const stream = new Blob([new Uint8Array(bytes ?? [])]).stream();
  return new Response(stream.pipeThrough(new DecompressionStream("gzip"))).text();
}

const NAME = /\/\d+\.sql\.gz$/;

for (const provider of PROVIDERS) {
  backupTest(
    `${provider}: a dump is stored under the name that people know`,
    play(provider, async ({ run, env, store, folder }) => {
      const result = await run(env);
      assert.equal(result.code, 0, result.log);
      const [name = "", ...others] = [...store.objects.keys()];
      assert.deepEqual(others, []);
      assert.ok(name.startsWith(`${folder}/`) && NAME.test(name), name);
      assert.equal(await unpacked(store.objects.get(name)), "-- a dump\n");
      const { object, bytes, seconds, removed, ...more } = result.message;
      assert.deepEqual([object, bytes, removed, more], [
        name,
        store.objects.get(name)?.length,
        0,
        {},
      ]);
      assert.equal(typeof seconds, "number");
      assertNoSecret(result);
    }),
  );

  backupTest(
    `${provider}: a dump larger than one part is stored whole`,
    play(provider, async ({ run, env, store }) => {
      const result = await run({ ...env, FAKE_DUMP: "large" });
      assert.equal(result.code, 0, result.log);
      const [content] = [...store.objects.values()];
      assert.equal(await unpackedSize(content), 20_000_000);
      assertNoSecret(result);
    }),
  );

  for (const when of ["start", "middle"]) {
    backupTest(
      `${provider}: a dump that fails at the ${when} leaves nothing and removes nothing`,
      play(provider, async ({ run, env, store, folder }) => {
        const old = `${folder}/1000000000.sql.gz`;
        const older = `${folder}/999999999.sql.gz`;
        for (const name of [old, older]) store.objects.set(name, new Uint8Array([1]));
        const more = { FAKE_DUMP: when, LOGICAL_BACKUP_S3_RETENTION_TIME: "1 day" };
        const result = await run({ ...env, ...more });
        assert.equal(result.code, 1);
        assert.deepEqual([...store.objects.keys()].sort(), [old, older].sort());
        const ended = `pg_dumpall ended with ${when === "start" ? 1 : 3}`;
        assert.equal(result.message["error"], ended);
        assert.ok(!store.requests.some((one) => /DELETE .*\d\.sql\.gz$/.test(one)));
        assertNoSecret(result);
      }),
    );
  }

  backupTest(
    `${provider}: an upload that is refused fails the job`,
    play(provider, async ({ run, env, store }) => {
      store.refuses = true;
      const result = await run(env);
      assert.equal(result.code, 1);
      assert.match(String(result.message["error"]), new RegExp(`upload to ${provider} ended with`));
      assert.deepEqual([...store.objects.keys()], []);
      assertNoSecret(result);
    }),
  );

  backupTest(
    `${provider}: outdated dumps go over many pages, the newest of them and other files stay`,
    play(provider, async ({ run, env, store, folder }) => {
      store.pageSize = provider === "s3" ? 1000 : 50;
      const count = provider === "s3" ? 1010 : 120;
      for (let at = 0; at < count; at++) {
        store.objects.set(`${folder}/${1_000_000_000 + at}.sql.gz`, new Uint8Array([1]));
      }
      const others = [`${folder}/notes.txt`, `${folder}/1.sql.gz.keep`, `${folder}/1a.sql.gz`];
      for (const name of others) store.objects.set(name, new Uint8Array([1]));
      store.objects.set(`${folder}/1000000000.sql.gz.part`, new Uint8Array([1]));
      const recent = `${folder}/${Math.floor(Date.now() / 1000) - 5 * 86_400}.sql.gz`;
      store.objects.set(recent, new Uint8Array([1]));
      const result = await run({ ...env, LOGICAL_BACKUP_S3_RETENTION_TIME: "2 week" });
      assert.equal(result.code, 0, result.log);
      const left = [...store.objects.keys()].filter((name) => name !== result.message["object"]);
      const newest = `${folder}/${1_000_000_000 + count - 1}.sql.gz`;
      assert.deepEqual(left.sort(), [newest, recent, ...others].sort());
      assert.equal(result.message["removed"], count);
    }),
  );

  backupTest(
    `${provider}: a job that is told to stop leaves nothing`,
    play(provider, async ({ interrupt, env, store }) => {
      const uploading = () => store.requests.some((one) => /^(PUT|POST) .*part|upload/.test(one));
      const result = await interrupt({ ...env, FAKE_DUMP: "slow" }, uploading);
      assert.equal(result.code, 1, result.log);
      assert.equal(result.message["error"], "told to stop");
      assert.deepEqual([...store.objects.keys()], []);
    }),
  );
}

async function unpackedSize(bytes: Uint8Array | undefined): Promise<number> {
  const stream = new Blob([new Uint8Array(bytes ?? [])]).stream();
  const body = new Response(stream.pipeThrough(new DecompressionStream("gzip")));
  return (await body.bytes()).length;
}

const SOURCES: readonly [what: string, pods: Surroundings["pods"], ip: string][] = [
  ["a replica of the same node", [
    { name: "a", role: "master", node: "near", ip: "10.0.0.1" },
    { name: "b", role: "replica", ip: "10.0.0.2" },
    { name: "c", role: "replica", node: "near", ip: "10.0.0.3" },
  ], "10.0.0.3"],
  ["any replica", [
    { name: "a", role: "master", node: "near", ip: "10.0.0.1" },
    { name: "b", role: "replica", ip: "10.0.0.2" },
  ], "10.0.0.2"],
  [
    "the primary where there is no replica",
    [{ name: "a", role: "master", ip: "10.0.0.1" }],
    "10.0.0.1",
  ],
  ["the primary rather than a replica that is not ready", [
    { name: "a", role: "master", ip: "10.0.0.1" },
    { name: "b", role: "replica", node: "near", ip: "10.0.0.2", ready: false },
  ], "10.0.0.1"],
  ["what there is when nothing is ready", [
    { name: "a", role: "replica", ip: "10.0.0.2", ready: false },
    { name: "b", role: "replica" },
    { name: "c", ip: "10.0.0.9" },
  ], "10.0.0.2"],
];

for (const [what, pods, ip] of SOURCES) {
  backupTest(
    `a dump comes from ${what}`,
    play("s3", async (scene) => {
      Object.getPrototypeOf(scene).pods = pods;
      const result = await scene.run(scene.env);
      assert.equal(result.code, 0, result.log);
      assert.equal(result.source, ip);
    }),
  );
}

const FAILURES: readonly [what: string, change: Readonly<Record<string, string>>, said: RegExp][] =
  [
    ["an unknown provider", { LOGICAL_BACKUP_PROVIDER: "ftp" }, /is ftp; s3, gcs and az are known/],
    ["no bucket", { LOGICAL_BACKUP_S3_BUCKET: "" }, /LOGICAL_BACKUP_S3_BUCKET is not set/],
    [
      "a server that is newer than all programs",
      { PG_VERSION: "99" },
      /no pg_dumpall of version 99/,
    ],
    ["a server that does not answer", { FAKE_READY: "no" }, /10\.0\.0\.1:5432 does not answer/],
    ["no API server", { KUBERNETES_SERVICE_HOST: "" }, /KUBERNETES_SERVICE_HOST is not set/],
    [
      "a retention time that is none",
      { LOGICAL_BACKUP_S3_RETENTION_TIME: "soon" },
      /is soon, which/,
    ],
  ];

for (const [what, change, said] of FAILURES) {
  backupTest(
    `the job fails with ${what} and says so`,
    play("s3", async ({ run, env, store }) => {
      const result = await run({ ...env, ...change });
      assert.equal(result.code, 1);
      assert.match(String(result.message["error"]), said);
      assert.match(result.log, said);
      assert.deepEqual(store.uploads, []);
      assertNoSecret(result);
    }),
  );
}

backupTest(
  "the job fails when no pod can be asked",
  play("s3", async (scene) => {
    Object.getPrototypeOf(scene).pods = [{ name: "a", role: "replica" }];
    const result = await scene.run(scene.env);
    assert.deepEqual([result.code, result.message["error"]], [1, "no pod of acid-a can be asked"]);
  }),
);

backupTest(
  "a server of an older version is dumped by the next newer program",
  play("s3", async ({ run, env }) => {
    const result = await run({ ...env, PG_VERSION: "14" });
    assert.equal(result.code, 0, result.log);
    assert.match(result.args, /postgresql\/15\/bin\/pg_dumpall/);
  }),
);

backupTest(
  "encryption, region and account of S3 are used, and AWS by its own name without an endpoint",
  play("s3", async ({ run, env, store }) => {
    const result = await run({ ...env, LOGICAL_BACKUP_S3_ENDPOINT: "" });
    assert.equal(result.code, 0, result.log);
    const put = store.uploads.filter((headers) => headers.has("x-amz-server-side-encryption"));
    assert.ok(put.length >= 2, "upload and renaming are encrypted");
    for (const headers of put) {
      assert.equal(headers.get("x-amz-server-side-encryption"), "AES256");
      const signed = /Credential=access-key\/\d+\/eu-central-1\/s3\//;
      assert.match(headers.get("authorization") ?? "", signed);
    }
    assert.ok(store.requests.some((one) => one.includes("s3.eu-central-1.amazonaws.com")));
  }),
);

backupTest(
  "the API server may have an address of IPv6",
  () =>
    withSurroundings(async ({ run }, folder, endpoint) => {
      const result = await run(environment("s3", folder, endpoint));
      assert.equal(result.code, 0, result.log);
    }, "::1"),
);
