/**
 * `deno task local`: the operator as a Pod of a cluster on this machine, by the shipped manifests, with
 * a PostgreSQL cluster in the namespace `test` and the debug API on a port of this machine.
 */
import { parseAllDocuments, stringify } from "yaml";
import { tools } from "../../charts/helm.ts";
import { type LocalOptions, parseLocalOptions, USAGE } from "./options.ts";
import { findPlace, KUBECONFIG, type Place } from "./places.ts";
import { run } from "./programs.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const NAMESPACE = "test";
const CLUSTER = "acid-minimal-cluster";
/** Images are pulled in kind. */
const LIMIT = "--timeout=10m";

type Kubectl = (args: readonly string[], stdin?: string) => Promise<string>;
type Undo = (() => Promise<unknown> | void)[];

interface Session {
  readonly options: LocalOptions;
  readonly place: Place;
  readonly kubectl: Kubectl;
  readonly ended: Promise<void>;
  readonly undo: Undo;
}

async function main(args: readonly string[]): Promise<number> {
  const options = parseLocalOptions(args);
  if (options.help) {
    say(USAGE.trimEnd());
    return 0;
  }
  const { kubectl: program } = await tools();
  const kubectl: Kubectl = (args, stdin) =>
    run([program, "--kubeconfig", KUBECONFIG, ...args], stdin === undefined ? {} : { stdin });
  const place = await findPlace(options.on, say);
  await Deno.mkdir(`${ROOT}dist`, { recursive: true });
  const up = await kubectl(["version", "--request-timeout=3s"]).then(() => true, () => false);
  say(`${options.rebuild ? "building the operator" : "looking for a built operator"}`);
  await place.build(options.rebuild);
  if (up && options.rebuild) return await exchange(kubectl);
  if (up && place.name === "devcluster") {
    throw new Error(`an environment is up already: KUBECONFIG=${KUBECONFIG}`);
  }
  const undo: Undo = [];
  try {
    await bringUp({ options, place, kubectl, ended: interruption(), undo }, program);
    return 0;
  } finally {
    for (const step of undo.reverse()) await step();
  }
}

/** The Deployment makes a new pod of what was built. */
async function exchange(kubectl: Kubectl): Promise<number> {
  await kubectl(["rollout", "restart", "deployment/postgres-operator"]);
  await kubectl(["rollout", "status", "deployment/postgres-operator", LIMIT]);
  say("the operator was exchanged");
  return 0;
}

async function bringUp(session: Session, program: string): Promise<void> {
  const { options, place, kubectl, ended, undo } = session;
  const started = await place.start();
  undo.push(() => started.stop());
  say(`cluster is up (${place.name}): export KUBECONFIG=${KUBECONFIG}`);
  await kubectl(["apply", "-f", "-"], await operatorObjects(kubectl, place.image));
  await kubectl(["rollout", "status", "deployment/postgres-operator", LIMIT]);
  say("operator is up: kubectl logs deployment/postgres-operator");
  await kubectl(["apply", "-f", "-"], exampleObjects(started.postgresMajor));
  const running = "--for=jsonpath={.status.PostgresClusterStatus}=Running";
  await kubectl(["wait", `postgresql/${CLUSTER}`, "-n", NAMESPACE, running, LIMIT]);
  say(await kubectl(["get", "postgresql,pods,services", "-n", NAMESPACE]));
  const url = await forward(session, program);
  say(`debug API: curl ${url}/clusters/${NAMESPACE}/${CLUSTER}/plan`);
  if (options.once) return;
  say(
    "everything stays up until Ctrl-C; deno task local --rebuild-operator exchanges the operator",
  );
  await ended;
}

/** The shipped manifests with another image. */
async function operatorObjects(kubectl: Kubectl, image: string): Promise<string> {
  const text = await kubectl(["kustomize", `${ROOT}manifests`]);
  const objects = parseAllDocuments(text).map((document) =>
    document.toJS() as Record<string, unknown>
  );
  const deployment = objects.find(({ kind }) => kind === "Deployment") as
    | { spec: { template: { spec: { containers: { image: string }[] } } } }
    | undefined;
  const [container] = deployment?.spec.template.spec.containers ?? [];
  if (container === undefined) throw new Error("cannot find the Deployment in manifests/");
  container.image = image;
  return objects.map((object) => stringify(object)).join("---\n");
}

function exampleObjects(postgresMajor: string | undefined): string {
  const text = Deno.readTextFileSync(`${ROOT}manifests/minimal-postgres-manifest.yaml`);
  const [document] = parseAllDocuments(text);
  const example = document?.toJS() as {
    metadata: { namespace?: string };
    spec: { postgresql: { version: string } };
  };
  example.metadata.namespace = NAMESPACE;
  if (postgresMajor !== undefined) example.spec.postgresql.version = postgresMajor;
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } };
  return [namespace, example].map((object) => stringify(object)).join("---\n");
}

/** Forwards the debug API and resolves with its address once it answers. */
async function forward({ options, undo }: Session, program: string): Promise<string> {
  const args = ["--kubeconfig", KUBECONFIG, "port-forward", "service/postgres-operator"];
  const stop = new AbortController();
  const over = keepForwarding([program, ...args, `${options.port}:8080`], stop.signal);
  undo.push(async () => {
    stop.abort();
    await over;
  });
  const url = `http://localhost:${options.port}`;
  for (let attempt = 0; attempt < 100; attempt++) {
    const response = await fetch(`${url}/readyz`).catch(() => undefined);
    await response?.body?.cancel();
    if (response?.ok) return url;
    await pause(100);
  }
  throw new Error(`cannot reach the debug API at ${url}: is the port taken? --port names another`);
}

/** `kubectl port-forward` ends with its pod; the operator's next pod is found by a new one. */
async function keepForwarding(command: readonly string[], signal: AbortSignal): Promise<void> {
  const [program = "", ...args] = command;
  while (!signal.aborted) {
    const child = new Deno.Command(program, {
      args,
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    const end = () => child.kill("SIGTERM");
    signal.addEventListener("abort", end);
    await child.status;
    signal.removeEventListener("abort", end);
    if (!signal.aborted) await pause(500);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function interruption(): Promise<void> {
  return new Promise((resolve) => {
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      Deno.addSignalListener(name, () => resolve());
    }
  });
}

function say(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}

if (import.meta.main) {
  try {
    Deno.exit(await main(Deno.args));
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    Deno.exit(1);
  }
}
