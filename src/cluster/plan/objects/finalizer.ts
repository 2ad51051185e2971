/** The finalizer on the manifest: put there or taken off as the configuration says. */

import { FINALIZER } from "../../desired/names.ts";
import { refOf } from "../../../ports/requests.ts";
import { NOTHING, type PlanContext, step, type SubjectPlan } from "../steps/context.ts";

const SUBJECT = "finalizer";

/** Plans the finalizer (Zalando: pkg/cluster/sync.go, syncFinalizer). */
export function planFinalizer({ cr, config }: PlanContext): SubjectPlan {
  const present = cr.metadata.finalizers ?? [];
  const wanted = config.enableFinalizers === true;
  if (present.includes(FINALIZER) === wanted) return NOTHING;
  const rest = present.filter((finalizer) => finalizer !== FINALIZER);
  const finalizers = wanted ? [...present, FINALIZER] : rest;
  const { resourceVersion } = cr.metadata;
  const body = {
    metadata: {
      finalizers: finalizers.length === 0 ? null : finalizers,
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    },
  };
  const reason = wanted
    ? "enable_finalizers is on and the manifest has no finalizer"
    : "enable_finalizers is off and the manifest has the finalizer";
  const request = { target: refOf(cr), type: "merge", body } as const;
  const action = { kind: "patch", request } as const;
  return { steps: [step(SUBJECT, [reason], action, { onError: "continue" })], held: [] };
}
