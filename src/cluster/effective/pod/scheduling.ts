/**
 * Resolves where pods may run: tolerations, affinity to nodes, spread, priority. Pods of the pooler
 * and of the backup job ask the same questions.
 *
 * Zalando: pkg/cluster/k8sres.go, tolerations and nodeAffinity
 */

import type { PostgresqlSpec } from "../../../api/types.gen.ts";
import type {
  NodeAffinity,
  NodeSelectorTerm,
  Toleration,
  TopologySpreadConstraint,
} from "../../../kubernetes/types.gen.ts";
import type { Config } from "../../../config/config.ts";
import { compareUtf8 } from "../../../lib/go_json.ts";
import { type Findings, warn } from "../findings.ts";

/** How pods of one set keep apart from each other. */
export interface EffectiveAntiAffinity {
  readonly topologyKey: string;
  readonly strength: "preferred" | "required";
}

export interface EffectiveScheduling {
  readonly tolerations: readonly Toleration[];
  readonly nodeAffinity: NodeAffinity | undefined;
  readonly antiAffinity: EffectiveAntiAffinity | undefined;
  readonly topologySpreadConstraints: readonly TopologySpreadConstraint[];
  readonly schedulerName: string | undefined;
  readonly priorityClassName: string | undefined;
}

/** Resolves where the pods of a cluster may run. */
export function resolveScheduling(spec: PostgresqlSpec, config: Config): EffectiveScheduling {
  return {
    tolerations: resolveTolerations(spec, config),
    nodeAffinity: resolveNodeAffinity(spec, config),
    antiAffinity: resolveAntiAffinity(config),
    topologySpreadConstraints: spec.topologySpreadConstraints ?? [],
    schedulerName: spec.schedulerName || undefined,
    priorityClassName: spec.podPriorityClassName || config.podPriorityClassName || undefined,
  };
}

/** Tells of wishes that have no effect; to honour them would restart pods of running clusters. */
export function warnOfScheduling(
  spec: PostgresqlSpec,
  config: Config,
  findings: Findings,
): void {
  for (const [index, constraint] of (spec.topologySpreadConstraints ?? []).entries()) {
    if (constraint.labelSelector !== undefined) continue;
    const path = `spec.topologySpreadConstraints[${index}]`;
    warn(findings, `${path} has no labelSelector: it counts no pods`);
  }
  const terms = spec.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const merged = readinessTerm(config) !== undefined && config.nodeReadinessLabelMerge === "AND";
  if (merged && terms?.nodeSelectorTerms.some(({ matchFields }) => matchFields?.length)) {
    warn(findings, "spec.nodeAffinity: matchFields are dropped by node_readiness_label_merge AND");
  }
}

/** The manifest's tolerations, else the configured one. */
function resolveTolerations(spec: PostgresqlSpec, config: Config): readonly Toleration[] {
  if (spec.tolerations?.length) return spec.tolerations;
  const fields = ["key", "operator", "value", "effect"]
    .map((field) => [field, config.toleration[field] ?? ""] as const)
    .filter(([, value]) => value !== "");
  return fields.length === 0 ? [] : [Object.fromEntries(fields) as Toleration];
}

/** The manifest's node affinity together with the labels that a healthy node carries. */
function resolveNodeAffinity(spec: PostgresqlSpec, config: Config): NodeAffinity | undefined {
  const readiness = readinessTerm(config);
  const manifest = spec.nodeAffinity;
  if (readiness === undefined) return manifest;
  const terms = manifest?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  const merged = terms ? mergeTerms(terms, readiness, config.nodeReadinessLabelMerge) : [readiness];
  return {
    ...manifest,
    requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: merged },
  };
}

function readinessTerm(config: Config): NodeSelectorTerm | undefined {
  const labels = Object.entries(config.nodeReadinessLabel);
  if (labels.length === 0) return undefined;
  // Sorted: the reference takes them in random order, and restarts pods for it.
  labels.sort(([a], [b]) => compareUtf8(a, b));
  return {
    matchExpressions: labels.map(([key, value]) => ({ key, operator: "In", values: [value] })),
  };
}

function mergeTerms(
  terms: readonly NodeSelectorTerm[],
  readiness: NodeSelectorTerm,
  mode: string,
): NodeSelectorTerm[] {
  if (mode === "OR") return [...terms, readiness];
  if (mode !== "AND") return [...terms];
  // `matchFields` of the terms get lost as in the reference: to keep them would restart pods.
  return terms.map((term) => ({
    matchExpressions: [...term.matchExpressions ?? [], ...readiness.matchExpressions ?? []],
  }));
}

function resolveAntiAffinity(config: Config): EffectiveAntiAffinity | undefined {
  if (!config.enablePodAntiaffinity) return undefined;
  return {
    topologyKey: config.podAntiaffinityTopologyKey,
    strength: config.podAntiaffinityPreferredDuringScheduling ? "preferred" : "required",
  };
}
