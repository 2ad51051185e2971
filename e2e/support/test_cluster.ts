/**
 * A cluster for scenarios: the dev cluster, or with KUBECONFIG in the environment the one that it
 * names. Everything that a scenario makes is taken away with it.
 */
import { parse, parseAllDocuments } from "yaml";
import { createKubeClient, type KubeClient } from "../../src/clients/kube/client.ts";
import { connectKube } from "../../src/clients/kube/connection/credentials.ts";
import type { KubeConnection } from "../../src/clients/kube/connection/connection.ts";
import { KubeError } from "../../src/clients/kube/errors.ts";
import { RESOURCES } from "../../src/ports/resources.gen.ts";
import type { KubeObject } from "../../src/kubernetes/types.gen.ts";
import { silentLogger } from "../../src/testing/silent_logger.ts";
import { type DevCluster, type DevClusterOptions, startDevCluster } from "../devcluster/mod.ts";
import { type ClusterView, startClusterView } from "./cluster_view.ts";
import { connectByToken } from "./connection.ts";
import { freePort, type OperatorProcess, startOperatorProcess, tail } from "./operator_process.ts";

/** Where operators of tests keep their configuration. */
export const OPERATOR_NAMESPACE = "default";

export interface TestClusterOptions {
  /** `stub` unless told; a cluster that KUBECONFIG names has its own. */
  readonly runtime?: "stub" | "process";
  readonly stub?: DevClusterOptions["stub"];
  /** Fixed tokens of users, beside the administrator's; of the dev cluster only. */
  readonly tokens?: NonNullable<DevClusterOptions["tokens"]>;
  readonly audit?: NonNullable<DevClusterOptions["audit"]>;
  readonly upgradeAsksCreate?: boolean;
  /** Nodes of the dev cluster; one unless told. */
  readonly nodes?: number;
  /**
   * Objects that an administrator makes first: the operator's ServiceAccount and the roles of
   * operator and pods. Those of `manifests/` unless told.
   */
  readonly roles?: readonly KubeObject[];
  /** Whether the definitions of our kinds are there before any operator. `present` unless told. */
  readonly crds?: "present" | "absent";
}

/** What one operator of a test is told. */
export interface OperatorOptions {
  /** Keys of its ConfigMap beside those that every test needs. */
  readonly config?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly flags?: readonly string[];
  /** Another way to the API server than the cluster's own. */
  readonly kubeconfig?: string;
  /** Resolves at once instead of when the operator looks after clusters. */
  readonly wait?: "ready" | "no";
}

/** A running operator and where its debug API is. */
export interface TestOperator extends OperatorProcess {
  readonly debugUrl: string;
  /** Name of its ConfigMap, in `OPERATOR_NAMESPACE`. */
  readonly configMap: string;
}

/** A cluster that runs. */
export interface TestCluster {
  readonly connection: KubeConnection;
  readonly client: KubeClient;
  /** Everything in it; without our own kinds where their definitions are absent. */
  readonly view: ClusterView;
  /** A kubeconfig of an administrator. */
  readonly kubeconfig: string;
  /** What operators of tests have: the token of the shipped ServiceAccount, bound to its role. */
  readonly operatorToken: string;
  readonly operatorKubeconfig: string;
  /** The dev cluster, unless the cluster is another one. */
  readonly dev: DevCluster | undefined;
  /** For files of the test. */
  readonly directory: string;
  /** Makes a namespace. */
  namespace(): Promise<string>;
  /** Takes a namespace away without waiting for its end. */
  drop(namespace: string): Promise<void>;
  create(object: KubeObject): Promise<KubeObject>;
  /** Merge patch, of a subresource where one is named. */
  patch(object: KubeObject, body: unknown, subresource?: string): Promise<KubeObject>;
  delete(object: KubeObject): Promise<void>;
  /** Writes a ConfigMap for an operator and gives its name; the port of its debug API is free. */
  configure(config?: Readonly<Record<string, string>>): Promise<OperatorSettings>;
  operator(options?: OperatorOptions): Promise<TestOperator>;
  stop(): Promise<void>;
}

export interface OperatorSettings {
  readonly configMap: string;
  readonly debugUrl: string;
}

/** Settings that suit tests: short waits, and what fails is tried again soon. */
const TEST_CONFIG = {
  repair_period: "5s",
  enable_teams_api: "false",
  workers: "4",
};

/** The stand-in for PostgreSQL of the stub runtime answers no SQL. */
const STUB_FLAGS = ["--nodatabaseaccess"];

function mergePatch(body: unknown, signal: AbortSignal, subresource: string | undefined) {
  const patch = { type: "merge", body, signal } as const;
  return subresource === undefined ? patch : { ...patch, subresource };
}

/** Starts everything. */
export async function startTestCluster(options: TestClusterOptions = {}): Promise<TestCluster> {
  const undo: (() => Promise<unknown> | void)[] = [];
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const directory = await Deno.makeTempDir({ prefix: "operator-test-" });
    undo.push(() => Deno.remove(directory, { recursive: true }));
    const { dev, kubeconfig, connection } = await reach(options, undo);
    const client = createKubeClient({
      connection,
      logger: silentLogger(),
      // Told apart from the operator where only that one's requests fail.
      userAgent: "scenario",
    });
    await install(client, options.roles ?? readManifest(ROLES_FILE));
    if (options.crds !== "absent") await installCrds(client);
    const operator = await operatorAccess(client, kubeconfig, directory);
    const view = await startClusterView(
      client,
      options.crds === "absent" ? VIEWED_WITHOUT_CRDS : undefined,
    );
    undo.push(() => view.stop());
    const signal = AbortSignal.timeout(24 * 3600_000);
    const made = new Set<string>();
    undo.push(async () => {
      if (dev !== undefined) return; // it goes as a whole
      for (const name of made) await dropNamespace(client, name);
    });
    const base = { connection, client, view, kubeconfig, ...operator, dev, directory };

    const configure = (config?: Readonly<Record<string, string>>) => writeConfig(client, config);

    return {
      ...base,
      configure,
      async namespace() {
        const name = `t-${crypto.randomUUID().slice(0, 6)}`;
        made.add(name);
        await client.create({ apiVersion: "v1", kind: "Namespace", metadata: { name } }, {
          signal,
        });
        return name;
      },
      async drop(namespace) {
        made.delete(namespace);
        await dropNamespace(client, namespace);
      },
      create: (object) => client.create(object, { signal }),
      patch: (object, body, subresource) =>
        client.patch(refTo(object), mergePatch(body, signal, subresource)),
      async delete(object) {
        await client.delete(refTo(object), { signal });
      },
      async operator(given = {}) {
        const settings = await configure(given.config);
        const started = launchOperator(base, settings, given);
        undo.push(async () => void await started.stop());
        if (given.wait !== "no") await started.untilLogged(/looking after/);
        return { ...started, ...settings };
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Starts an operator by its settings. */
export function launchOperator(
  cluster: Pick<TestCluster, "operatorKubeconfig" | "dev">,
  { configMap }: OperatorSettings,
  { kubeconfig, env, flags }: OperatorOptions = {},
): OperatorProcess {
  const binary = Deno.env.get("OPERATOR_BINARY");
  return startOperatorProcess({
    kubeconfig: kubeconfig ?? cluster.operatorKubeconfig,
    env: {
      OPERATOR_NAMESPACE,
      CONFIG_MAP_NAME: configMap,
      WATCHED_NAMESPACE: "*",
      CRD_READY_WAIT_INTERVAL: "1s",
      ...env,
    },
    flags: flags ?? (isStub(cluster.dev) ? STUB_FLAGS : []),
    ...(binary ? { program: [Deno.realPathSync(binary)] } : {}),
  });
}

function isStub(dev: DevCluster | undefined): boolean {
  return dev === undefined || dev.stub !== undefined;
}

/** The end of an operator's log, to explain a failure with. */
export function explainBy(operator: OperatorProcess): () => string {
  return () => `last lines of the operator's log:\n${tail(operator.log())}`;
}

async function reach(options: TestClusterOptions, undo: (() => Promise<unknown> | void)[]) {
  const given = Deno.env.get("KUBECONFIG");
  if (given) {
    const connection = await connectKube({ kubeconfig: given, from: "kubeconfig" });
    undo.push(() => connection.close());
    return { dev: undefined, kubeconfig: given, connection };
  }
  const dev = await startDevCluster({
    runtime: options.runtime ?? "stub",
    ...(options.stub === undefined ? {} : { stub: options.stub }),
    ...(options.nodes === undefined ? {} : { nodes: options.nodes }),
    ...(options.tokens === undefined ? {} : { tokens: options.tokens }),
    ...(options.audit === undefined ? {} : { audit: options.audit }),
    ...(options.upgradeAsksCreate === undefined
      ? {}
      : { upgradeAsksCreate: options.upgradeAsksCreate }),
  });
  undo.push(() => dev.stop());
  const { url, adminToken: token, caPem } = dev;
  const connection = connectByToken({ url, token, caPem });
  undo.push(() => connection.close());
  return { dev, kubeconfig: dev.kubeconfig, connection };
}

/** The shipped ServiceAccount. */
const OPERATOR_ACCOUNT = { namespace: "default", name: "postgres-operator" };
const TOKEN_SECONDS = 24 * 3600;

/**
 * Asks for a token of the shipped ServiceAccount and writes a kubeconfig with it, so that operators
 * of tests may do what the shipped role grants and nothing else.
 */
async function operatorAccess(client: KubeClient, adminKubeconfig: string, directory: string) {
  const { apiVersion, kind } = RESOURCES.ServiceAccount;
  const answer = await client.createSubresource({ apiVersion, kind, ...OPERATOR_ACCOUNT }, {
    apiVersion: "authentication.k8s.io/v1",
    kind: "TokenRequest",
    metadata: {},
    spec: { expirationSeconds: TOKEN_SECONDS },
  }, { subresource: "token", signal: AbortSignal.timeout(SERVED_LIMIT_MS) });
  const operatorToken = (answer as KubeObject & { status: { token: string } }).status.token;
  const operatorKubeconfig = `${directory}/operator.kubeconfig`;
  const text = asUser(await Deno.readTextFile(adminKubeconfig), operatorToken);
  await Deno.writeTextFile(operatorKubeconfig, text);
  return { operatorToken, operatorKubeconfig };
}

/** A kubeconfig's current cluster with a user that has a token and nothing else. */
function asUser(kubeconfig: string, token: string): string {
  const config = parse(kubeconfig) as {
    "current-context": string;
    contexts: { name: string; context: Record<string, unknown> }[];
  };
  const contexts = config.contexts.filter(({ name }) => name === config["current-context"])
    .map(({ name, context }) => ({ name, context: { ...context, user: "operator" } }));
  return JSON.stringify({ ...config, users: [{ name: "operator", user: { token } }], contexts });
}

const VIEWED_WITHOUT_CRDS = ["Pod", "Service", "Secret", "Event"] as const;

/** Reads the objects of a file in `manifests/`. */
export function readManifest(name: string): KubeObject[] {
  const text = Deno.readTextFileSync(new URL(`../../manifests/${name}`, import.meta.url));
  return parseAllDocuments(text).map((document) => document.toJS() as KubeObject | null)
    .filter((object) => object !== null);
}

const ROLES_FILE = "operator-service-account-rbac.yaml";
const CRD_FILES = [
  "postgresql.crd.yaml",
  "operatorconfiguration.crd.yaml",
  "postgresteam.crd.yaml",
];
const SERVED_PAUSE_MS = 50;
const SERVED_LIMIT_MS = 15_000;

/** Makes what is not there yet. */
async function install(client: KubeClient, objects: readonly KubeObject[]): Promise<void> {
  const signal = AbortSignal.timeout(SERVED_LIMIT_MS);
  for (const object of objects) {
    await client.create(object, { signal }).catch((error) => {
      if (!(error instanceof KubeError) || error.status !== 409) throw error;
    });
  }
}

async function installCrds(client: KubeClient): Promise<void> {
  const signal = AbortSignal.timeout(SERVED_LIMIT_MS);
  await install(client, CRD_FILES.flatMap(readManifest));
  const { apiVersion, kind } = RESOURCES.Postgresql;
  while (!await client.list({ apiVersion, kind }, { signal }).then(() => true, () => false)) {
    signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, SERVED_PAUSE_MS));
  }
}

async function writeConfig(
  client: KubeClient,
  config: Readonly<Record<string, string>> = {},
): Promise<OperatorSettings> {
  const port = freePort();
  const configMap = `operator-${crypto.randomUUID().slice(0, 8)}`;
  const object = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: configMap, namespace: OPERATOR_NAMESPACE },
    data: { ...TEST_CONFIG, api_port: String(port), ...config },
  };
  await client.create(object, { signal: AbortSignal.timeout(SERVED_LIMIT_MS) });
  return { configMap, debugUrl: `http://127.0.0.1:${port}` };
}

async function dropNamespace(client: KubeClient, name: string): Promise<void> {
  const signal = AbortSignal.timeout(SERVED_LIMIT_MS);
  await client.delete({ apiVersion: "v1", kind: "Namespace", name }, { signal });
}

function refTo({ apiVersion, kind, metadata }: KubeObject) {
  const { namespace, name = "" } = metadata;
  return { apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }) };
}
