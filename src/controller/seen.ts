/**
 * What is kept of a pass for those who ask later. The objects themselves stay in the caches alone: a
 * second copy of each would be most of the memory that a cluster costs. Pure.
 */

import type { DesiredCluster } from "../cluster/desired/cluster.ts";
import { POSTGRES_CONTAINER } from "../cluster/desired/names.ts";
import type { ObservedCluster } from "../cluster/observed/cluster.ts";
import type { Container, KubeObject, Pod } from "../kubernetes/types.gen.ts";
import { known, type Observation } from "../ports/observation.ts";
import { type ObjectRef, refOf } from "../ports/requests.ts";

/** The objects of a cluster that the debug API shows. */
export interface ShownObjects {
  readonly primaryService: ObjectRef;
  readonly replicaService: ObjectRef;
  readonly statefulSet: ObjectRef;
  readonly primaryBudget: ObjectRef;
  readonly criticalBudget: ObjectRef;
  readonly endpoints?: ObjectRef;
}

export interface SeenCluster {
  readonly objects: ShownObjects;
  /** Whether something of the pods names a place for backups. */
  readonly archives: boolean;
  /** Without what nobody asks for of a pod that was seen. */
  readonly pods: Observation<readonly Pod[]>;
  readonly patroni: ObservedCluster["patroni"];
}

/** Takes from a pass what is asked for later. */
export function seenOf(
  { services, endpoints, statefulSet, disruptionBudgets }: DesiredCluster,
  { pods, patroni }: ObservedCluster,
): SeenCluster {
  return {
    objects: {
      primaryService: refOf(services.primary),
      replicaService: refOf(services.replica),
      statefulSet: refOf(statefulSet),
      primaryBudget: refOf(disruptionBudgets.primary),
      criticalBudget: refOf(disruptionBudgets.criticalOperation),
      ...(endpoints === undefined ? {} : { endpoints: refOf(endpoints) }),
    },
    archives: archives(statefulSet.spec?.template?.spec?.containers ?? []),
    pods: pods.known ? known(pods.value.map(seenPod)) : pods,
    patroni,
  };
}

/** Variables of Spilo that name a place for WAL and base backups. */
const ARCHIVE =
  /^(WAL_S3_BUCKET|WAL_GS_BUCKET|WALE_S3_PREFIX|WALG_S3_PREFIX|WALE_GS_PREFIX|WALG_GS_PREFIX|WALG_AZ_PREFIX|WALG_FILE_PREFIX|AZURE_STORAGE_ACCOUNT|WALG_SSH_PREFIX)$/;

/** True where the pods get the name of an archive, or variables from elsewhere that may hold one. */
export function archives(containers: readonly Container[]): boolean {
  return containers.some(({ env = [], envFrom = [] }) =>
    envFrom.length > 0 || env.some(({ name }) => ARCHIVE.test(name))
  );
}

function seenPod({ apiVersion, kind, metadata, spec, status }: Pod): Pod {
  const { name, namespace, labels, annotations, creationTimestamp, deletionTimestamp } = metadata;
  const note = annotations?.["status"];
  const containers = status?.containerStatuses?.filter((one) => one.name === POSTGRES_CONTAINER);
  return {
    apiVersion,
    kind,
    metadata: defined({
      name,
      namespace,
      labels,
      creationTimestamp,
      deletionTimestamp,
      annotations: note === undefined ? undefined : { status: note },
    }) as KubeObject["metadata"],
    spec: { containers: [], ...defined({ nodeName: spec?.nodeName }) },
    status: defined({
      phase: status?.phase,
      podIP: status?.podIP,
      containerStatuses: containers,
    }),
  };
}

/** Without the fields that are not set. */
function defined<T extends object>(
  fields: T,
): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as { [Key in keyof T]?: Exclude<T[Key], undefined> };
}
