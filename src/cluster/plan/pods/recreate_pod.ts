/** Recreates one pod: it is deleted, and its StatefulSet makes the next one. */

import type { Pod } from "../../../kubernetes/types.gen.ts";
import { refOf } from "../../../ports/requests.ts";
import type { Subject } from "../../subject.ts";
import { step, type SubjectPlan } from "../steps/context.ts";

/** Deletes a pod by its uid, so that one that was recreated meanwhile is never hit. */
export function recreatePod(subject: Subject, pod: Pod, why: string): SubjectPlan {
  const { uid, name } = pod.metadata;
  const request = {
    target: refOf(pod),
    propagation: "Orphan",
    ...(uid === undefined ? {} : { preconditions: { uid } }),
  } as const;
  const reasons = [`recreate ${name}: ${why}`];
  return {
    steps: [step(subject, reasons, { kind: "delete", request }, { effect: "restart" })],
    held: [],
  };
}
