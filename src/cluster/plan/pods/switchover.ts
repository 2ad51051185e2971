/** The steps of one switchover. Zalando: pkg/cluster/cluster.go, Switchover */

import type { PodRef } from "../../../ports/requests.ts";
import type { Step } from "../steps/action.ts";
import type { Subject } from "../../subject.ts";
import { eventStep, step } from "../steps/context.ts";
import { clusterEvent } from "../../events.ts";

/**
 * Asks Patroni on the leader's pod to hand over to `candidate`, with an Event before and after.
 * `at` is a time for Patroni (`YYYY-MM-DDTHH:MM+00`), empty to switch over at once.
 */
export function switchoverSteps(
  subject: Subject,
  leader: PodRef,
  candidate: string,
  reasons: readonly string[],
  at = "",
): Step[] {
  const parts = `from "${leader.name}" to "${leader.namespace}/${candidate}"`;
  const text = { parts, at };
  const request = {
    call: "switchover",
    body: { leader: leader.name, member: candidate, scheduled_at: at },
  } as const;
  return [
    eventStep(subject, clusterEvent("switchoverBegun", text)),
    step(subject, [`switch over ${parts}`, ...reasons], { kind: "patroni", pod: leader, request }, {
      effect: "restart",
    }),
    eventStep(subject, clusterEvent("switchoverAccepted", text)),
  ];
}
