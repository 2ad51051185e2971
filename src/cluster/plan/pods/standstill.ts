/**
 * When no pod and no server is disturbed, whoever wants it: while more than one pod has the primary's
 * role, because writes of one of them would be lost; and while somebody has paused Patroni, because a
 * paused Patroni starts no server in a new pod and elects nobody.
 * https://patroni.readthedocs.io/en/latest/pause.html
 */

import { patroniSwitch } from "../../observed/patroni_rules.ts";
import { primariesOf } from "../../observed/pods.ts";
import type { Subject } from "../../subject.ts";
import { heldPlan, type PlanContext, type SubjectPlan } from "../steps/context.ts";

/** The end of a pause is no event of ours. */
const LOOK_AGAIN_MS = 30_000;

/** Holds a subject that would disturb pods; undefined where nothing speaks against it. */
export function standstill(
  { observed, config }: Pick<PlanContext, "observed" | "config">,
  subject: Subject,
): SubjectPlan | undefined {
  const { patroni, pods } = observed;
  const primaries = pods.known ? primariesOf(pods.value, config.podRoleLabel) : [];
  if (primaries.length > 1) {
    const names = primaries.map(({ metadata }) => metadata.name).join(", ");
    return heldPlan(subject, "waiting", `more than one pod has the primary's role: ${names}`);
  }
  if (!patroni?.known || patroniSwitch(patroni.value.config["pause"]) !== true) return undefined;
  const reason = "Patroni is paused; patronictl resume ends that";
  return { ...heldPlan(subject, "paused", reason), requeueAfterMs: LOOK_AGAIN_MS };
}
