/** The stand-ins for WAL-G and for S3 together: what is archived comes back, by the right key alone. */
import assert from "node:assert/strict";
import { type S3Server, startS3Server } from "./s3_server.ts";

const WAL_G = new URL("../devcluster/kubelet/images/spilo/wal_g.py", import.meta.url).pathname;
const KEYS = { accessKeyId: "key", secretAccessKey: "s3cr3t" };
const FILE = "000000010000000000000001";

interface Place {
  readonly store: S3Server;
  readonly directory: string;
  /** Runs the stand-in for WAL-G with a secret key. */
  walG(args: readonly string[], secret?: string): Promise<{ code: number; output: string }>;
}

function archiveTest(name: string, run: (place: Place) => Promise<void>): void {
  Deno.test(name, async () => {
    const store = startS3Server(KEYS);
    const directory = await Deno.makeTempDir();
    try {
      const walG: Place["walG"] = async (args, secret = KEYS.secretAccessKey) => {
        const { code, stdout, stderr } = await new Deno.Command("/usr/bin/python3", {
          args: [WAL_G, ...args],
          cwd: directory,
          clearEnv: true,
          env: {
            PATH: "/usr/bin:/bin",
            PYTHONDONTWRITEBYTECODE: "1",
            WALG_S3_PREFIX: "s3://wal/spilo/acid-a/u 1/wal/17",
            AWS_ENDPOINT: store.endpoint,
            AWS_ACCESS_KEY_ID: KEYS.accessKeyId,
            AWS_SECRET_ACCESS_KEY: secret,
          },
          stdout: "piped",
          stderr: "piped",
        }).output();
        const text = new TextDecoder();
        return { code, output: text.decode(stdout) + text.decode(stderr) };
      };
      await run({ store, directory, walG });
    } finally {
      await Deno.remove(directory, { recursive: true });
      await store.stop();
    }
  });
}

archiveTest("a WAL file comes back as it was, and one that is not there is told", async (place) => {
  const { store, directory, walG } = place;
  const content = new Uint8Array(1 << 20).map((_, at) => at % 251);
  await Deno.writeFile(`${directory}/${FILE}`, content);
  assert.equal((await walG(["wal-push", FILE])).code, 0);
  assert.deepEqual(store.names(), [`wal/spilo/acid-a/u 1/wal/17/wal_005/${FILE}.lzma`]);
  assert.equal((await walG(["wal-fetch", FILE, "back"])).code, 0);
  assert.deepEqual(await Deno.readFile(`${directory}/back`), content);
  const absent = await walG(["wal-fetch", "00000002.history", "back"]);
  assert.equal(absent.code, 74);
  assert.match(absent.output, /Archive '00000002.history' does not exist/);
});

archiveTest(
  "another key stores nothing, and a store that is down fails every command",
  async (place) => {
    const { store, directory, walG } = place;
    await Deno.writeTextFile(`${directory}/${FILE}`, "wal");
    const refused = await walG(["wal-push", FILE], "another");
    assert.equal(refused.code, 1);
    assert.match(refused.output, /the store answers 403/);
    assert.deepEqual(store.names(), []);
    store.down = true;
    for (const args of [["wal-push", FILE], ["wal-fetch", FILE, "back"], ["backup-list"]]) {
      const { code, output } = await walG(args);
      assert.deepEqual([code, output], [1, "ERROR: the store answers 503\n"]);
    }
  },
);

archiveTest("an archive without backups lists none, and gives none", async ({ walG }) => {
  const listed = await walG(["backup-list", "--detail", "--json"]);
  assert.deepEqual(listed, { code: 0, output: "INFO: No backups found\n" });
  const fetched = await walG(["backup-fetch", "data", "LATEST"]);
  assert.deepEqual([fetched.code, fetched.output], [1, "ERROR: backup LATEST does not exist\n"]);
});
