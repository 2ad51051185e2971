/**
 * The operator as a child process, as a person would start it beside a cluster.
 *
 * Cluster names resolve only inside pods, so it is told to find databases by their Service's
 * address. It dies with the demo, however that ends.
 */

/** What to run and with what. */
export interface OperatorOptions {
  /** A compiled operator; the source when absent. */
  readonly binary?: string;
  readonly kubeconfig: string;
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
  /** What to run instead of the operator: a command with its flags. */
  readonly command?: readonly string[];
}

/** A running operator. */
export interface OperatorProcess {
  readonly pid: number;
  /** Settles when it has ended, for whatever reason. */
  readonly exited: Promise<{ readonly how: string }>;
  /** TERM, and KILL when that is not enough. */
  stop(): Promise<void>;
  /** Its last log lines. */
  tail(): Promise<string[]>;
}

const STOP_MS = 10_000;
const TAIL_LINES = 12;

/** Starts the operator. */
export async function startOperator(options: OperatorOptions): Promise<OperatorProcess> {
  const log = await Deno.open(options.logFile, { create: true, write: true, truncate: true });
  const flags = options.command ?? [
    "--plan-requests",
    ...["--outofcluster", "--noteamsapi", "--databaseaddress=cluster-ip"],
    ...["--kubeconfig", options.kubeconfig],
  ];
  const source = new URL("../../src/main.ts", import.meta.url).pathname;
  const program = options.binary === undefined
    ? [Deno.execPath(), "run", "--allow-all", source]
    : [await Deno.realPath(options.binary)];
  const child = new Deno.Command("/usr/bin/setsid", {
    args: [
      ...["/usr/bin/setpriv", "--pdeathsig", "KILL"],
      ...program,
      ...flags,
    ],
    env: { ...options.env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const written = Promise.all([copy(child.stdout, log), copy(child.stderr, log)]);
  let over = false;
  const exited = written.then(() => child.status).then(({ code, signal }) => {
    over = true;
    log.close();
    return { how: signal === null ? `ended with code ${code}` : `was ended by ${signal}` };
  });
  return {
    pid: child.pid,
    exited,
    async stop() {
      if (over) return;
      child.kill("SIGTERM");
      const timer = setTimeout(() => over || child.kill("SIGKILL"), STOP_MS);
      await exited;
      clearTimeout(timer);
    },
    async tail() {
      const text = await Deno.readTextFile(options.logFile).catch(() => "");
      return text.trimEnd().split("\n").slice(-TAIL_LINES);
    },
  };
}

async function copy(from: ReadableStream<Uint8Array>, to: Deno.FsFile): Promise<void> {
  for await (const bytes of from) {
    for (let at = 0; at < bytes.length;) at += await to.write(bytes.subarray(at));
  }
}
