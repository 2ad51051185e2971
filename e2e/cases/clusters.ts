/** Manifests of the scenarios, and questions that many of them ask. */
import type { Postgresql } from "../../src/api/types.gen.ts";
import type { KubeObject, Pod, StatefulSet } from "../../src/kubernetes/types.gen.ts";
import type { Scene } from "../support/crash_run.ts";
import { readManifest } from "../support/test_cluster.ts";

/** The name of the minimal cluster. */
export const MINIMAL = "acid-minimal-cluster";

/** The example with the least in it, in a namespace, with other values of its spec. */
export function minimalCluster(
  namespace: string,
  spec: Readonly<Record<string, unknown>> = {},
  name = MINIMAL,
): KubeObject {
  const [example] = readManifest("minimal-postgres-manifest.yaml");
  if (example === undefined) throw new Error("manifests/minimal-postgres-manifest.yaml is empty");
  return {
    ...example,
    metadata: { name, namespace },
    spec: { ...example["spec"] as Record<string, unknown>, ...spec },
  };
}

/** The manifest as the API server has it. */
export function manifestOf(
  { cluster, namespace }: Scene,
  name = MINIMAL,
): Postgresql | undefined {
  return cluster.view.get("Postgresql", namespace, name) as Postgresql | undefined;
}

/** `PostgresClusterStatus`; empty where there is none. */
export function statusOf(scene: Scene, name = MINIMAL): string {
  return manifestOf(scene, name)?.status?.PostgresClusterStatus ?? "";
}

/** True when the status speaks of the latest change of the manifest and says Running. */
export function isRunning(scene: Scene, name = MINIMAL): boolean {
  const manifest = manifestOf(scene, name);
  return manifest?.status?.PostgresClusterStatus === "Running" &&
    manifest.status.observedGeneration === manifest.metadata.generation;
}

/** The pods of a cluster that run PostgreSQL. */
export function podsOf({ cluster, namespace }: Scene, name = MINIMAL): Pod[] {
  return cluster.view.list("Pod", namespace).filter(({ metadata }) =>
    metadata.labels?.["cluster-name"] === name && metadata.labels["application"] === "spilo"
  ) as Pod[];
}

/** Its StatefulSet. */
export function statefulSetOf(
  { cluster, namespace }: Scene,
  name = MINIMAL,
): StatefulSet | undefined {
  return cluster.view.get("StatefulSet", namespace, name) as StatefulSet | undefined;
}

/** What Patroni says that a pod is: `master`, `replica` or nothing yet. */
export function roleOf(pod: KubeObject): string | undefined {
  return pod.metadata.labels?.["spilo-role"];
}

/** True when all containers of a pod are ready and it is not on its way out. */
export function isReady(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp === undefined &&
    (pod.status?.conditions ?? []).some(({ type, status }) =>
      type === "Ready" && status === "True"
    );
}

/** The image of the container in which PostgreSQL runs. */
export function imageOf(pod: Pod): string | undefined {
  return pod.spec?.containers.find(({ name }) => name === "postgres")?.image;
}
