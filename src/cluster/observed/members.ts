/**
 * Questions asked of Patroni's member list; pure.
 * Zalando: pkg/cluster/pod.go, getSwitchoverCandidate.
 */

import type { PatroniMember } from "../../ports/ports.ts";

/** States in which a member can take over. */
const HEALTHY_STATES = new Set(["running", "streaming", "in archive recovery"]);

/** True for whoever leads, in a standby cluster too. */
export function isLeader(member: PatroniMember): boolean {
  return member.role === "leader" || member.role === "standby_leader" ||
    member.role === "master" || member.role === "primary";
}

/** True for a member whose postmaster is up. */
export function isHealthy(member: PatroniMember): boolean {
  return HEALTHY_STATES.has(member.state);
}

/** Roles that Patroni gives to members that have every acknowledged write. */
const SYNCHRONOUS_ROLES = new Set(["sync_standby", "quorum_standby"]);

/**
 * Picks who should lead next among `allowed` pods: a synchronous standby with the least lag, else
 * (unless synchronous mode demands one) the healthy replica with the least lag. Unknown lag comes
 * last.
 */
export function switchoverCandidate(
  members: readonly PatroniMember[],
  allowed: ReadonlySet<string>,
  synchronousMode: boolean,
): PatroniMember | undefined {
  const lag = (member: PatroniMember) => member.lagBytes ?? Number.MAX_SAFE_INTEGER;
  const least = (list: PatroniMember[]) => list.sort((a, b) => lag(a) - lag(b))[0];
  const healthy = members.filter((member) =>
    !isLeader(member) && isHealthy(member) && allowed.has(member.name)
  );
  const synchronous = least(healthy.filter(({ role }) => SYNCHRONOUS_ROLES.has(role)));
  return synchronous ?? (synchronousMode ? undefined : least(healthy));
}
