/** What a real server says of its archiver, and of its certificate. */
import assert from "node:assert/strict";
import { createSqlConnector } from "../../src/clients/postgres/connector.ts";
import { ARCHIVER_QUERY, backupsOf } from "../../src/cluster/observed/backups.ts";
import { Sensitive } from "../../src/lib/sensitive.ts";
import { serverObstacle, startServer, type TestServer } from "./server.ts";

const obstacle = serverObstacle();
const LIMIT_MS = 20_000;

async function archiverIs(server: TestServer, wanted: string): Promise<void> {
  const endMs = Date.now() + LIMIT_MS;
  for (;;) {
    const { archiver } = backupsOf(`${await server.sql("postgres", ARCHIVER_QUERY)}\n[]`);
    if (archiver.state === wanted) return;
    if (Date.now() > endMs) throw new Error(`the archiver is ${archiver.state}, not ${wanted}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** Commands that archive, and what the server is found to do after some WAL. */
const COMMANDS: readonly [string, string][] = [
  ["/bin/true", "off"],
  ["", "off"],
  ["test -e /dev/null # %p", "working"],
  ["test -e /nowhere # %p", "failing"],
  [" true ", "off"],
  ["test -e /dev/null # %p", "working"],
];

Deno.test({
  name: "a server that archives, that cannot, and that throws WAL away are told apart",
  ignore: obstacle !== undefined,
  async fn() {
    const server = await startServer(["archive_mode=on"]);
    try {
      for (const [command, wanted] of COMMANDS) {
        await server.sql("postgres", `ALTER SYSTEM SET archive_command = '${command}'`);
        await server.sql("postgres", "SELECT pg_reload_conf()");
        await server.sql("postgres", "CREATE TABLE IF NOT EXISTS wal (); DROP TABLE wal");
        await server.sql("postgres", "SELECT pg_switch_wal()");
        await archiverIs(server, wanted);
      }
    } finally {
      await server.stop();
    }
  },
});

Deno.test({
  name: "a session tells when the certificate of its server ends",
  ignore: obstacle !== undefined,
  async fn() {
    const server = await startServer();
    const seen: [string, number][] = [];
    const connector = createSqlConnector({
      addressOf: () => server,
      certificateSeen: ({ cluster }, until) =>
        void seen.push([cluster, Math.round((until.getTime() - Date.now()) / 86_400_000)]),
      idleMs: 0,
    });
    try {
      const session = await connector.open({
        namespace: "shop",
        cluster: "acid-a",
        database: "postgres",
        user: server.superuser.name,
        password: new Sensitive(server.superuser.password),
      }, new AbortController().signal);
      await session.query({ text: "SELECT 1", purpose: "be there" });
      await session.close();
      // The server's certificate is good for two days.
      assert.deepEqual(seen, [["acid-a", 2]]);
    } finally {
      connector.end();
      await server.stop();
    }
  },
});
