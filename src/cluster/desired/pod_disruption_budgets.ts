/**
 * Budgets that keep node drains from taking the primary, or a pod in a critical operation.
 *
 * Zalando: pkg/cluster/k8sres.go, generatePrimaryPodDisruptionBudget,
 * generateCriticalOpPodDisruptionBudget
 */

import type { PodDisruptionBudget, PodDisruptionBudgetSpec } from "../../kubernetes/types.gen.ts";
import type { Config } from "../../config/config.ts";
import type { Disruption } from "../effective/disruption.ts";
import type { ClusterIdentity } from "../effective/identity.ts";
import { inheritedOver } from "./annotations.ts";
import { clusterLabels, CRITICAL_OPERATION_LABEL, roleLabels } from "./labels.ts";
import { criticalOperationBudgetName, primaryBudgetName } from "./names.ts";
import { ownerFields } from "./owner.ts";

/** Both budgets of a cluster. */
export function podDisruptionBudgets(
  source: { readonly identity: ClusterIdentity; readonly disruption: Disruption },
  config: Config,
): { primary: PodDisruptionBudget; criticalOperation: PodDisruptionBudget } {
  const { identity, disruption } = source;
  const covered = disruption.primary.covers === "primary"
    ? roleLabels(identity, "base", "primary", config)
    : clusterLabels(identity, "base");
  return {
    primary: budget(identity, primaryBudgetName(identity.name, config), {
      minAvailable: disruption.primary.minAvailable,
      selector: { matchLabels: covered },
    }),
    // With maxUnavailable the budget is content while no pod is in a critical operation.
    criticalOperation: budget(identity, criticalOperationBudgetName(identity.name), {
      maxUnavailable: disruption.criticalOperation.maxUnavailable,
      selector: {
        matchLabels: { ...clusterLabels(identity, "base"), [CRITICAL_OPERATION_LABEL]: "true" },
      },
    }),
  };
}

function budget(
  identity: ClusterIdentity,
  name: string,
  spec: PodDisruptionBudgetSpec,
): PodDisruptionBudget {
  return {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: {
      name,
      namespace: identity.namespace,
      labels: clusterLabels(identity, "full"),
      ...inheritedOver(identity),
      ...ownerFields(identity),
    },
    spec,
  };
}
