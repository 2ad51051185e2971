/**
 * A real PostgreSQL server for the tests of this folder: own data directory, TLS, loopback, every
 * statement logged. Needs the server's programs on this machine; tests skip with a reason otherwise.
 */

const PROGRAMS = "/usr/lib/postgresql";

export interface TestServer {
  readonly host: string;
  readonly port: number;
  readonly superuser: { readonly name: string; readonly password: string };
  /** Runs psql as the superuser through the server's socket and gives what it prints. */
  sql(database: string, text: string): Promise<string>;
  /** Tries to log in with a password over TLS. */
  logsIn(user: string, password: string): Promise<boolean>;
  /** Everything that the server has logged. */
  log(): Promise<string>;
  /** Runs `end` before the server stops. */
  onStop(end: () => void): void;
  stop(): Promise<void>;
}

/** Why no server can be started here, or undefined where one can. */
export function serverObstacle(): string | undefined {
  if (Deno.uid() !== 0) return "PostgreSQL is started as another user, which only root may";
  return programs() === undefined ? `no PostgreSQL below ${PROGRAMS}` : undefined;
}

function programs(): string | undefined {
  try {
    const versions = [...Deno.readDirSync(PROGRAMS)].map(({ name }) => Number(name));
    const newest = Math.max(...versions.filter(Number.isInteger));
    const folder = `${PROGRAMS}/${newest}/bin`;
    return Deno.statSync(`${folder}/initdb`).isFile ? folder : undefined;
  } catch {
    return undefined;
  }
}

/** Starts a server; `settings` are lines of postgresql.conf. */
export async function startServer(settings: readonly string[] = []): Promise<TestServer> {
  const bin = programs();
  if (bin === undefined) throw new Error(`cannot start PostgreSQL: none below ${PROGRAMS}`);
  const folder = await Deno.makeTempDir({ prefix: "operator-sql-" });
  const data = `${folder}/data`;
  const superuser = { name: "postgres", password: "super-marker-7f3a" };
  await Deno.writeTextFile(`${folder}/password`, superuser.password);
  await run(["chown", "-R", "postgres:postgres", folder]);
  const asPostgres = (program: string, ...args: string[]) =>
    run(["setpriv", ...AS_POSTGRES, `${bin}/${program}`, ...args]);
  await asPostgres(
    "initdb",
    ...["-D", data, "-U", "postgres", "-N", "-E", "UTF8", "--locale=C.UTF-8"],
    ...["--auth-local=trust", "--auth-host=scram-sha-256", `--pwfile=${folder}/password`],
  );
  await run(["openssl", "req", "-new", "-x509", "-days", "2", "-nodes", "-subj", "/CN=test"].concat(
    ["-out", `${data}/server.crt`, "-keyout", `${data}/server.key`],
  ));
  await run(["chown", "postgres:postgres", `${data}/server.crt`, `${data}/server.key`]);
  await Deno.chmod(`${data}/server.key`, 0o600);
  await Deno.writeTextFile(
    `${data}/pg_hba.conf`,
    "local all all trust\nhostssl all all all md5\nhostnossl all all all reject\n",
  );
  const port = freePort();
  const fixed = [
    ...["ssl=on", "fsync=off", "log_statement='all'", "shared_buffers=16MB", "max_connections=40"],
    ...[`port=${port}`, "listen_addresses='127.0.0.1'", `unix_socket_directories='${folder}'`],
    ...["wal_level=logical", "autovacuum=off", "log_line_prefix='@@ %u %d %a '"],
  ];
  const conf = `${data}/postgresql.conf`;
  await Deno.writeTextFile(conf, `${[...fixed, ...settings].join("\n")}\n`, { append: true });
  await asPostgres("pg_ctl", "-D", data, "-w", "-l", `${folder}/log`, "start");
  const ends: (() => void)[] = [];
  const psql = (database: string, text: string) =>
    run([`${bin}/psql`, "-XqAt", "-v", "ON_ERROR_STOP=1", "-h", folder, "-p", `${port}`].concat(
      ["-U", "postgres", "-d", database, "-c", text],
    ));
  return {
    host: "127.0.0.1",
    port,
    superuser,
    sql: psql,
    log: () => Deno.readTextFile(`${folder}/log`),
    async logsIn(user, password) {
      const command = new Deno.Command(`${bin}/psql`, {
        args: ["-XAt", "-h", "127.0.0.1", "-p", `${port}`, "-U", user, "-d", "postgres", "-c", ""],
        env: { PGPASSWORD: password, PGSSLMODE: "require", PGCONNECT_TIMEOUT: "5" },
        stderr: "null",
      });
      return (await command.output()).success;
    },
    onStop: (end) => void ends.push(end),
    async stop() {
      for (const end of ends) end();
      await asPostgres("pg_ctl", "-D", data, "-m", "immediate", "stop");
      await Deno.remove(folder, { recursive: true });
    },
  };
}

const AS_POSTGRES = ["--reuid=postgres", "--regid=postgres", "--clear-groups"];

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}

async function run([program = "", ...args]: string[]): Promise<string> {
  const output = await new Deno.Command(program, { args, cwd: "/" }).output();
  if (output.success) return new TextDecoder().decode(output.stdout).trim();
  const why = new TextDecoder().decode(output.stderr).trim();
  throw new Error(`cannot run ${program} ${args[0] ?? ""}: ${why}`);
}
