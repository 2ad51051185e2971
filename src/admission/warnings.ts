/** What a plan or a deletion means, in the few lines that people get from `kubectl apply`. Pure. */

import type { Plan, Step } from "../cluster/plan/steps/action.ts";
import { describeReason, mismatchesOf, reasonTexts } from "../cluster/plan/steps/reasons.ts";
import { effectOf, type ShownHeld, type ShownPlan } from "../dry_run/show.ts";
import type { ObjectRef } from "../ports/requests.ts";

/** Most reasons for restarts that are told. */
const MOST_REASONS = 3;

/** How much of what runs a plan disturbs. */
export interface Disturbance {
  /** Pods that are deleted and come again. */
  readonly pods: number;
  /** Pods in which PostgreSQL restarts. */
  readonly servers: number;
  readonly switchovers: number;
  /** Pods that go and do not come back. */
  readonly leaving: number;
}

/** Counts what the passes of one change disturb. */
export function disturbanceOf(plans: readonly Plan[]): Disturbance {
  const steps = plans.flatMap(({ steps }) => steps);
  const pods = new Set<string>();
  const servers = new Set<string>();
  let switchovers = 0;
  let leaving = 0;
  for (const step of steps) {
    const { action } = step;
    if (action.kind === "delete" || action.kind === "patch") {
      const { kind, name } = action.request.target;
      if (kind === "Pod" && effectOf(step) === "restart") pods.add(name);
      if (kind === "StatefulSet") leaving = Math.max(leaving, shrinkage(step));
    }
    if (action.kind !== "patroni") continue;
    if (action.request.call === "restart") servers.add(action.pod.name);
    if (action.request.call === "switchover") switchovers++;
  }
  return { pods: pods.size, servers: servers.size, switchovers, leaving };
}

function shrinkage(step: Step): number {
  const counts = mismatchesOf(step).filter(({ path }) => path === "spec.replicas")
    .map(({ observed, desired }) => Number(observed) - Number(desired));
  return Math.max(0, ...counts);
}

/** Lines about a change of a manifest; none where nothing is done and nothing is amiss. */
export function changeWarnings(shown: ShownPlan, plans: readonly Plan[]): readonly string[] {
  const { changes, effect } = shown;
  const disturbs = effect === "restart" || effect === "destructive";
  return [
    ...(changes.length === 0 ? [] : [`${shown.cluster}: ${consequence(shown, plans)}`]),
    ...(disturbs ? causesOf(plans).slice(0, MOST_REASONS) : []).map((text) => `because of ${text}`),
    ...heldWarnings(shown.held),
  ];
}

/** The fields that differ, of steps that are felt; sentences where there are no fields. */
function causesOf(plans: readonly Plan[]): readonly string[] {
  const felt = plans.flatMap(({ steps }) => steps).filter((step) => effectOf(step) !== "none");
  const fields = felt.flatMap(mismatchesOf).map(describeReason);
  return [...new Set(fields.length > 0 ? fields : felt.flatMap(reasonTexts))];
}

/** Lines about a new cluster: only what keeps it from being made as it is written. */
export function creationWarnings({ held }: ShownPlan): readonly string[] {
  return heldWarnings(held);
}

const WORDS: Partial<Record<ShownHeld["kind"], string>> = {
  refused: "refused",
  unreadable: "unknown",
  postponed: "postponed",
  left: "left as it is",
  paused: "held",
};

function heldWarnings(held: readonly ShownHeld[]): readonly string[] {
  return held.flatMap(({ kind, subject, reason }) => {
    const word = WORDS[kind];
    return word === undefined ? [] : [`${word}: ${subject}: ${reason}`];
  });
}

function consequence(shown: ShownPlan, plans: readonly Plan[]): string {
  const { changes, effect } = shown;
  const { pods, servers, switchovers, leaving } = disturbanceOf(plans);
  const gone = changes.filter(({ verb, effect }) => verb === "delete" && effect === "destructive");
  const parts = [
    ...(pods > 0 ? [`restarts ${counted(pods, "pod")}`] : []),
    ...(servers > 0 ? [`restarts PostgreSQL in ${counted(servers, "pod")}`] : []),
    ...(switchovers > 0 ? [`switches over ${times(switchovers)}`] : []),
    ...(leaving > 0 ? [`takes away ${counted(leaving, "pod")}`] : []),
    ...(gone.length > 0 ? [`deletes ${gone.map(({ object }) => object).join(", ")}`] : []),
  ];
  if (parts.length > 0) return `this change ${listed(parts)}`;
  if (effect === "restart") return "this change restarts pods";
  const objects = counted(changes.length, "object");
  if (effect === "reload") return `this change reloads PostgreSQL's configuration (${objects})`;
  return `this change disturbs nothing that runs (${objects})`;
}

/** Lines about a deletion: what goes, what stays, or why nothing does. */
export function deletionWarnings(
  cluster: string,
  targets: readonly ObjectRef[],
  stays: readonly string[],
): readonly string[] {
  const counts = new Map<string, number>();
  for (const { kind } of targets) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const kinds = [...counts].map(([kind, count]) => count === 1 ? kind : `${count} ${kind}s`);
  const claims = counts.get("PersistentVolumeClaim") ?? 0;
  return [
    targets.length === 0
      ? `${cluster}: nothing of this cluster is there to be deleted`
      : `${cluster}: this deletes the cluster: ${kinds.join(", ")}`,
    ...(claims > 0 ? [`the data of ${counted(claims, "volume")} goes with it`] : []),
    ...stays,
  ];
}

/** `1 pod`, `2 pods`. */
export function counted(count: number, word: string): string {
  return count === 1 ? `1 ${word}` : `${count} ${word}s`;
}

function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}

function listed(parts: readonly string[]): string {
  const last = parts.at(-1) ?? "";
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(", ")} and ${last}`;
}
