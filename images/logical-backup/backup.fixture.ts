/**
 * The surroundings of a backup job: API server, store, the way there, and programs of PostgreSQL that
 * behave as a test wants. The script and rclone are real.
 */
import { ObjectStore } from "./stores.fixture.ts";

const SCRIPT = new URL("dump.sh", import.meta.url).pathname;
const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Secrets that must not show up anywhere. */
export const CANARIES = {
  token: "canary-token-51c0",
  password: "canary-password-8a77",
  s3: "canary-s3-secret-0f0f",
  azure: btoa("canary-azure-key-2222"),
};

type Env = Readonly<Record<string, string>>;

/** A pod as the fake API server lists it. */
export interface FakePod {
  readonly name: string;
  readonly role?: "master" | "replica";
  readonly node?: string;
  readonly ip?: string;
  readonly ready?: boolean;
}

export interface Result {
  readonly code: number;
  /** Standard output and error. */
  readonly log: string;
  /** The termination message. */
  readonly message: Record<string, unknown>;
  /** Arguments of all programs that were started. */
  readonly args: string;
  /** Address that was dumped from. */
  readonly source: string;
}

export interface Surroundings {
  readonly store: ObjectStore;
  pods: readonly FakePod[];
  /** Runs the job to its end. */
  readonly run: (env: Env) => Promise<Result>;
  /** Runs it, and sends TERM once `when` holds. */
  readonly interrupt: (env: Env, when: () => boolean) => Promise<Result>;
}

/** What an operator sets for a provider. */
export function environment(provider: "s3" | "gcs" | "az", folder: string, endpoint: string): Env {
  const common = {
    SCOPE: "acid-a",
    CLUSTER_NAME_LABEL: "cluster-name",
    POD_NAMESPACE: "default",
    PG_VERSION: "15",
    PGPORT: "5432",
    PGUSER: "postgres",
    PGDATABASE: "postgres",
    PGSSLMODE: "require",
    PGPASSWORD: CANARIES.password,
    LOGICAL_BACKUP_PROVIDER: provider,
    LOGICAL_BACKUP_S3_BUCKET: "bucket",
    LOGICAL_BACKUP_S3_BUCKET_PREFIX: "spilo",
    LOGICAL_BACKUP_S3_BUCKET_SCOPE_SUFFIX: "/uid-1",
  };
  switch (provider) {
    case "s3":
      return {
        ...common,
        LOGICAL_BACKUP_S3_REGION: "eu-central-1",
        LOGICAL_BACKUP_S3_ENDPOINT: endpoint,
        LOGICAL_BACKUP_S3_SSE: "AES256",
        LOGICAL_BACKUP_S3_RETENTION_TIME: "",
        AWS_ACCESS_KEY_ID: "access-key",
        AWS_SECRET_ACCESS_KEY: CANARIES.s3,
      };
    case "gcs":
      return { ...common, LOGICAL_BACKUP_GOOGLE_APPLICATION_CREDENTIALS: `${folder}/google.json` };
    case "az":
      return {
        ...common,
        LOGICAL_BACKUP_AZURE_STORAGE_ACCOUNT_NAME: "account",
        LOGICAL_BACKUP_AZURE_STORAGE_CONTAINER: "container",
        LOGICAL_BACKUP_AZURE_STORAGE_ACCOUNT_KEY: CANARIES.azure,
      };
  }
}

/** The folder of dumps of `environment`, as the store names it. */
export function folderOf(provider: "s3" | "gcs" | "az"): string {
  const path = "bucket/spilo/acid-a/uid-1/logical_backups";
  return provider === "az" ? `container/${path}` : path;
}

const PROGRAMS: Readonly<Record<string, string>> = {
  psql: "echo ${FAKE_SIZE:-1000000}",
  pg_isready: '[ "${FAKE_READY:-yes}" = yes ]',
  pg_dumpall: `printf %s "$PGHOST" >"$FAKE_FOLDER/source"
case $FAKE_DUMP in
start) echo 'pg_dumpall: error: no connection' >&2; exit 1 ;;
middle) head -c 20000000 /dev/urandom; exit 3 ;;
slow) head -c 20000000 /dev/urandom; sleep 60 ;;
large) head -c 20000000 /dev/urandom ;;
*) echo '-- a dump' ;;
esac`,
};

/** Makes the surroundings and takes them away. */
export async function withSurroundings(
  use: (surroundings: Surroundings, folder: string, endpoint: string) => Promise<void>,
  hostname = "127.0.0.1",
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "backup-" });
  const store = new ObjectStore();
  const undo: (() => Promise<unknown> | void)[] = [
    () => Deno.remove(folder, { recursive: true }),
  ];
  try {
    const tls = await makeFiles(folder);
    const state = { pods: [{ name: "acid-a-0", role: "master" as const, ip: "10.0.0.1" }] };
    const handler = (request: Request) =>
      new URL(request.url).pathname.startsWith("/api/v1/")
        ? answerPods(request, state.pods)
        : store.handle(request);
    const quiet = { port: 0, onListen: () => {} };
    const secure = Deno.serve({ ...quiet, ...tls, hostname }, handler);
    const plain = Deno.serve({ ...quiet, hostname: "127.0.0.1" }, handler);
    const proxy = startProxy(secure.addr);
    undo.push(() => secure.shutdown(), () => plain.shutdown(), () => proxy.close());
    const base: Env = {
      PATH: `${folder}/bin:${PATH}`,
      PG_DIR: `${folder}/postgresql`,
      FAKE_FOLDER: folder,
      HOSTNAME: "the-job",
      KUBERNETES_SERVICE_HOST: hostname,
      KUBERNETES_SERVICE_PORT: String(secure.addr.port),
      KUBERNETES_ACCOUNT_DIRECTORY: folder,
      TERMINATION_MESSAGE_PATH: `${folder}/message`,
      LOGICAL_BACKUP_CONNECT_RETRY_DELAY: "0",
      HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`,
      NO_PROXY: "127.0.0.1,::1",
      SSL_CERT_FILE: `${folder}/ca.crt`,
      RCLONE_LOW_LEVEL_RETRIES: "1",
    };
    const start = (env: Env) => launch({ ...base, ...env });
    const surroundings: Surroundings = {
      store,
      get pods() {
        return state.pods;
      },
      set pods(pods) {
        (state as { pods: readonly FakePod[] }).pods = pods;
      },
      run: (env) => ended(start(env), folder),
      async interrupt(env, when) {
        const child = start(env);
        const result = ended(child, folder);
        while (!when()) await new Promise((resolve) => setTimeout(resolve, 50));
        child.kill("SIGTERM");
        return await result;
      },
    };
    await use(surroundings, folder, `http://127.0.0.1:${plain.addr.port}`);
  } finally {
    for (const step of undo.reverse()) await step();
  }
}

function launch(env: Env): Deno.ChildProcess {
  return new Deno.Command(SCRIPT, {
    env: { ...env },
    clearEnv: true,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

async function ended(child: Deno.ChildProcess, folder: string): Promise<Result> {
  const [{ code }, stdout, stderr] = await Promise.all([
    child.status,
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  const read = (name: string) => Deno.readTextFile(`${folder}/${name}`).catch(() => "");
  return {
    code,
    log: stdout + stderr,
    message: JSON.parse(await read("message") || "{}"),
    args: await read("args"),
    source: await read("source"),
  };
}

/** Certificates, account, key file and programs. */
async function makeFiles(folder: string): Promise<{ cert: string; key: string }> {
  const names = [
    "DNS:*.blob.core.windows.net",
    "DNS:storage.googleapis.com",
    "DNS:oauth2.googleapis.com",
    "DNS:*.s3.eu-central-1.amazonaws.com",
    "IP:127.0.0.1",
    "IP:::1",
  ];
  await must("openssl", [
    ...["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test"],
    ...["-addext", `subjectAltName=${names.join()}`],
    ...["-keyout", `${folder}/tls.key`, "-out", `${folder}/ca.crt`],
  ]);
  const key = await Deno.readTextFile(`${folder}/tls.key`);
  const google = {
    type: "service_account",
    client_email: "backup@example.iam.gserviceaccount.com",
    private_key_id: "1",
    private_key: key,
    token_uri: "https://oauth2.googleapis.com/token",
  };
  await Deno.writeTextFile(`${folder}/google.json`, JSON.stringify(google));
  await Deno.writeTextFile(`${folder}/token`, CANARIES.token);
  const bin = `${folder}/postgresql/15/bin`;
  await Deno.mkdir(bin, { recursive: true });
  await Deno.mkdir(`${folder}/bin`);
  const note = `printf '%s %s\\n' "$0" "$*" >>"$FAKE_FOLDER/args"`;
  for (const [name, text] of Object.entries(PROGRAMS)) {
    await script(`${bin}/${name}`, `${note}\n${text}`);
  }
  for (const name of ["rclone", "curl"]) {
    await script(`${folder}/bin/${name}`, `${note}\nexec /usr/bin/${name} "$@"`);
  }
  return { cert: await Deno.readTextFile(`${folder}/ca.crt`), key };
}

async function script(path: string, text: string): Promise<void> {
  await Deno.writeTextFile(path, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
}

async function must(program: string, args: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, { args: [...args] }).output();
  if (!success) throw new Error(`cannot run ${program}: ${new TextDecoder().decode(stderr)}`);
}

function answerPods(request: Request, pods: readonly FakePod[]): Response {
  const url = new URL(request.url);
  if (request.headers.get("authorization") !== `Bearer ${CANARIES.token}`) {
    return new Response("Unauthorized", { status: 401 });
  }
  if (url.pathname === "/api/v1/namespaces/default/pods/the-job") {
    return Response.json({ spec: { nodeName: "near" } });
  }
  if (url.searchParams.get("labelSelector") !== "cluster-name=acid-a") {
    return new Response("not found", { status: 404 });
  }
  const items = pods.map(({ name, role, node = "far", ip, ready = true }) => ({
    metadata: { name, labels: role === undefined ? {} : { "spilo-role": role } },
    spec: { nodeName: node },
    status: { podIP: ip, conditions: [{ type: "Ready", status: ready ? "True" : "False" }] },
  }));
  return Response.json({ items });
}

/** Tunnels every host to one server, so that programs may use the providers' own names. */
function startProxy(target: Deno.NetAddr): { port: number; close: () => void } {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Deno.Conn>();
  const tunnel = async (client: Deno.Conn) => {
    const head = new Uint8Array(4096);
    await client.read(head);
    const server = await Deno.connect({ hostname: target.hostname, port: target.port });
    open.add(server);
    await client.write(new TextEncoder().encode("HTTP/1.1 200 Connection established\r\n\r\n"));
    await Promise.allSettled([
      client.readable.pipeTo(server.writable),
      server.readable.pipeTo(client.writable),
    ]);
    open.delete(client);
    open.delete(server);
  };
  const accept = async () => {
    for await (const client of listener) {
      open.add(client);
      tunnel(client).catch(() => {});
    }
  };
  accept().catch(() => {});
  const close = () => {
    listener.close();
    for (const connection of open) {
      try {
        connection.close();
      } catch {
        // It has ended by itself.
      }
    }
  };
  return { port: listener.addr.port, close };
}
