/** Runs the pooler's script as a container would: another user, a read-only root, one directory. */

const SCRIPT = new URL("entrypoint.sh", import.meta.url).pathname;
const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const IDS = { uid: 12345, gid: 54321 };
const LIMIT_MS = 20_000;
const PAUSE_MS = 200;

type Env = Readonly<Record<string, string>>;

interface Output {
  readonly success: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(
  program: string,
  args: readonly string[],
  env: Env = {},
): Promise<Output> {
  const command = new Deno.Command(program, {
    args: [...args],
    env: { PATH, ...env },
    clearEnv: true,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
  const { success, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  return { success, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

async function mustRun(program: string, args: readonly string[], env: Env = {}): Promise<string> {
  const { success, stdout, stderr } = await run(program, args, env);
  if (!success) throw new Error(`cannot run ${program}: ${stderr.trim()}`);
  return stdout.trim();
}

export interface Printer {
  /** What the script writes for an environment. @throws with what it says when it refuses. */
  readonly print: (env: Env) => Promise<string>;
  /** Where it keeps its files. */
  readonly directory: string;
}

/** Runs the script with a program that only tells a version. */
export async function withFakePgbouncer(
  version: string,
  use: (printer: Printer) => Promise<void>,
  list = '"pooler" "secret"\n',
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "pooler-" });
  try {
    await Deno.mkdir(`${folder}/bin`);
    const text = `#!/bin/sh\necho 'PgBouncer ${version}'\n`;
    await Deno.writeTextFile(`${folder}/bin/pgbouncer`, text, { mode: 0o755 });
    const users = `${folder}/userlist.txt`;
    await Deno.writeTextFile(users, list);
    const own = {
      PATH: `${folder}/bin:${PATH}`,
      POOLER_DIRECTORY: folder,
      POOLER_USER_LIST: users,
    };
    await use({
      directory: `${folder}/pooler`,
      print: (env) => mustRun(SCRIPT, ["--print"], { ...env, ...own }),
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A pooler that runs. */
export interface Running {
  /** What psql prints for one statement. @throws with what it says. */
  query(user: string, password: string, sql: string, database?: string): Promise<string>;
  /** The same for a client that shows the pooler's own certificate. */
  queryWithCertificate(user: string, password: string, sql: string): Promise<string>;
  /** Subject and serial number of the certificate that clients are shown. */
  certificate(): Promise<string>;
  /** Puts another certificate for a name in the place of the mounted one. */
  renewCertificate(name: string): Promise<void>;
  /** Writes the mounted list of users. */
  setUsers(text: string): Promise<void>;
  /** Tries to write a file as root where the pooler runs. */
  write(path: string): Promise<string>;
  ids(): Promise<{ uid: number; gid: number }>;
  /** Start of its process, in ticks since the machine's. */
  startedAt(): Promise<string>;
  until(holds: () => Promise<boolean>): Promise<void>;
  stop(): Promise<void>;
}

export interface PoolerOptions {
  readonly env: Env;
  /** Mounts a certificate. */
  readonly certificate?: string;
  /** Gives the certificate out as the authority of client certificates, too. */
  readonly authority?: boolean;
  /** The mounted list of users; one made from the environment when absent. */
  readonly users?: string;
  /** The mounted file with further settings. */
  readonly extra?: string;
}

/** Starts PgBouncer by the script and waits until it listens. */
export async function startPooler(options: PoolerOptions): Promise<Running> {
  const folder = await Deno.makeTempDir({ prefix: "pooler-" });
  await Deno.chmod(folder, 0o755);
  const files = {
    users: `${folder}/userlist.txt`,
    extra: `${folder}/extra.ini`,
    certificate: `${folder}/tls.crt`,
    key: `${folder}/tls.key`,
    run: `${folder}/run`,
  };
  await Deno.mkdir(files.run);
  await Deno.chown(files.run, IDS.uid, IDS.gid);
  if (options.users !== undefined) await Deno.writeTextFile(files.users, options.users);
  if (options.extra !== undefined) await Deno.writeTextFile(files.extra, options.extra);
  if (options.certificate !== undefined) await makeCertificate(files, options.certificate);
  const port = freePort();
  const tls = options.certificate === undefined ? {} : {
    CONNECTION_POOLER_CLIENT_TLS_CRT: files.certificate,
    CONNECTION_POOLER_CLIENT_TLS_KEY: files.key,
    ...(options.authority ? { CONNECTION_POOLER_CLIENT_CA_FILE: files.certificate } : {}),
  };
  const child = launch(files.run, {
    ...options.env,
    ...tls,
    CONNECTION_POOLER_PORT: String(port),
    PGBOUNCER_listen_addr: "127.0.0.1",
    POOLER_DIRECTORY: files.run,
    POOLER_USER_LIST: files.users,
    POOLER_EXTRA_SETTINGS: files.extra,
  });
  const log = new Response(child.stderr).text();
  const stop = async () => {
    try {
      child.kill("SIGKILL");
    } catch {
      // It has ended by itself.
    }
    await child.status;
    const said = await log;
    await Deno.remove(folder, { recursive: true });
    return said;
  };
  const isUp = () => Deno.connect({ port }).then((socket) => (socket.close(), true), () => false);
  try {
    await until(isUp);
  } catch (error) {
    throw new Error(`the pooler does not listen: ${await stop()}`, { cause: error });
  }
  return running({ port, pid: child.pid, files, stop: async () => void await stop() });
}

/** A mount namespace whose root is read-only but for one directory. */
function launch(writable: string, env: Env): Deno.ChildProcess {
  const script = [
    "mount --make-rprivate /",
    `mount --bind ${writable} ${writable}`,
    "mount -o remount,bind,ro /",
    `exec setpriv --reuid=${IDS.uid} --regid=${IDS.gid} --clear-groups ${SCRIPT}`,
  ].join(" && ");
  return new Deno.Command("unshare", {
    args: ["--mount", "sh", "-c", script],
    env: { PATH, ...env },
    clearEnv: true,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
}

interface Parts {
  readonly port: number;
  readonly pid: number;
  readonly files: Readonly<Record<"users" | "certificate" | "key", string>>;
  readonly stop: () => Promise<void>;
}

function running({ port, pid, files, stop }: Parts): Running {
  const at = ["-h", "127.0.0.1", "-p", `${port}`];
  const psql = (user: string, sql: string, database: string, env: Env) =>
    mustRun("psql", ["-XAt", ...at, "-U", user, "-d", database, "-c", sql], {
      PGSSLMODE: "require",
      PGCONNECT_TIMEOUT: "5",
      ...env,
    });
  return {
    query: (user, password, sql, database = "postgres") =>
      psql(user, sql, database, { PGPASSWORD: password }),
    async queryWithCertificate(user, password, sql) {
      // libpq takes only a key of whoever runs it.
      const key = `${files.key}.client`;
      await Deno.copyFile(files.key, key);
      await Deno.chown(key, Deno.uid(), Deno.gid());
      await Deno.chmod(key, 0o600);
      const certificate = { PGSSLCERT: files.certificate, PGSSLKEY: key };
      return await psql(user, sql, "postgres", { PGPASSWORD: password, ...certificate });
    },
    async certificate() {
      const connect = ["s_client", "-starttls", "postgres", "-connect", `127.0.0.1:${port}`];
      const { stdout } = await run("openssl", connect);
      const [pem = ""] = /-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/.exec(stdout) ??
        [];
      const file = await Deno.makeTempFile();
      await Deno.writeTextFile(file, pem);
      const shown = await mustRun("openssl", [
        "x509",
        "-noout",
        "-subject",
        "-serial",
        "-in",
        file,
      ]);
      await Deno.remove(file);
      return shown;
    },
    renewCertificate: (name) => makeCertificate(files, name),
    setUsers: (text) => Deno.writeTextFile(files.users, text),
    write: (path) => mustRun("nsenter", ["--target", `${pid}`, "--mount", "touch", path]),
    async ids() {
      const status = await Deno.readTextFile(`/proc/${pid}/status`);
      const id = (name: string) => Number(new RegExp(`^${name}:\\t(\\d+)`, "m").exec(status)?.[1]);
      return { uid: id("Uid"), gid: id("Gid") };
    },
    startedAt: async () =>
      (await Deno.readTextFile(`/proc/${pid}/stat`)).split(") ")[1]?.split(" ")[19] ?? "",
    until,
    stop,
  };
}

/** Puts a new certificate where the old one is, as a renewed Secret appears in a mount: at once. */
async function makeCertificate(
  { certificate, key }: { certificate: string; key: string },
  name: string,
): Promise<void> {
  const made = { certificate: `${certificate}.new`, key: `${key}.new` };
  const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const out = ["-out", made.certificate, "-keyout", made.key];
  await mustRun("openssl", ["req", "-new", "-x509", ...kind, "-subj", `/CN=${name}`, ...out]);
  for (const file of [made.certificate, made.key]) await Deno.chown(file, IDS.uid, IDS.gid);
  await Deno.rename(made.key, key);
  await Deno.rename(made.certificate, certificate);
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + LIMIT_MS;
  while (!await holds()) {
    if (Date.now() > end) throw new Error(`it did not become so within ${LIMIT_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}
