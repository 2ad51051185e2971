/**
 * Turns a cluster into a standby, points it at another source, or promotes it: by the
 * `standby_cluster` section of Patroni's dynamic configuration.
 *
 * A section that the manifest never asked for is left alone: somebody who demoted a cluster by hand
 * must not find it promoted. The manifest has asked for it where the StatefulSet or a pod still has
 * the variables of a standby, which is why this comes before the StatefulSet in the plan.
 * Zalando: pkg/cluster/sync.go, syncStandbyClusterConfiguration
 */

import type { EnvVar, StatefulSet } from "../../clients/kube/types.gen.ts";
import { observedObject } from "../observed/cluster.ts";
import { isMember, podRef } from "../observed/pods.ts";
import { refOf } from "../requests.ts";
import { mismatches } from "./compare/structure.ts";
import { heldPlan, NOTHING, type PlanContext, step, type SubjectPlan } from "./context.ts";
import { describeMismatch } from "./reasons.ts";

const SUBJECT = "standby";
const VARIABLE = /^STANDBY_(HOST|WALE_(S3|GS|GSC|SWIFT)_PREFIX)$/;

/** Plans the `standby_cluster` section. */
export function planStandby(context: PlanContext): SubjectPlan {
  const { standby } = context.desired.patroni;
  const { patroni, pods } = context.observed;
  if (standby === undefined || patroni === undefined) return NOTHING;
  if (!patroni.known) return heldPlan(SUBJECT, "unreadable", patroni.reason);
  if (!pods.known) return heldPlan(SUBJECT, "unreadable", pods.reason);
  const have = patroni.value.config["standby_cluster"];
  const found = mismatches("standby_cluster", standby, have);
  if (found.length === 0) return NOTHING;
  if (standby === null && !wasStandby(context)) return NOTHING;
  const member = pods.value.find((pod) => isMember(pod, context.config.podRoleLabel));
  if (member === undefined) return heldPlan(SUBJECT, "waiting", "no member of the cluster is up");
  const request = { call: "patchConfig", body: { standby_cluster: standby } } as const;
  const reasons = standby === null
    ? ["promote: the manifest no longer asks for a standby cluster"]
    : found.map(describeMismatch);
  const action = { kind: "patroni", pod: podRef(member), request } as const;
  return { steps: [step(SUBJECT, reasons, action, { effect: "reload" })], held: [] };
}

/** True where the StatefulSet or a pod was made for a standby cluster. */
function wasStandby(context: PlanContext): boolean {
  const { objects, pods } = context.observed;
  const set = observedObject<StatefulSet>(objects, refOf(context.desired.statefulSet));
  const template = set.known ? set.value?.spec?.template?.spec : undefined;
  const specs = [template, ...(pods.known ? pods.value.map((pod) => pod.spec) : [])];
  return specs.some((spec) => hasVariable(spec?.containers[0]?.env ?? []));
}

function hasVariable(env: readonly EnvVar[]): boolean {
  return env.some(({ name, value }) => VARIABLE.test(name) && (value ?? "") !== "");
}
