/** Says in words what a new cluster still lacks (demo; pure). */
import type { KubeObject } from "../../src/kubernetes/types.gen.ts";

/** What the API server holds of the cluster at one moment. */
export interface ClusterState {
  readonly cluster: KubeObject | undefined;
  readonly statefulSet: KubeObject | undefined;
  readonly pods: readonly KubeObject[];
  readonly service: KubeObject | undefined;
  readonly ownerSecret: KubeObject | undefined;
}

/** What is missing before anybody can connect; undefined when nothing is. */
export function missingBeforeConnect(state: ClusterState): string | undefined {
  const { cluster, statefulSet, service, ownerSecret, pods } = state;
  if (!statefulSet) return `the operator to make a StatefulSet${statusOf(cluster)}`;
  if (!ownerSecret) return "the Secret with the database owner's password";
  if (!service) return "the primary's Service";
  const first = pods[0];
  if (!first) return "the first pod";
  const trouble = pods.map(troubleOf).find((text) => text !== undefined);
  if (trouble) return trouble;
  if (!pods.some((pod) => roleOf(pod) === "master")) return "Patroni to elect a primary";
  return undefined;
}

/** What is missing before the whole cluster is there; undefined when nothing is. */
export function missingAfterConnect(state: ClusterState, wanted: number): string | undefined {
  const { pods, cluster } = state;
  const replicas = pods.filter((pod) => roleOf(pod) === "replica").length;
  if (replicas < wanted - 1) return `replicas: ${replicas} of ${wanted - 1}`;
  const status = statusWord(cluster);
  return status === "Running" ? undefined : `the operator to report Running${statusOf(cluster)}`;
}

/** The role that Patroni has written on a pod. */
export function roleOf(pod: KubeObject): string | undefined {
  return pod.metadata.labels?.["spilo-role"];
}

function statusWord(cluster: KubeObject | undefined): string | undefined {
  const status = cluster?.["status"] as { PostgresClusterStatus?: string } | undefined;
  return status?.PostgresClusterStatus;
}

function statusOf(cluster: KubeObject | undefined): string {
  const word = statusWord(cluster);
  return word === undefined ? "" : ` (it says ${word})`;
}

interface ContainerStatus {
  readonly state?: { readonly waiting?: { readonly reason?: string; readonly message?: string } };
}

/** A pod that cannot start says why. */
function troubleOf(pod: KubeObject): string | undefined {
  const status = pod["status"] as { containerStatuses?: ContainerStatus[]; phase?: string };
  const waiting = status?.containerStatuses?.map((each) => each.state?.waiting)
    .find((each) => each?.reason !== undefined);
  if (waiting) {
    const why = waiting.message === undefined ? "" : `: ${waiting.message}`;
    return `pod ${pod.metadata.name} (${waiting.reason}${why})`;
  }
  return status?.phase === "Pending" ? `pod ${pod.metadata.name} to start` : undefined;
}
