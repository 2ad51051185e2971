/**
 * Whether a pass has to ask Patroni or the databases. Both answer over the network, so they are
 * asked when something may differ: after a change of what is wanted or of the pods, while something
 * is under way, and at every periodic look. Pure.
 */

import type { Pod, StatefulSet } from "../clients/kube/types.gen.ts";
import type { DesiredCluster } from "./desired/cluster.ts";
import type { ClusterMemory } from "./memory.ts";
import { isFlagged, isMember } from "./observed/pods.ts";

export interface LookQuestion {
  readonly desired: DesiredCluster;
  readonly pods: readonly Pod[];
  readonly statefulSet: StatefulSet | undefined;
  readonly memory: ClusterMemory;
  readonly roleLabel: string;
  readonly full: boolean;
  readonly nowMs: number;
}

/** What a look at Patroni is about: what is wanted, and who the members are. */
export function patroniFingerprint({ desired, pods, roleLabel }: LookQuestion): string {
  const members = pods.filter((pod) => isMember(pod, roleLabel)).map(({ metadata }) =>
    metadata.uid
  );
  return JSON.stringify([desired.patroni, members]);
}

/** True when Patroni has to be asked in this pass. */
export function needsPatroni(question: LookQuestion): boolean {
  const { pods, memory, roleLabel, desired, statefulSet } = question;
  if (!pods.some((pod) => isMember(pod, roleLabel))) return false;
  if (question.full || question.nowMs < (memory.patroniUntilMs ?? 0)) return true;
  if (pods.some(isFlagged)) return true;
  const shrinks = (desired.statefulSet.spec?.replicas ?? 1) < (statefulSet?.spec?.replicas ?? 1);
  return shrinks || memory.patroniLook?.fingerprint !== patroniFingerprint(question);
}
