/** The status of a cluster as data: what `kubectl pg status` shows, and prints with `-o json`. */

import type { Postgresql } from "../../api/types.gen.ts";
import type { CronJob, Deployment, Pod } from "../../kubernetes/types.gen.ts";
import type { Observation } from "../../ports/observation.ts";
import { describePod, isFlagged, isMember, roleOf } from "../../cluster/observed/pods.ts";
import type { Certificate } from "./certificate.ts";

export interface MemberView {
  readonly name: string;
  readonly role: string;
  readonly state: string;
  readonly timeline: number | undefined;
  /** Bytes behind the primary; undefined where either position is not known. */
  readonly lagBytes: number | undefined;
  /** PostgreSQL waits for a restart, or the pod is to be recreated. */
  readonly restart: "" | "pending" | "marked";
  readonly ready: boolean;
  readonly node: string;
  readonly since: string | undefined;
  readonly restarts: number;
}

/** Everything that was read; each part may be unknown. */
export interface StatusParts {
  readonly cr: Postgresql;
  readonly pods: Observation<readonly Pod[]>;
  readonly cronJobs: Observation<readonly CronJob[]>;
  readonly poolers: Observation<readonly Deployment[]>;
  readonly certificate: Observation<Certificate | undefined>;
  readonly roleLabel: string;
}

/** What Patroni keeps in an annotation of its pod. */
interface PatroniNote {
  readonly state?: string;
  readonly xlog_location?: number;
  readonly timeline?: number;
  readonly pending_restart?: boolean;
  readonly replication_state?: string;
}

/** The members as their pods and Patroni's notes on them say. */
export function membersOf(pods: readonly Pod[], roleLabel: string): MemberView[] {
  const notes = pods.map(noteOf);
  const leader = pods.findIndex((pod) => roleOf(pod, roleLabel) === "primary");
  const position = notes[leader]?.xlog_location;
  return pods.map((pod, index) => memberOf(pod, roleLabel, notes[index] ?? {}, position));
}

function memberOf(
  pod: Pod,
  roleLabel: string,
  note: PatroniNote,
  position: number | undefined,
): MemberView {
  const role = roleOf(pod, roleLabel) ?? "none";
  const member = isMember(pod, roleLabel);
  const statuses = pod.status?.containerStatuses ?? [];
  const at = note.xlog_location;
  return {
    name: pod.metadata.name ?? "",
    role,
    state: member
      ? note.replication_state ?? note.state ?? "running"
      : describePod(pod, roleLabel).replace(`${pod.metadata.name} `, ""),
    timeline: note.timeline,
    lagBytes: role === "primary" || at === undefined || position === undefined
      ? undefined
      : Math.max(0, position - at),
    restart: isFlagged(pod) ? "marked" : note.pending_restart === true ? "pending" : "",
    ready: member,
    node: pod.spec?.nodeName ?? "",
    since: pod.metadata.creationTimestamp,
    restarts: statuses.reduce((sum, { restartCount = 0 }) => sum + restartCount, 0),
  };
}

function noteOf({ metadata }: Pod): PatroniNote {
  try {
    const value: unknown = JSON.parse(metadata.annotations?.["status"] ?? "{}");
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}
