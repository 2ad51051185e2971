/**
 * Resolves how the StatefulSet treats its pods and claims.
 *
 * Zalando: pkg/cluster/k8sres.go, generateStatefulSet
 */

import type { Config } from "../../config/config.ts";
import type { Findings } from "./findings.ts";
import { ownValue } from "../../lib/own_value.ts";

export interface EffectiveWorkload {
  readonly podManagementPolicy: "OrderedReady" | "Parallel";
  readonly claimRetention: {
    readonly whenDeleted: "Retain" | "Delete";
    readonly whenScaled: "Retain" | "Delete";
  };
  readonly terminationGracePeriodSeconds: number;
}

const DEFAULT_GRACE_MS = 5 * 60 * 1000;
const POLICIES: Readonly<Record<string, EffectiveWorkload["podManagementPolicy"]>> = {
  ordered_ready: "OrderedReady",
  parallel: "Parallel",
};

/** Resolves the policies of the StatefulSet; an unknown one becomes an issue. */
export function resolveWorkload(config: Config, findings: Findings): EffectiveWorkload {
  const policy = ownValue(POLICIES, config.podManagementPolicy);
  if (policy === undefined) {
    findings.issues.push({
      subject: "statefulset",
      path: "configuration.kubernetes.pod_management_policy",
      value: config.podManagementPolicy,
      message: "is neither ordered_ready nor parallel",
    });
  }
  const retention = config.persistentVolumeClaimRetentionPolicy;
  const graceMs = config.podTerminateGracePeriodMs || DEFAULT_GRACE_MS;
  return {
    podManagementPolicy: policy ?? "OrderedReady",
    claimRetention: {
      whenDeleted: retention["when_deleted"] === "delete" ? "Delete" : "Retain",
      whenScaled: retention["when_scaled"] === "delete" ? "Delete" : "Retain",
    },
    terminationGracePeriodSeconds: Math.trunc(graceMs / 1000),
  };
}
