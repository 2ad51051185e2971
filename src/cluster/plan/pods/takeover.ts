/**
 * Who takes over from a primary: the one place that decides it, for a rolling restart, a node that
 * is being drained, and a primary that leaves by scaling.
 */

import type { Pod } from "../../../kubernetes/types.gen.ts";
import { switchoverCandidate } from "../../observed/members.ts";
import { demandsSynchronous } from "../../observed/patroni_rules.ts";
import { isTerminating, ordinalOf } from "../../observed/pods.ts";
import { heldPlan, type PlanContext, type SubjectPlan } from "../steps/context.ts";
import type { Subject } from "../../subject.ts";
import { leadingPod, lookAgainMs, roleUnseen } from "./leader.ts";

/** A pod that can take over, or why none can. */
export type Takeover =
  | { readonly kind: "candidate"; readonly pod: Pod }
  | { readonly kind: "unreadable" | "blocked"; readonly reason: string };

/** Looks for a pod among `pods` that can take over from `primary` and stays. */
export function takeoverFrom(
  context: Pick<PlanContext, "desired" | "observed">,
  primary: Pod,
  pods: readonly Pod[],
): Takeover {
  const { patroni } = context.observed;
  if (!patroni?.known) {
    return {
      kind: "unreadable",
      reason: `switchover: ${patroni?.reason ?? "Patroni was not asked for its members"}`,
    };
  }
  const leader = leadingPod(context, pods);
  if (leader !== undefined && leader !== primary) {
    return { kind: "unreadable", reason: `switchover: ${roleUnseen(leader)}` };
  }
  const allowed = pods.filter((pod) =>
    pod !== primary && !isTerminating(pod) && !leavesByScaling(context, pod)
  );
  const { members, config } = patroni.value;
  const names = new Set(allowed.map(({ metadata }) => metadata.name ?? ""));
  const synchronous = demandsSynchronous(config);
  const found = switchoverCandidate(members, names, synchronous);
  const pod = allowed.find(({ metadata }) => metadata.name === found?.name);
  if (pod !== undefined) return { kind: "candidate", pod };
  const what = synchronous ? "synchronous standby" : "replica";
  const reason = `no healthy ${what} can take over from ${primary.metadata.name}`;
  return { kind: "blocked", reason };
}

/**
 * Holds a subject because nobody can take over. No event will tell, so it is looked again, at first
 * soon and then less often.
 */
export function heldTakeover(
  context: Pick<PlanContext, "config" | "memory" | "now">,
  subject: Subject,
  found: Exclude<Takeover, { kind: "candidate" }>,
  what: string,
): SubjectPlan {
  const held = heldPlan(subject, found.kind, `${what}${found.reason}`);
  return { ...held, requeueAfterMs: lookAgainMs(context) };
}

/** True for a pod that goes because the manifest asks for fewer; when all go, nobody is spared. */
export function leavesByScaling({ desired }: Pick<PlanContext, "desired">, pod: Pod): boolean {
  const want = desired.statefulSet.spec?.replicas ?? 1;
  return want > 0 && (ordinalOf(pod.metadata.name ?? "") ?? 0) >= want;
}
