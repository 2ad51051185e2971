/** What the operator runs in a primary's pod to learn of its backups, with stand-ins for programs. */
import assert from "node:assert/strict";
import { BACKUP_SCRIPT, backupsOf } from "../../src/cluster/observed/backups.ts";
import { known, unknown } from "../../src/ports/observation.ts";

const ARCHIVER = `{"archived" : "2026-01-05T11:58:00+00:00", "failed" : null, "wal" : null, ` +
  `"standby" : false, "stuck" : null}`;
const DETAILS = JSON.stringify([
  { backup_name: "b", time: "2026-01-05T01:00:00Z", finish_time: "2026-01-05T00:59:59.5Z" },
]);
const UNLISTED = unknown("the primary's pod cannot list its base backups");

/** What programs of the pod do, as bash; a program without a line is not there. */
interface Pod {
  readonly psql?: string;
  readonly envdir?: string;
}

const GOOD: Pod = { psql: `echo '${ARCHIVER}'`, envdir: `echo '${DETAILS}'` };

async function run(pod: Pod): Promise<{ code: number; stdout: string; stderr: string }> {
  const directory = await Deno.makeTempDir();
  try {
    for (const [name, body] of Object.entries(pod)) {
      await Deno.writeTextFile(`${directory}/${name}`, `#!/bin/bash\n${body}\n`, { mode: 0o755 });
    }
    const { code, stdout, stderr } = await new Deno.Command("/bin/bash", {
      args: ["-c", BACKUP_SCRIPT],
      clearEnv: true,
      env: { PATH: `${directory}:/usr/bin:/bin`, PGUSER_SUPERUSER: "boss" },
      stdout: "piped",
      stderr: "piped",
    }).output();
    const text = new TextDecoder();
    return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

const LISTS: readonly [string, string | undefined, unknown][] = [
  ["one backup", GOOD.envdir, known(["2026-01-05T01:00:00Z"])],
  ["no backup, and WAL-G says nothing", "exit 0", known([])],
  ["no backup, and WAL-G says null", "echo null", known([])],
  ["an archive that WAL-G cannot reach", "echo 's3cr3t' >&2; exit 1", UNLISTED],
  ["an answer that is no list", "echo 's3cr3t'", UNLISTED],
  ["no WAL-G", "exit 127", UNLISTED],
];

for (const [what, envdir, want] of LISTS) {
  Deno.test(`a pod with ${what} says so`, async () => {
    const { code, stdout, stderr } = await run({ ...GOOD, ...(envdir && { envdir }) });
    assert.equal(code, 0, stderr);
    assert.deepEqual(backupsOf(stdout).baseBackups, want);
    assert.equal(stdout.includes("s3cr3t"), false);
  });
}

Deno.test("the archive is asked by the variables of the pod, and PostgreSQL as its superuser", async () => {
  const { stdout } = await run({
    psql: `[ "$2" = boss ] && echo '${ARCHIVER}'`,
    envdir: `[ "$*" = "/run/etc/wal-e.d/env wal-g backup-list --detail --json" ] || exit 1`,
  });
  assert.deepEqual(backupsOf(stdout).baseBackups, known([]));
});

Deno.test("a server that does not answer fails the look as a whole", async () => {
  assert.notEqual((await run({ ...GOOD, psql: "exit 2" })).code, 0);
});
