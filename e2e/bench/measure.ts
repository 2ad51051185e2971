/** What a benchmark is made of: an operator as one user behind a counting proxy, and clusters. */
import { parseAllDocuments } from "yaml";
import type { KubeObject } from "../../src/kubernetes/types.gen.ts";
import { minimalCluster } from "../cases/clusters.ts";
import { type ApiProxy, type ProxiedRequest, startApiProxy } from "../support/api_proxy.ts";
import { connectByToken, kubeconfigText } from "../support/connection.ts";
import { proxyCertificate } from "../support/crash_proxy.ts";
import type { OperatorProcess } from "../support/operator_process.ts";
import {
  launchOperator,
  readManifest,
  startTestCluster,
  type TestCluster,
} from "../support/test_cluster.ts";

/** Which ClusterRole the operator has. */
export type Role = "ours" | "the reference's";

const TOKEN = "token-of-the-operator";
const USER = "system:serviceaccount:default:postgres-operator";

/** A cluster in which an operator runs whose requests are counted. */
export interface Bench {
  readonly cluster: TestCluster;
  readonly operator: OperatorProcess;
  readonly debugUrl: string;
  /** From its start until `/readyz` said so. */
  readonly readyMs: number;
  /** Every request so far, as `VERB resource`. */
  readonly requests: readonly string[];
  /** Ends this operator and starts another one. */
  restart(): Promise<Bench>;
  stop(): Promise<void>;
}

/** Starts a cluster and an operator with a role. */
export async function startBench(
  role: Role,
  config: Readonly<Record<string, string>> = {},
): Promise<Bench> {
  const groups = ["system:serviceaccounts", "system:serviceaccounts:default"];
  const cluster = await startTestCluster({
    tokens: { [TOKEN]: { name: USER, groups } },
    roles: roleObjects(role),
  });
  try {
    return await startOperator(cluster, await countingProxy(cluster), config);
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

interface CountingProxy extends ApiProxy {
  readonly kubeconfig: string;
  readonly requests: string[];
}

async function countingProxy({ dev, directory }: TestCluster): Promise<CountingProxy> {
  if (dev === undefined) throw new Error("cannot measure on another cluster than the dev cluster");
  const certificate = await proxyCertificate();
  const requests: string[] = [];
  const upstream = connectByToken({ url: dev.url, token: TOKEN, caPem: dev.caPem });
  const proxy = startApiProxy({
    upstream,
    certificate,
    hooks: {
      arrived(request) {
        requests.push(describeRequest(request));
        return "pass";
      },
    },
  });
  const kubeconfig = `${directory}/counted.kubeconfig`;
  await Deno.writeTextFile(kubeconfig, kubeconfigText(proxy.url, certificate.caPem));
  const stop = async () => {
    await proxy.stop();
    upstream.close();
  };
  return { ...proxy, stop, kubeconfig, requests };
}

async function startOperator(
  cluster: TestCluster,
  proxy: CountingProxy,
  config: Readonly<Record<string, string>>,
): Promise<Bench> {
  const settings = await cluster.configure({ debug_logging: "false", ...config });
  const { debugUrl } = settings;
  const startMs = performance.now();
  const operator = launchOperator(cluster, settings, { kubeconfig: proxy.kubeconfig });
  await untilReady(debugUrl, operator);
  const readyMs = performance.now() - startMs;
  return {
    cluster,
    operator,
    debugUrl,
    readyMs,
    requests: proxy.requests,
    async restart() {
      await operator.stop();
      return await startOperator(cluster, proxy, config);
    },
    async stop() {
      await operator.stop();
      await proxy.stop();
      await cluster.stop();
    },
  };
}

function roleObjects(role: Role): KubeObject[] {
  const shipped = readManifest("operator-service-account-rbac.yaml");
  if (role === "ours") return shipped;
  const text = Deno.readTextFileSync(
    new URL("testdata/reference_cluster_role.yaml", import.meta.url),
  );
  const [reference] = parseAllDocuments(text).map((it) => it.toJS() as KubeObject);
  return shipped.map((object) =>
    object.kind === "ClusterRole" && object.metadata.name === "postgres-operator" && reference
      ? reference
      : object
  );
}

const READY_PAUSE_MS = 10;
const READY_LIMIT_MS = 60_000;

async function untilReady(debugUrl: string, operator: OperatorProcess): Promise<void> {
  const deadline = performance.now() + READY_LIMIT_MS;
  while (performance.now() < deadline) {
    const answer = await fetch(`${debugUrl}/readyz`).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, READY_PAUSE_MS));
  }
  throw new Error(`the operator was not ready in time:\n${operator.log().slice(-10).join("\n")}`);
}

/** `VERB resource`, with `watch` and `list` apart from `get`. */
export function describeRequest({ method, path, query }: ProxiedRequest): string {
  const parts = path.replace(/^\/(api|apis\/[^/]+)\/[^/]+\//, "").split("/");
  const [first = "", namespace, ...rest] = parts;
  const namespaced = first === "namespaces" && namespace !== undefined && rest.length > 0;
  const [resource = "", name, subresource] = namespaced ? rest : parts;
  const reads = query.get("watch") === "true" ? "watch" : name === undefined ? "list" : "get";
  const verb = method === "GET" ? reads : method.toLowerCase();
  return [verb, resource, ...subresource === undefined ? [] : [`(${subresource})`]].join(" ");
}

/** How often each request was made, the most frequent first. */
export function tally(requests: readonly string[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const request of requests) counts.set(request, (counts.get(request) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a);
}

/** Makes so many clusters in a new namespace and gives the namespace. */
export async function makeClusters(
  { cluster }: Bench,
  count: number,
  instances: number,
): Promise<string> {
  const namespace = await cluster.namespace();
  const names = Array.from({ length: count }, (_, index) => `acid-bench-${index}`);
  const spec = { numberOfInstances: instances };
  await Promise.all(names.map((name) => cluster.create(minimalCluster(namespace, spec, name))));
  return namespace;
}

/** Resident memory of a process in MiB. */
export async function residentMib(pid: number): Promise<number> {
  const text = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(/^VmRSS:\s+(\d+)/m.exec(text)?.[1] ?? 0) / 1024;
}

/** Processor time that a process has used, in milliseconds. */
export async function processorMs(pid: number): Promise<number> {
  const text = await Deno.readTextFile(`/proc/${pid}/stat`);
  // Behind the name, which may hold spaces: fields 14 and 15, in hundredths of a second.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Waits. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
