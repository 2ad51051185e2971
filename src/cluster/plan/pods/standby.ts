/**
 * Turns a cluster into a standby, points it at another source, or promotes it: by the
 * `standby_cluster` section of Patroni's dynamic configuration.
 *
 * The section is written when the manifest's wish changes: when the variables that pods of the
 * StatefulSet start with are not those wanted now. What Spilo set up at the start, and what somebody
 * changed by hand, is left alone: a cluster demoted by hand must not find itself promoted. This
 * comes before the StatefulSet in the plan, which then takes on the new variables.
 * Zalando: pkg/cluster/sync.go, syncStandbyClusterConfiguration
 */

import type { StatefulSet } from "../../../kubernetes/types.gen.ts";
import { observedObject } from "../../observed/cluster.ts";
import { isMember, podRef } from "../../observed/pods.ts";
import { refOf } from "../../../ports/requests.ts";
import { mismatches } from "../compare/structure.ts";
import { heldPlan, NOTHING, type PlanContext, step, type SubjectPlan } from "../steps/context.ts";
import { postgresContainerOf } from "../../observed/revisions.ts";
import type { Reason } from "../steps/action.ts";

const SUBJECT = "standby";

/** Plans the `standby_cluster` section. */
export function planStandby(context: PlanContext): SubjectPlan {
  const { standby } = context.desired.patroni;
  if (standby === undefined || !standbyChanged(context)) return NOTHING;
  const { patroni, pods } = context.observed;
  if (!pods.known) return heldPlan(SUBJECT, "unreadable", pods.reason);
  const member = pods.value.find((pod) => isMember(pod, context.config.podRoleLabel));
  // Without a pod there is nothing to convert: the next one starts with the new variables.
  if (pods.value.length === 0) return NOTHING;
  if (member === undefined) return heldPlan(SUBJECT, "waiting", "no member of the cluster is up");
  if (patroni === undefined || !patroni.known) {
    return heldPlan(SUBJECT, "unreadable", patroni?.reason ?? "Patroni was not asked");
  }
  const have = patroni.value.config["standby_cluster"];
  const differing = standby === null ? [] : mismatches("standby_cluster", standby, have);
  // Who was here before may have told Patroni, and not lived to change the StatefulSet. A promotion
  // is told again all the same, as the Zalando operator does: it changes nothing the second time.
  if (standby !== null && differing.length === 0) return NOTHING;
  const request = { call: "patchConfig", body: { standby_cluster: standby } } as const;
  const changes: readonly Reason[] = standby === null
    ? ["promote: the manifest no longer asks for a standby cluster"]
    : differing;
  const action = { kind: "patroni", pod: podRef(member), request } as const;
  const reasons = ["the manifest's standby section changed", ...changes];
  return { steps: [step(SUBJECT, reasons, action)], held: [] };
}

/** True where the StatefulSet starts its pods with other variables than those wanted now. */
function standbyChanged({ desired, observed }: PlanContext): boolean {
  const set = observedObject<StatefulSet>(observed.objects, refOf(desired.statefulSet));
  if (!set.known || set.value === undefined) return false;
  return standbyVariables(set.value) !== standbyVariables(desired.statefulSet);
}

function standbyVariables(set: StatefulSet): string {
  const env = postgresContainerOf(set.spec?.template?.spec)?.env ?? [];
  const found = env.filter(({ name }) => name.startsWith("STANDBY_"));
  return found.map(({ name, value }) => `${name}=${value}`).sort().join("\n");
}
