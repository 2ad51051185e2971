/**
 * The members of a cluster, from pods and from what Patroni keeps in their annotations: no member is
 * asked, and an annotation that is not understood leaves its figures unknown. Pure.
 */

import type { ObservedCluster } from "../../cluster/observed/cluster.ts";
import { POSTGRES_CONTAINER } from "../../cluster/desired/names.ts";
import { isMember, roleOf, waitsForRestart } from "../../cluster/observed/pods.ts";
import type { MemberView } from "../../debug/overview_shapes.ts";
import type { Pod } from "../../kubernetes/types.gen.ts";

/** What Patroni writes into the annotation `status` of its pod. */
interface PatroniNote {
  readonly state: string;
  readonly timeline: number | undefined;
  /** Position in the WAL in bytes; absent while the server is down. */
  readonly position: number | undefined;
}

/** One line a pod, in the order of the pods. */
export function membersOf(
  pods: readonly Pod[],
  patroni: ObservedCluster["patroni"],
  roleLabel: string,
): MemberView[] {
  const notes = new Map(pods.map((pod) => [pod, noteOf(pod)]));
  const primaries = pods.filter((pod) => roleOf(pod, roleLabel) === "primary");
  const head = primaries.length === 1 ? notes.get(primaries[0]!)?.position : undefined;
  const told = patroni?.known ? patroni.value.members : [];
  return pods.map((pod) => {
    const { state, timeline, position } = notes.get(pod)!;
    const role = roleOf(pod, roleLabel);
    const known = told.find(({ name }) => name === pod.metadata.name);
    const lag = head === undefined || position === undefined
      ? known?.lagBytes ?? null
      : Math.max(0, head - position);
    return {
      ...podLines(pod),
      role: role ?? "",
      state: state || known?.state || "",
      ready: isMember(pod, roleLabel),
      timeline: timeline ?? known?.timeline ?? null,
      lagBytes: role === "replica" ? lag : null,
      pendingRestart: waitsForRestart(pod),
    };
  });
}

function podLines(pod: Pod) {
  const { metadata, spec, status } = pod;
  const container = status?.containerStatuses?.find(({ name }) => name === POSTGRES_CONTAINER);
  return {
    name: metadata.name ?? "",
    node: spec?.nodeName ?? "",
    address: status?.podIP ?? "",
    phase: metadata.deletionTimestamp === undefined ? status?.phase ?? "" : "Terminating",
    restarts: container?.restartCount ?? 0,
    started: metadata.creationTimestamp ?? "",
  };
}

/** Patroni: patroni/dcs/kubernetes.py, touch_member. */
function noteOf(pod: Pod): PatroniNote {
  const note = parsed(pod.metadata.annotations?.["status"]);
  const { state, timeline, xlog_location: position, replication_state: replication } = note;
  const word = typeof replication === "string" ? replication : state;
  return {
    state: typeof word === "string" ? word : "",
    timeline: typeof timeline === "number" ? timeline : undefined,
    position: typeof position === "number" ? position : undefined,
  };
}

function parsed(text: string | undefined): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text ?? "{}");
    return typeof value === "object" && value !== null ? value as Record<string, unknown> : {};
  } catch {
    return {};
  }
}
