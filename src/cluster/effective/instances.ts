/**
 * Resolves how many pods a cluster has: what the manifest asks for, within the configured bounds.
 *
 * Zalando: pkg/cluster/k8sres.go, getNumberOfInstances
 */

import type { Postgresql } from "../../api/types.gen.ts";
import type { Config } from "../../config/config.ts";
import { type Findings, warn } from "./findings.ts";
import type { EffectiveRequests } from "./requests.ts";
import type { EffectiveStandby } from "./source/standby.ts";

export interface EffectiveInstances {
  /** Pods that should run. */
  readonly count: number;
  /** What the manifest says; budgets, backups and database work go by it. */
  readonly requested: number;
}

/** Resolves the number of instances; a bound below zero is none. */
export function resolveInstances(
  cr: Postgresql,
  config: Config,
  { standby, requests }: {
    readonly standby: EffectiveStandby | undefined;
    readonly requests: EffectiveRequests;
  },
  findings: Findings,
): EffectiveInstances {
  // The manifest keeps the number, so the cluster comes back as large as it was.
  if (requests.asked.some(({ what }) => what === "hibernate")) return { count: 0, requested: 0 };
  const requested = cr.spec.numberOfInstances;
  const key = config.ignoreInstanceLimitsAnnotationKey;
  if (key !== "" && cr.metadata.annotations?.[key] === "true") {
    return { count: requested, requested };
  }
  if (standby && requested === 1) return { count: 1, requested };
  if (standby) warn(findings, "a standby cluster is only supported with one instance");
  const count = clamp(requested, config.minInstances, config.maxInstances);
  if (count !== requested) {
    findings.notices.push({
      severity: "info",
      message: `spec.numberOfInstances: ${requested} is adjusted to ${count} by min_instances ` +
        `${config.minInstances} and max_instances ${config.maxInstances}`,
    });
  }
  return { count, requested };
}

function clamp(value: number, minimum: number, maximum: number): number {
  const lowered = maximum >= 0 && value > maximum ? maximum : value;
  return minimum >= 0 && lowered < minimum ? minimum : lowered;
}
