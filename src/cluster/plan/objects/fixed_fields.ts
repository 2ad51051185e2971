/** Tells what of Services stays as it is although the manifest asks for something else. */

import type { Service } from "../../../kubernetes/types.gen.ts";
import { refOf } from "../../../ports/requests.ts";
import { observedObject } from "../../observed/cluster.ts";
import type { Subject } from "../../subject.ts";
import { fixedFields } from "../compare/service.ts";
import { heldPlan, joinPlans, type PlanContext, type SubjectPlan } from "../steps/context.ts";

/** One thing left for each field that Kubernetes does not change on a Service that exists. */
export function planFixedFields(
  subject: Subject,
  services: readonly Service[],
  { observed }: Pick<PlanContext, "observed">,
): SubjectPlan {
  const found = services.flatMap((desired) => {
    const there = observedObject<Service>(observed.objects, refOf(desired));
    return there.known && there.value !== undefined ? fixedFields(desired, there.value) : [];
  });
  return joinPlans(found.map((reason) => heldPlan(subject, "left", reason)));
}
