/**
 * `deno task demo`: from nothing to a PostgreSQL that answers, on this machine alone.
 *
 * Installs what is missing, starts a dev cluster with real processes and the operator as a child,
 * applies the minimal example, connects through the primary's Service, and takes everything away
 * again, whichever way it ends.
 */
import { requireProcessSupport } from "../devcluster/kubelet/process/machine.ts";
import { type DevCluster, startDevCluster } from "../devcluster/mod.ts";
import { ensurePackages } from "../devcluster/packages.ts";
import { ensureNewestMajor } from "../devcluster/postgres_majors.ts";
import type { KubeObject } from "../../src/kubernetes/types.gen.ts";
import {
  connectDemo,
  createAll,
  databaseOf,
  type DemoClient,
  minimalCluster,
  operatorSettings,
  readManifest,
  readState,
} from "./cluster_objects.ts";
import { askDatabase, type DatabaseAnswer, type Login, loginOf } from "./database.ts";
import { type OperatorProcess, startOperator } from "./operator_process.ts";
import { type DemoOptions, parseDemoOptions, USAGE } from "./options.ts";
import { missingAfterConnect, missingBeforeConnect, roleOf } from "./progress.ts";
import { createScreen, type Missing, type Screen } from "./screen.ts";
import { summaryLines } from "./summary.ts";

const LIMIT_MS = 120_000;

/** What has been started, and what it is shown on. */
interface Demo {
  /** Port of the operator's debug API. */
  readonly apiPort: number;
  readonly screen: Screen;
  readonly signal: AbortSignal;
  readonly options: DemoOptions;
  readonly directory: string;
  readonly cluster: DevCluster;
  readonly client: DemoClient;
}

async function main(args: readonly string[]): Promise<number> {
  const options = parseDemoOptions(args);
  const write = (line: string) => Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
  if (options.help) {
    write(USAGE.trimEnd());
    return 0;
  }
  const screen = createScreen(write, () => performance.now());
  const abort = abortOnSignals();
  const undo: { what: string; step: () => Promise<unknown> | void }[] = [];
  try {
    await run({ options, screen, abort, undo });
    return 0;
  } catch (error) {
    const { reason } = abort.signal;
    screen.say(messageOf(reason instanceof Interrupted ? reason : error));
    return reason instanceof Interrupted ? 130 : 1;
  } finally {
    for (const { what, step } of undo.reverse()) {
      screen.say(what);
      await step();
    }
    screen.say("gone: no process, mount, port or file of the demo is left");
  }
}

interface Run {
  readonly options: DemoOptions;
  readonly screen: Screen;
  readonly abort: AbortController;
  readonly undo: { what: string; step: () => Promise<unknown> | void }[];
}

async function run({ options, screen, abort, undo }: Run): Promise<void> {
  const { signal } = abort;
  requireProcessSupport();
  const say = (line: string) => screen.say(line);
  await ensurePackages({ log: say });
  const postgresMajors = await ensureNewestMajor(say);
  signal.throwIfAborted();
  const major = postgresMajors.at(-1)!;
  screen.say(`packages are there: Patroni, PgBouncer, PostgreSQL ${postgresMajors.join(", ")}`);

  const directory = await Deno.makeTempDir({ prefix: "postgres-operator-demo-" });
  undo.push({
    what: "removing files",
    step: () => Deno.remove(directory, { recursive: true }),
  });
  const cluster = await startDevCluster({
    runtime: "process",
    kubeletDirectory: `${directory}/kubelet`,
    onError: (error) => appendLog(`${directory}/cluster.log`, error),
  });
  undo.push({ what: "stopping the dev cluster", step: () => cluster.stop() });
  const client = await connectDemo(cluster.kubeconfig);
  undo.push({ what: "closing connections", step: () => client.close() });
  screen.say(`dev cluster is up at ${cluster.url}`);

  const demo: Demo = { apiPort: freePort(), screen, signal, options, directory, cluster, client };
  const operator = await bringUpOperator(demo);
  undo.push({ what: "stopping the operator", step: () => operator.stop() });
  operator.exited.then(({ how }) => abort.abort(new Error(`the operator ${how}`)));
  try {
    await showCluster(demo, minimalCluster(major));
  } catch (error) {
    if (!(signal.reason instanceof Interrupted)) await showOperatorLog(screen, operator);
    throw error;
  }
  if (options.ui) {
    const ui = await startUi(demo);
    undo.push({ what: "stopping the web UI", step: () => ui.stop() });
  }
  if (options.keep) await untilInterrupted(demo, operator);
}

async function bringUpOperator(demo: Demo): Promise<OperatorProcess> {
  const { screen, signal, options, client, cluster, directory } = demo;
  const settings = operatorSettings(demo.apiPort);
  await createAll(client.kube, [
    ...readManifest("operator-service-account-rbac.yaml"),
    settings,
  ], signal);
  const operator = await startOperator({
    ...(options.operator === undefined ? {} : { binary: options.operator }),
    kubeconfig: cluster.kubeconfig,
    env: { CONFIG_MAP_NAME: settings.metadata.name!, WATCHED_NAMESPACE: "default" },
    logFile: `${directory}/operator.log`,
  });
  screen.say(`operator started: process ${operator.pid}, ${options.operator ?? "from source"}`);
  return operator;
}

/** The web UI, on which whoever has the kubeconfig's token may do all. */
async function startUi(demo: Demo): Promise<OperatorProcess> {
  const { screen, options, cluster, directory, apiPort } = demo;
  const port = freePort();
  const ui = await startOperator({
    ...(options.operator === undefined ? {} : { binary: options.operator }),
    kubeconfig: cluster.kubeconfig,
    env: { OPERATOR_API_URL: `http://127.0.0.1:${apiPort}` },
    logFile: `${directory}/ui.log`,
    command: [
      "ui",
      ...["--address", "127.0.0.1", "--port", String(port)],
      ...["--kubeconfig", cluster.kubeconfig, "--allow-writes"],
    ],
  });
  screen.say(`web UI: http://127.0.0.1:${port}/, sign in with the token that this prints:`);
  screen.plain("  kubectl config view --raw -o 'jsonpath={.users[0].user.token}'");
  return ui;
}

async function showCluster(demo: Demo, cluster: KubeObject): Promise<void> {
  const { screen, signal, client } = demo;
  const { kube } = client;
  const wait = (ask: () => Promise<"done" | Missing>) =>
    screen.waitFor(ask, { limitMs: LIMIT_MS, signal });
  await wait(async () =>
    await isServed(kube, cluster, signal) ? "done" : {
      missing: "the operator to register the kind postgresql",
    }
  );
  await createAll(kube, [cluster], signal);
  const name = cluster.metadata.name!;
  const spec = cluster["spec"] as { numberOfInstances: number; postgresql: { version: string } };
  const size = spec.numberOfInstances;
  screen.say(`applied ${name}: PostgreSQL ${spec.postgresql.version}, ${size} members`);

  let answer: DatabaseAnswer | undefined;
  let login: Login | undefined;
  await wait(async () => {
    const state = await readState(kube, cluster, signal);
    const missing = missingBeforeConnect(state);
    if (missing !== undefined) return { missing };
    login = loginOf(state.service!, state.ownerSecret!, databaseOf(cluster).database);
    try {
      answer = await askDatabase(login);
      return "done";
    } catch (error) {
      return { missing: `the database to let ${login.user} in (${messageOf(error)})` };
    }
  });
  screen.say(`first answer: ${answer!.version}`);
  await wait(async () => {
    const missing = missingAfterConnect(await readState(kube, cluster, signal), size);
    return missing === undefined ? "done" : { missing };
  });
  const { pods } = await readState(kube, cluster, signal);
  const members = pods.map((pod) => ({
    name: pod.metadata.name!,
    role: roleOf(pod) ?? "",
    address: (pod["status"] as { podIP?: string }).podIP ?? "",
  }));
  const latest = await askDatabase(login!);
  const lines = summaryLines({
    answer: latest,
    members,
    login: login!,
    cluster: name,
    kubeconfig: demo.cluster.kubeconfig,
  });
  for (const line of lines) screen.plain(line);
}

async function untilInterrupted(demo: Demo, operator: OperatorProcess): Promise<void> {
  demo.screen.plain("");
  demo.screen.say(`dashboard: http://127.0.0.1:${demo.apiPort}/ui/`);
  demo.screen.say(`everything stays up until Ctrl-C; operator log: ${demo.directory}/operator.log`);
  await new Promise<void>((resolve) => {
    if (demo.signal.aborted) return resolve();
    demo.signal.addEventListener("abort", () => resolve(), { once: true });
  });
  if (demo.signal.reason instanceof Interrupted) return;
  await showOperatorLog(demo.screen, operator);
  throw demo.signal.reason;
}

async function showOperatorLog(screen: Screen, operator: OperatorProcess): Promise<void> {
  screen.plain("the operator's last lines:");
  for (const line of await operator.tail()) screen.plain(`  ${line}`);
}

async function isServed(
  kube: DemoClient["kube"],
  { apiVersion, kind }: KubeObject,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await kube.list({ apiVersion, kind }, { signal, namespace: "default" });
    return true;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}

/** Somebody asked for the end; nothing is wrong. */
class Interrupted extends Error {
  override readonly name = "Interrupted";
}

function abortOnSignals(): AbortController {
  const abort = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    Deno.addSignalListener(name, () => abort.abort(new Interrupted(`${name}: ending the demo`)));
  }
  return abort;
}

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}

function appendLog(path: string, error: unknown): void {
  Deno.writeTextFileSync(path, `${messageOf(error)}\n`, { append: true });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

if (import.meta.main) Deno.exit(await main(Deno.args));
