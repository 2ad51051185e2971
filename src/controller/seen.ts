/**
 * What is kept of a pass for those who ask later. The objects themselves stay in the caches alone: a
 * second copy of each would be most of the memory that a cluster costs. Pure.
 */

import type { DesiredCluster } from "../cluster/desired/cluster.ts";
import { POSTGRES_CONTAINER } from "../cluster/desired/names.ts";
import { type ObservedCluster, observedObject } from "../cluster/observed/cluster.ts";
import type { Container, CronJob, KubeObject, Pod } from "../kubernetes/types.gen.ts";
import { parseQuantity } from "../lib/quantity.ts";
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
  readonly volumes: readonly VolumeSize[];
  /** Of the job of logical backups; absent where none is wanted, or none is there. */
  readonly backup?: BackupTimes;
}

/** Capacity of a member's volume, as its claim says. */
export interface VolumeSize {
  readonly claim: string;
  readonly bytes: number;
}

export interface BackupTimes {
  readonly lastScheduleTime?: string;
  readonly lastSuccessfulTime?: string;
}

/** Takes from a pass what is asked for later. */
export function seenOf(
  desired: Pick<
    DesiredCluster,
    "services" | "endpoints" | "statefulSet" | "disruptionBudgets" | "logicalBackup"
  >,
  { pods, patroni, claims, objects }: ObservedCluster,
): SeenCluster {
  const { services, endpoints, statefulSet, disruptionBudgets } = desired;
  const backup = backupTimes(desired.logicalBackup, objects);
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
    volumes: volumeSizes(claims),
    ...(backup === undefined ? {} : { backup }),
  };
}

const BILLION = 1e9;

/** Claims whose capacity is known; none where they could not be read. */
export function volumeSizes(claims: ObservedCluster["claims"]): VolumeSize[] {
  if (!claims.known) return [];
  return claims.value.flatMap(({ metadata, status }) => {
    const size = parseQuantity(String(status?.capacity?.["storage"] ?? ""));
    if (size === undefined) return [];
    return [{ claim: metadata.name ?? "", bytes: Number(size.nanos) / BILLION }];
  });
}

/** Times of the job that is there; undefined where there is to be none. */
export function backupTimes(
  wanted: CronJob | undefined,
  objects: ObservedCluster["objects"],
): BackupTimes | undefined {
  if (wanted === undefined) return undefined;
  const found = observedObject<CronJob>(objects, refOf(wanted));
  if (!found.known || found.value === undefined) return undefined;
  const { lastScheduleTime, lastSuccessfulTime } = found.value.status ?? {};
  return defined({ lastScheduleTime, lastSuccessfulTime });
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
