/**
 * Resolves how many pods of a cluster may be evicted at a time.
 *
 * Zalando: pkg/cluster/k8sres.go, generatePrimaryPodDisruptionBudget,
 * generateCriticalOpPodDisruptionBudget
 */

import type { Postgresql } from "../../api/types.gen.ts";
import type { Config } from "../../config/config.ts";

export interface Disruption {
  readonly primary: {
    readonly minAvailable: number;
    /** Which pods the budget counts. */
    readonly covers: "primary" | "all";
  };
  /** Of the pods that are in a critical operation: none, or all where nothing is protected. */
  readonly criticalOperation: { readonly maxUnavailable: 0 | "100%" };
}

/** Settles both budgets. A cluster without instances, or with budgets off, protects nothing. */
export function resolveDisruption(cluster: Postgresql, config: Config): Disruption {
  const { numberOfInstances, patroni } = cluster.spec;
  const covers = config.pdbMasterLabelSelector === false ? "all" : "primary";
  if (config.enablePodDisruptionBudget === false || numberOfInstances <= 0) {
    return {
      primary: { minAvailable: 0, covers },
      criticalOperation: { maxUnavailable: "100%" },
    };
  }
  // A write needs the primary and its synchronous standbys; Patroni's default is one of them.
  const strict = covers === "all" && patroni?.synchronous_mode_strict === true;
  const synchronous = patroni?.synchronous_node_count || 1;
  return {
    primary: { minAvailable: strict ? synchronous + 1 : 1, covers },
    criticalOperation: { maxUnavailable: 0 },
  };
}
