/** How large each ReplicaSet of a Deployment should be in the next step (controllers; pure). */
import type { Deployment } from "../../objects/workloads.ts";

/** One ReplicaSet of a Deployment, as far as its size goes. */
export interface RolloutSet {
  readonly name: string;
  /** Whether it is the one of the present template. */
  readonly isNew: boolean;
  readonly wanted: number;
  readonly existing: number;
  readonly available: number;
}

/** How many pods may be there beyond the wanted number, and how many of it may be missing. */
export function rollingLimits({ spec }: Deployment): { maxSurge: number; maxUnavailable: number } {
  const replicas = spec.replicas ?? 1;
  if (spec.strategy?.type === "Recreate") return { maxSurge: 0, maxUnavailable: replicas };
  const { maxSurge = "25%", maxUnavailable = "25%" } = spec.strategy?.rollingUpdate ?? {};
  const surge = amount(maxSurge, replicas, Math.ceil);
  const unavailable = amount(maxUnavailable, replicas, Math.floor);
  // Both at zero could never make a step.
  return { maxSurge: surge, maxUnavailable: surge + unavailable === 0 ? 1 : unavailable };
}

/** So many pods make a Deployment available; one that is recreated needs all of them. */
export function minimumAvailable(deployment: Deployment): number {
  const { replicas = 1, strategy } = deployment.spec;
  if (strategy?.type === "Recreate") return replicas;
  return replicas - rollingLimits(deployment).maxUnavailable;
}

/** A number, or the share of a total that a percentage means. */
export function amount(
  value: number | string,
  total: number,
  round: (share: number) => number,
): number {
  if (typeof value === "number") return value;
  return value.endsWith("%") ? round(Number(value.slice(0, -1)) * total / 100) : Number(value);
}

/** The wanted size of each ReplicaSet by name. */
export function rolloutScales(
  deployment: Deployment,
  sets: readonly RolloutSet[],
): Map<string, number> {
  const wanted = deployment.spec.replicas ?? 1;
  const scales = new Map(sets.map((set) => [set.name, set.wanted]));
  const current = sets.find((set) => set.isNew);
  const old = sets.filter((set) => !set.isNew);
  if (!current) return scales;
  if (deployment.spec.strategy?.type === "Recreate") {
    for (const set of old) scales.set(set.name, 0);
    if (old.every((set) => set.existing === 0)) scales.set(current.name, wanted);
    return scales;
  }
  const { maxSurge, maxUnavailable } = rollingLimits(deployment);
  const total = sets.reduce((sum, set) => sum + set.wanted, 0);
  const room = Math.max(0, wanted + maxSurge - total);
  const grown = current.wanted > wanted ? wanted : Math.min(wanted, current.wanted + room);
  scales.set(current.name, grown);
  shrinkOld({ old, current, grown, keep: wanted - maxUnavailable }, scales);
  return scales;
}

interface Shrink {
  readonly old: readonly RolloutSet[];
  readonly current: RolloutSet;
  /** The size that the new ReplicaSet gets in this step. */
  readonly grown: number;
  /** How many pods have to stay available. */
  readonly keep: number;
}

function shrinkOld({ old, current, grown, keep }: Shrink, scales: Map<string, number>): void {
  const all = grown + old.reduce((sum, set) => sum + set.wanted, 0);
  const newMissing = grown - Math.min(grown, current.available);
  let budget = Math.max(0, all - keep - newMissing);
  // Pods that are not available cost nothing, so they go first.
  for (const set of old) {
    const ended = Math.min(budget, Math.max(0, set.wanted - set.available));
    scales.set(set.name, set.wanted - ended);
    budget -= ended;
  }
  const available = [current, ...old].reduce((sum, set) => sum + set.available, 0);
  let spare = Math.min(budget, Math.max(0, available - keep));
  for (const set of old) {
    const ended = Math.min(spare, scales.get(set.name)!);
    scales.set(set.name, scales.get(set.name)! - ended);
    spare -= ended;
  }
}
