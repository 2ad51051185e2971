/** State of a cluster and its members in the stand-in for Patroni. */

import type { Spilo } from "./spilo.ts";
import type { StateStore } from "./state_store.ts";
import type { Config } from "./dynamic_config.ts";

export interface MemberState {
  readonly spilo: Spilo;
  up: boolean;
  pendingRestart: boolean;
  /** When PostgreSQL last started. */
  startedAt: string;
}

/** One cluster, from its first member until its state is deleted. */
export interface ClusterState {
  readonly key: string;
  readonly members: Map<string, MemberState>;
  /** Names of members that have data, so need no bootstrap. */
  readonly initialized: Set<string>;
  readonly store: StateStore;
  config: Config;
  leader: string | undefined;
  timeline: number;
  /** Of the data directory, which an upgrade alone changes. */
  major: number;
  /** One change at a time. */
  work: Promise<unknown>;
}

/** What a REST request may do to its cluster. */
export interface MemberActions {
  configure(change: Config, how: "merge" | "replace"): Promise<Config>;
  switchTo(candidate: string): Promise<void>;
  restarted(member: MemberState): Promise<void>;
}

/** The version that the stand-in says it is. */
export const PATRONI_VERSION = "4.0.7";

/** A member's role in Patroni's words. */
export function roleOf(cluster: ClusterState, { spilo }: MemberState): string {
  if (cluster.leader !== spilo.pod) return "replica";
  return cluster.config.standby_cluster ? "standby_leader" : "primary";
}
