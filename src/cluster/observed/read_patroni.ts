/** Asks Patroni for its configuration, its members, and the state of each; reads only. */

import type { Pod } from "../../kubernetes/types.gen.ts";
import { known, type Observation, unknown } from "../../ports/observation.ts";
import type { PatroniApi, PatroniMemberState } from "../../ports/ports.ts";
import type { PodRef } from "../../ports/requests.ts";
import type { ObservedPatroni } from "./cluster.ts";
import { isMember, podRef } from "./pods.ts";

/** Reads from the first member that answers; unknown when none does. */
export async function readPatroni(
  api: PatroniApi,
  pods: readonly Pod[],
  roleLabel: string,
  signal: AbortSignal,
): Promise<Observation<ObservedPatroni>> {
  const members = pods.filter((pod) => isMember(pod, roleLabel)).map(podRef);
  const failures: string[] = [];
  for (const member of members) {
    try {
      const [config, cluster] = await Promise.all([
        api.getConfig(member, signal),
        api.getCluster(member, signal),
      ]);
      const states = await readStates(api, members, signal);
      return known({ config, members: cluster, states });
    } catch (error) {
      signal.throwIfAborted();
      failures.push(error instanceof Error ? error.message : String(error));
    }
  }
  return unknown(failures[0] ?? "no member of the cluster is up to ask");
}

async function readStates(
  api: PatroniApi,
  members: readonly PodRef[],
  signal: AbortSignal,
): Promise<ObservedPatroni["states"]> {
  const states = new Map<string, Observation<PatroniMemberState>>();
  await Promise.all(members.map(async (member) => {
    try {
      states.set(member.name, known(await api.getMember(member, signal)));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      states.set(member.name, unknown(reason));
    }
  }));
  return states;
}
