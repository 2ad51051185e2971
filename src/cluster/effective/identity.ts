/**
 * Resolves who a cluster is: its names, label sets, annotations to pass on, and owners.
 *
 * Zalando: pkg/cluster/util.go, labelsSet and annotationsSet; pkg/cluster/sync.go,
 * AnnotationsToPropagate; pkg/cluster/k8sres.go, ownerReferences
 */

import type { Postgresql } from "../../api/types.gen.ts";
import type { OwnerReference } from "../../kubernetes/types.gen.ts";
import type { Config } from "../../config/config.ts";

export type StringMap = Readonly<Record<string, string>>;

export interface ClusterIdentity {
  readonly namespace: string;
  readonly name: string;
  /** Part of WAL and backup paths: a cluster recreated under the same name has another one. */
  readonly uid: string;
  readonly team: string;
  readonly generation: number;
  readonly labels: {
    /** Finds everything of this cluster: `cluster_labels` and the cluster's name. */
    readonly base: StringMap;
    /** What children carry: base, the team, and labels inherited from the manifest. */
    readonly full: StringMap;
  };
  /** The manifest's annotations named by `inherited_annotations`. */
  readonly inheritedAnnotations: StringMap;
  /** The manifest's annotations that match one of `downscaler_annotations`. */
  readonly downscalerAnnotations: StringMap;
  readonly ownerReferences: readonly OwnerReference[];
}

/** Resolves identity, labels, inherited annotations and owner references of a cluster. */
export function resolveIdentity(cr: Postgresql, config: Config): ClusterIdentity {
  const { namespace = "", name = "", uid = "", generation = 0, labels = {}, annotations = {} } =
    cr.metadata;
  const base = { ...config.clusterLabels, [config.clusterNameLabel]: name };
  const team = cr.spec.teamId ?? "";
  return {
    namespace,
    name,
    uid,
    team,
    generation,
    labels: { base, full: { ...base, team, ...pick(labels, config.inheritedLabels) } },
    inheritedAnnotations: pick(annotations, config.inheritedAnnotations),
    downscalerAnnotations: matching(annotations, config.downscalerAnnotations),
    ownerReferences: ownerReferences(cr, config),
  };
}

function pick(map: StringMap, keys: readonly string[]): StringMap {
  return Object.fromEntries(Object.entries(map).filter(([key]) => keys.includes(key)));
}

function matching(map: StringMap, patterns: readonly string[]): StringMap {
  const expressions = patterns.map((pattern) => new RegExp(pattern));
  return Object.fromEntries(
    Object.entries(map).filter(([key]) => expressions.some((expression) => expression.test(key))),
  );
}

/** The manifest's own owners, then the manifest itself unless it is among them already. */
function ownerReferences(cr: Postgresql, config: Config): OwnerReference[] {
  const { uid = "", name = "", ownerReferences: inherited = [] } = cr.metadata;
  if (config.enableOwnerReferences !== true) return inherited;
  if (inherited.some((owner) => owner.uid === uid)) return inherited;
  return [
    ...inherited,
    { apiVersion: cr.apiVersion, kind: cr.kind, name, uid, controller: true },
  ];
}
