/**
 * Compares a PodDisruptionBudget. Its spec can be patched; only where the operator's role has no
 * right to patch, the plan recreates the budget as the reference does.
 *
 * Zalando: pkg/cluster/cluster.go, comparePodDisruptionBudget
 */

import type { PodDisruptionBudget } from "../../../kubernetes/types.gen.ts";
import type { Config } from "../../../config/config.ts";
import type { Difference } from "./difference.ts";
import { compareMetadata } from "./metadata.ts";
import { mismatches } from "./structure.ts";

const FIELDS = ["minAvailable", "maxUnavailable", "selector"] as const;

/** What of a budget is not as it should be. */
export function comparePodDisruptionBudget(
  desired: PodDisruptionBudget,
  observed: PodDisruptionBudget,
  config: Config,
): Difference[] {
  const [wanted, present] = [desired.spec ?? {}, observed.spec ?? {}];
  return [
    ...compareMetadata(desired.metadata, observed.metadata, {
      config,
      labels: "keep",
      stale: "remove",
    }),
    ...FIELDS.flatMap((field) =>
      mismatches(`spec.${field}`, wanted[field], present[field])
        .map((found) => ({ ...found, effect: "patch" as const }))
    ),
  ];
}
