/** The objects that the demo applies and looks at, over the operator's own client. */
import { parseAllDocuments } from "yaml";
import { createKubeClient, type KubeClient } from "../../src/clients/kube/client.ts";
import { connectKube } from "../../src/clients/kube/connection/credentials.ts";
import type { KubeObject } from "../../src/kubernetes/types.gen.ts";
import { silentLogger } from "../../src/testing/silent_logger.ts";
import type { ClusterState } from "./progress.ts";

const NAMESPACE = "default";

/** A client of the dev cluster. */
export interface DemoClient {
  readonly kube: KubeClient;
  close(): void;
}

/** Connects with a kubeconfig. */
export async function connectDemo(kubeconfig: string): Promise<DemoClient> {
  const connection = await connectKube({ kubeconfig, from: "kubeconfig" });
  return {
    kube: createKubeClient({ connection, logger: silentLogger() }),
    close: () => connection.close(),
  };
}

/** Reads the objects of a file in `manifests/`. */
export function readManifest(name: string): KubeObject[] {
  const text = Deno.readTextFileSync(new URL(`../../manifests/${name}`, import.meta.url));
  return parseAllDocuments(text).map((document) => document.toJS() as KubeObject | null)
    .filter((object) => object !== null);
}

/** The minimal example in a PostgreSQL version that this machine has. */
export function minimalCluster(major: string): KubeObject {
  const [example] = readManifest("minimal-postgres-manifest.yaml");
  const spec = example!["spec"] as Record<string, unknown>;
  return {
    ...example!,
    metadata: { ...example!.metadata, namespace: NAMESPACE },
    spec: { ...spec, postgresql: { version: major } },
  };
}

/** The operator's settings: the example's, with a port for its debug API that is free here. */
export function operatorSettings(apiPort: number): KubeObject {
  const [settings] = readManifest("configmap.yaml");
  const data = settings!["data"] as Record<string, string>;
  return {
    ...settings!,
    metadata: { ...settings!.metadata, namespace: NAMESPACE },
    data: { ...data, api_port: String(apiPort) },
  };
}

/** Makes objects; those without a namespace that need one go to `default`. */
export async function createAll(
  kube: KubeClient,
  objects: readonly KubeObject[],
  signal: AbortSignal,
): Promise<void> {
  for (const object of objects) await kube.create(object, { signal });
}

/** Reads what the progress is told from. */
export async function readState(
  kube: KubeClient,
  cluster: KubeObject,
  signal: AbortSignal,
): Promise<ClusterState> {
  const name = cluster.metadata.name!;
  const owner = databaseOf(cluster).owner;
  const get = (apiVersion: string, kind: string, name: string) =>
    kube.get({ apiVersion, kind, namespace: NAMESPACE, name }, { signal });
  const [current, statefulSet, service, ownerSecret, pods] = await Promise.all([
    get(cluster.apiVersion, cluster.kind, name),
    get("apps/v1", "StatefulSet", name),
    get("v1", "Service", name),
    get("v1", "Secret", secretName(cluster, owner)),
    kube.list({ apiVersion: "v1", kind: "Pod" }, {
      signal,
      namespace: NAMESPACE,
      labelSelector: `cluster-name=${name}`,
    }),
  ]);
  return { cluster: current, statefulSet, service, ownerSecret, pods: pods.items };
}

/** The example's database and the role that owns it. */
export function databaseOf(cluster: KubeObject): { database: string; owner: string } {
  const { databases } = cluster["spec"] as { databases: Record<string, string> };
  const [database, owner] = Object.entries(databases)[0]!;
  return { database, owner };
}

/** The Secret with a role's password. */
export function secretName(cluster: KubeObject, role: string): string {
  const user = role.replaceAll("_", "-");
  return `${user}.${cluster.metadata.name}.credentials.postgresql.acid.zalan.do`;
}
