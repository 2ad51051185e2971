/**
 * The pooler's script outside of a container: what it makes of the environment, against what the
 * Zalando image makes of it; and with the real PgBouncer and PostgreSQL of this machine.
 */
import assert from "node:assert/strict";
import { parse } from "yaml";
import { ensurePackages } from "../../e2e/devcluster/packages.ts";
import { serverObstacle, startServer, type TestServer } from "../../e2e/sql/server.ts";
import {
  type PoolerOptions,
  type Running,
  startPooler,
  withFakePgbouncer,
} from "./pooler.fixture.ts";

type Settings = Readonly<Record<string, string>>;

interface Recorded {
  readonly name: string;
  readonly env: Settings;
  readonly databases: Settings;
  readonly pgbouncer: Settings;
}

const FILE = new URL("testdata/zalando_settings.yaml", import.meta.url);
const RECORDED = parse(Deno.readTextFileSync(FILE)) as Recorded[];

/** Sections of an ini file. */
function sections(text: string): Record<string, Settings> {
  const found: Record<string, Record<string, string>> = {};
  let section: Record<string, string> = {};
  for (const line of text.split("\n")) {
    const head = /^\[(\w+)\]$/.exec(line)?.[1];
    if (head !== undefined) found[head] = section = {};
    const [, name, value = ""] = /^([\w*]+) = ?(.*)$/.exec(line) ?? [];
    if (name !== undefined) {
      assert.ok(!(name in section), `${name} stands there twice`);
      section[name] = value;
    }
  }
  return found;
}

/** What is different on purpose, by setting: from, to. */
function wantedDifferences(env: Settings, made: Settings, directory: string) {
  const given = env["CONNECTION_POOLER_CLIENT_TLS_CRT"];
  const certificate = given ?? `${directory}/tls.crt`;
  const key = env["CONNECTION_POOLER_CLIENT_TLS_KEY"] ?? `${directory}/tls.key`;
  const ca = env["CONNECTION_POOLER_CLIENT_CA_FILE"];
  return {
    logfile: undefined,
    pidfile: undefined,
    unix_socket_dir: directory,
    auth_file: made["auth_file"],
    auth_user: env["PGUSER"],
    server_tls_ca_file: certificate,
    client_tls_cert_file: certificate,
    client_tls_key_file: key,
    ...(ca === undefined ? {} : { client_tls_ca_file: ca }),
  };
}

for (const { name, env, databases, pgbouncer } of RECORDED) {
  Deno.test(`the settings are those of the Zalando image: ${name}`, () =>
    withFakePgbouncer("1.24.1", async ({ print, directory }) => {
      const made = sections(await print(env));
      assert.deepEqual(made["databases"], databases);
      const own = made["pgbouncer"] ?? {};
      const wanted = { ...pgbouncer, ...wantedDifferences(env, own, directory) };
      const present = Object.entries(wanted).filter(([, value]) => value !== undefined);
      assert.deepEqual(own, Object.fromEntries(present));
      assert.match(own["auth_file"] ?? "", /userlist\.txt$/);
    }));
}

const [PLAIN] = RECORDED;
const ENV = PLAIN!.env;

Deno.test("an older PgBouncer is not asked for what it does not know", () =>
  withFakePgbouncer("1.18.0", async ({ print }) => {
    const { pgbouncer = {} } = sections(await print(ENV));
    assert.ok(!("max_prepared_statements" in pgbouncer) && !("auth_dbname" in pgbouncer));
  }));

Deno.test("settings come from the environment, those of Kubernetes' own making do not", () =>
  withFakePgbouncer("1.24.1", async ({ print }) => {
    const more = { PGBOUNCER_server_lifetime: "600", PGBOUNCER_auth_type: "scram-sha-256" };
    // What a Service called pgbouncer puts into every container.
    const services = { PGBOUNCER_PORT: "tcp://10.0.0.1:80", PGBOUNCER_SERVICE_HOST: "10.0.0.1" };
    const { pgbouncer = {} } = sections(await print({ ...ENV, ...more, ...services }));
    assert.equal(pgbouncer["server_lifetime"], "600");
    assert.equal(pgbouncer["auth_type"], "scram-sha-256");
    assert.ok(!("service_host" in pgbouncer) && !("port" in pgbouncer));
  }));

const OTHERS = '"robot" "pooler "\n"pool" "x"\n"pooler2" "y"\n';

Deno.test("the list that PgBouncer reads has the pooler's own user alone, others are asked for", () =>
  withFakePgbouncer("1.24.1", async ({ print, directory }) => {
    const { pgbouncer = {} } = sections(await print(ENV));
    assert.equal(pgbouncer["auth_file"], `${directory}/userlist.txt`);
    assert.equal(await Deno.readTextFile(`${directory}/userlist.txt`), '"pooler" "se""cret"\n');
  }, `${OTHERS}"pooler" "se""cret"\n`));

Deno.test("a list without the pooler's own user is none", () =>
  withFakePgbouncer("1.24.1", async ({ print, directory }) => {
    await print({ ...ENV, PGPASSWORD: 'w"ord' });
    assert.equal(await Deno.readTextFile(`${directory}/userlist.txt`), '"pooler" "w""ord"\n');
  }, OTHERS));

Deno.test("an older PgBouncer, which asks nobody for its console, reads the whole list", () =>
  withFakePgbouncer("1.18.0", async ({ print, directory }) => {
    const { pgbouncer = {} } = sections(await print(ENV));
    assert.notEqual(pgbouncer["auth_file"], `${directory}/userlist.txt`);
    assert.equal(await Deno.readTextFile(pgbouncer["auth_file"] ?? ""), OTHERS);
    assert.ok(!("auth_user" in pgbouncer));
  }, OTHERS));

const REFUSED: readonly [what: string, change: Settings, said: RegExp][] = [
  ["no host", { PGHOST: "" }, /PGHOST is not set/],
  ["no user", { PGUSER: "" }, /PGUSER is not set/],
  ["no schema", { PGSCHEMA: "" }, /PGSCHEMA is not set/],
  ["a host with a line break", { PGHOST: "a\nadmin_users = b" }, /PGHOST has a line break/],
  [
    "a certificate without its key",
    { CONNECTION_POOLER_CLIENT_TLS_CRT: "/tls/tls.crt" },
    /TLS_KEY/,
  ],
];

for (const [what, change, said] of REFUSED) {
  Deno.test(`the pooler does not start with ${what}, and says so`, () =>
    withFakePgbouncer("1.24.1", async ({ print }) => {
      await assert.rejects(print({ ...ENV, ...change }), said);
    }));
}

Deno.test("no password is in what is logged or printed", () =>
  withFakePgbouncer("1.24.1", async ({ print }) => {
    const text = await print({ ...ENV, PGPASSWORD: "canary-7d1f" });
    assert.doesNotMatch(text, /canary/);
  }));

/** With the characters that quoting has to get right. */
const PASSWORD = `pool'word"`;

/** PostgreSQL with users of both kinds of verifiers, and the look-up of the pooler. */
async function prepare(server: TestServer): Promise<void> {
  const statements = [
    "CREATE ROLE pooler LOGIN PASSWORD 'pool''word\"'",
    "CREATE SCHEMA pooler",
    `CREATE FUNCTION pooler.user_lookup(wanted text, OUT uname text, OUT phash text) RETURNS record
     AS $$ BEGIN SELECT usename, passwd FROM pg_catalog.pg_shadow WHERE usename = wanted
     INTO uname, phash; END; $$ LANGUAGE plpgsql SECURITY DEFINER`,
    "GRANT USAGE ON SCHEMA pooler TO pooler",
    "SET password_encryption = 'scram-sha-256'; CREATE ROLE scram LOGIN PASSWORD 'one'",
    "SET password_encryption = 'md5'; CREATE ROLE digest LOGIN PASSWORD 'two'",
  ];
  for (const statement of statements) await server.sql("postgres", statement);
}

const obstacle = await ensurePackages({ log: () => {} })
  .then(() => serverObstacle(), (error: Error) => error.message);

async function withPooler(
  options: Omit<PoolerOptions, "env"> & { readonly env?: Settings },
  run: (pooler: Running) => Promise<void>,
): Promise<void> {
  const server = await startServer();
  try {
    await prepare(server);
    const target = { PGHOST: server.host, PGPORT: String(server.port), PGPASSWORD: PASSWORD };
    const pooler = await startPooler({ ...options, env: { ...ENV, ...target, ...options.env } });
    try {
      await run(pooler);
    } finally {
      await pooler.stop();
    }
  } finally {
    await server.stop();
  }
}

Deno.test({
  name: "people log in through it with SCRAM and md5, as any user, with a read-only root",
  ignore: obstacle !== undefined,
  fn: () =>
    withPooler({}, async (pooler) => {
      assert.equal(await pooler.query("scram", "one", "SELECT current_user"), "scram");
      assert.equal(await pooler.query("digest", "two", "SELECT current_user"), "digest");
      await assert.rejects(
        pooler.query("scram", "wrong", "SELECT 1"),
        /authentication failed|SASL/,
      );
      await assert.rejects(pooler.write("/etc/other"), /Read-only file system/);
      assert.deepEqual(await pooler.ids(), { uid: 12345, gid: 54321 });
    }),
});

Deno.test({
  name: "a renewed certificate is shown without a restart, and a changed list of users counts",
  ignore: obstacle !== undefined,
  fn: () => {
    const env = { POOLER_RELOAD_INTERVAL: "1" };
    const users = `"pooler" "${PASSWORD.replaceAll('"', '""')}"\n`;
    return withPooler({ env, users, certificate: "first.example.org" }, async (pooler) => {
      const started = await pooler.startedAt();
      const before = await pooler.certificate();
      assert.match(before, /first\.example\.org/);
      await pooler.renewCertificate("renewed.example.org");
      await pooler.until(async () => await pooler.certificate() !== before);
      assert.match(await pooler.certificate(), /renewed\.example\.org/);
      assert.equal(await pooler.query("scram", "one", "SELECT 1"), "1");
      const isLetIn = (password: string) =>
        pooler.query("pooler", password, "SHOW VERSION", "pgbouncer").then(() => true, () => false);
      assert.deepEqual([await isLetIn(PASSWORD), await isLetIn("other")], [true, false]);
      await pooler.setUsers('"pooler" "other"\n');
      await pooler.until(() => isLetIn("other"));
      assert.equal(await isLetIn(PASSWORD), false);
      assert.equal(await pooler.startedAt(), started);
    });
  },
});

Deno.test({
  name: "the authority of client certificates is honoured where clients have to show one",
  ignore: obstacle !== undefined,
  fn: () => {
    const env = { PGBOUNCER_client_tls_sslmode: "verify-ca" };
    const certificate = "client.example.org";
    return withPooler({ env, certificate, authority: true }, async (pooler) => {
      await assert.rejects(pooler.query("scram", "one", "SELECT 1"));
      assert.equal(await pooler.queryWithCertificate("scram", "one", "SELECT 1"), "1");
    });
  },
});

Deno.test({
  name: "a file with further settings outranks what the script writes",
  ignore: obstacle !== undefined,
  fn: () =>
    withPooler({ extra: "default_pool_size = 3\nserver_lifetime = 61\n" }, async (pooler) => {
      const shown = await pooler.query("pooler", PASSWORD, "SHOW CONFIG", "pgbouncer");
      assert.match(shown, /^default_pool_size\|3\|/m);
      assert.match(shown, /^server_lifetime\|61\|/m);
    }),
});
