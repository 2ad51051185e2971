/**
 * Which objects the caches follow. Layer: client of the API server, pure.
 *
 * Owned objects are chosen by the existence of the cluster-name label, never by `application`:
 * poolers and backups carry another one.
 */

import { RESOURCES } from "../../../ports/resources.gen.ts";
import { type KindRef, requireResource, type Selection } from "../request.ts";

/** One list and watch. */
export interface FollowedSelection {
  readonly kind: KindRef;
  readonly selection: Selection;
  /** Objects without the cluster's label are not in it. */
  readonly onlyLabelled: boolean;
  /** What it means that the API server does not know the kind. */
  readonly whenUnserved: "wait" | "empty";
  /** Set for a selection of one name. */
  readonly name?: string;
}

/** What decides about the selections. */
export interface SelectionOptions {
  /** `cluster_name_label`. */
  readonly clusterNameLabel: string;
  /** Only this namespace; all of them when absent. */
  readonly namespace?: string;
  /** Objects followed by name in every watched namespace: the pods' ServiceAccount, RoleBinding. */
  readonly byName?: readonly (KindRef & { readonly name: string })[];
  /** Kinds followed whole beside `postgresql`: `PostgresTeam`, `Node`. */
  readonly whole?: readonly KindRef[];
}

/** The kind whose objects are the clusters. */
export const CLUSTER_KIND: KindRef = RESOURCES.Postgresql;

/** Kinds whose objects carry the cluster's label. */
const OWNED_KINDS: readonly KindRef[] = [
  RESOURCES.Service,
  RESOURCES.Endpoints,
  RESOURCES.Secret,
  RESOURCES.ConfigMap,
  RESOURCES.Pod,
  RESOURCES.PersistentVolumeClaim,
  RESOURCES.StatefulSet,
  RESOURCES.Deployment,
  RESOURCES.CronJob,
  RESOURCES.PodDisruptionBudget,
  RESOURCES.FabricEventStream,
];

/** All selections that are followed from the start. */
export function followedSelections(options: SelectionOptions): FollowedSelection[] {
  const within = (kind: KindRef): Selection =>
    options.namespace && requireResource(kind).namespaced ? { namespace: options.namespace } : {};
  return [
    // Its CRD was registered a moment ago and may not be served yet.
    {
      kind: CLUSTER_KIND,
      selection: within(CLUSTER_KIND),
      onlyLabelled: false,
      whenUnserved: "wait",
    },
    ...(options.whole ?? []).map((kind): FollowedSelection => ({
      kind,
      selection: within(kind),
      onlyLabelled: false,
      whenUnserved: "empty",
    })),
    ...OWNED_KINDS.map((kind): FollowedSelection => ({
      kind,
      selection: { ...within(kind), labelSelector: options.clusterNameLabel },
      onlyLabelled: true,
      // The only kind that others define. What Kubernetes itself serves is never taken as absent.
      whenUnserved: kind === RESOURCES.FabricEventStream ? "empty" : "wait",
    })),
    ...(options.byName ?? []).map(({ name, apiVersion, kind }): FollowedSelection => ({
      kind: { apiVersion, kind },
      selection: { ...within({ apiVersion, kind }), fieldSelector: `metadata.name=${name}` },
      onlyLabelled: false,
      whenUnserved: "wait",
      name,
    })),
  ];
}

/** The selection of one object. */
export function selectionOfOne(
  { apiVersion, kind, namespace, name }: KindRef & { namespace?: string; name: string },
): FollowedSelection {
  return {
    kind: { apiVersion, kind },
    selection: {
      ...(namespace === undefined ? {} : { namespace }),
      fieldSelector: `metadata.name=${name}`,
    },
    onlyLabelled: false,
    whenUnserved: "empty",
    name,
  };
}

/** How a selection is looked up: by kind, and by name where it is of one. */
export function selectionKey({ apiVersion, kind }: KindRef, name?: string): string {
  return name === undefined ? `${apiVersion} ${kind}` : `${apiVersion} ${kind} ${name}`;
}
