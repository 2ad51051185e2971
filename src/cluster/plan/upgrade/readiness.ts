/**
 * Whether the members of a cluster are fit for a major version upgrade; pure. The script upgrades
 * the primary and copies its files to the replicas: one that is away or behind would be lost.
 *
 * Zalando: pkg/cluster/majorversionupgrade.go, majorVersionUpgrade
 */

import type { Pod } from "../../../kubernetes/types.gen.ts";
import type { ObservedPatroni } from "../../observed/cluster.ts";
import { isLeader } from "../../observed/members.ts";
import { patroniSwitch } from "../../observed/patroni_rules.ts";
import type { PatroniMember, PatroniMemberState } from "../../../ports/ports.ts";

const MOST_LAG_BYTES = 16 * 1024 * 1024;
/** The first Patroni that tells whether a replica streams. */
const STREAMING_SINCE = [3, 0, 4];
const LEADING_ROLES = ["master", "primary", "standby_leader"];
const UP_STATES = ["running", "streaming"];

/** The member that leads, by its own word. */
export interface Leader {
  readonly pod: Pod;
  readonly state: PatroniMemberState;
  /** It follows another cluster. */
  readonly standby: boolean;
}

/** The pods that say of themselves that they lead; more than one is a fault. */
export function leadersOf(pods: readonly Pod[], patroni: ObservedPatroni): Leader[] {
  return pods.flatMap((pod) => {
    const state = patroni.states.get(pod.metadata.name ?? "");
    if (state?.known !== true || !LEADING_ROLES.includes(state.value.role)) return [];
    return [{ pod, state: state.value, standby: state.value.role === "standby_leader" }];
  });
}

/** Why an upgrade cannot begin yet, in words that stay the same while the cause does. */
export function unfitness(
  pods: readonly Pod[],
  patroni: ObservedPatroni,
  leader: Leader,
): string | undefined {
  const silent = pods.find((pod) => !runs(pod, patroni));
  if (silent !== undefined) return `PostgreSQL does not run in ${silent.metadata.name}`;
  if (patroniSwitch(patroni.config["pause"]) === true) return "Patroni is paused";
  if (patroni.members.length !== pods.length) {
    return `Patroni knows ${patroni.members.length} members, but there are ${pods.length} pods`;
  }
  const tells = tellsStreaming(leader.state.patroniVersion);
  for (const member of patroni.members) {
    const reason = isLeader(member) ? undefined : unfitReplica(member, tells);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

function runs(pod: Pod, patroni: ObservedPatroni): boolean {
  const state = patroni.states.get(pod.metadata.name ?? "");
  return state?.known === true && UP_STATES.includes(state.value.state);
}

function unfitReplica(member: PatroniMember, tellsStreaming: boolean): string | undefined {
  if (tellsStreaming && member.state !== "streaming") {
    return `replica ${member.name} does not stream from the primary`;
  }
  if (member.lagBytes === undefined) return `the lag of replica ${member.name} is not known`;
  if (member.lagBytes > MOST_LAG_BYTES) return `replica ${member.name} lags by more than 16 MiB`;
  return undefined;
}

/** An unreadable version counts as a new one. */
function tellsStreaming(version: string | undefined): boolean {
  const parts = /^(\d+)\.(\d+)(?:\.(\d+))?/.exec(version ?? "")?.slice(1).map((part) =>
    Number(part ?? 0)
  );
  if (parts === undefined) return true;
  const index = parts.findIndex((part, at) => part !== STREAMING_SINCE[at]);
  return index === -1 || (parts[index] ?? 0) > (STREAMING_SINCE[index] ?? 0);
}
