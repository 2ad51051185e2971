/**
 * Reads the volumes behind the claims of running pods, and asks the cloud about those that may have
 * to change. Reads only.
 *
 * Zalando: pkg/cluster/volumes.go, listPersistentVolumes and populateVolumeMetaData
 */

import type { PersistentVolume, PersistentVolumeClaim } from "../../kubernetes/types.gen.ts";
import { typedReader } from "../../ports/client.gen.ts";
import type { CloudVolumes } from "../../ports/cloud.ts";
import { failureKind } from "../../ports/errors.ts";
import { known, type Observation, unknown } from "../../ports/observation.ts";
import type { KubeReader } from "../../ports/ports.ts";
import {
  changeTo,
  type ClaimedVolume,
  ebsIdOf,
  isBoundTo,
  isTooSmall,
  type VolumeWish,
} from "./ebs_volumes.ts";

export interface VolumeQuery {
  /** Claims of running pods. */
  readonly claims: readonly PersistentVolumeClaim[];
  readonly wish: VolumeWish;
  /** `ebs`: sizes alone, and only of volumes that are too small; `mixed`: everything. */
  readonly mode: "ebs" | "mixed";
}

/** Reads the volumes; unknown where one of them, or the cloud's word about it, cannot be had. */
export async function readEbsVolumes(
  ports: { readonly kube: KubeReader; readonly cloud: Omit<CloudVolumes, "modify"> },
  query: VolumeQuery,
  signal: AbortSignal,
): Promise<Observation<readonly ClaimedVolume[]>> {
  const bound = await boundVolumes(ports.kube, query.claims, signal);
  if (!bound.known) return bound;
  try {
    return known(await withCloud(ports.cloud, bound.value, query, signal));
  } catch (error) {
    if (failureKind(error) === undefined) throw error;
    return unknown((error as Error).message);
  }
}

async function boundVolumes(
  kube: KubeReader,
  claims: readonly PersistentVolumeClaim[],
  signal: AbortSignal,
): Promise<Observation<readonly ClaimedVolume[]>> {
  const typed = typedReader(kube);
  const found: ClaimedVolume[] = [];
  for (const claim of claims) {
    const name = claim.spec?.volumeName ?? "";
    // One that waits for its volume is looked at once it has it.
    if (name === "") continue;
    const read = await typed.persistentVolumes.read({ name }, signal);
    if (!read.known) return read;
    if (read.value === undefined || !isBoundTo(read.value, claim)) continue;
    found.push(claimedVolume(claim, read.value));
  }
  return known(found);
}

function claimedVolume(
  { metadata: { name = "" } }: PersistentVolumeClaim,
  volume: PersistentVolume,
): ClaimedVolume {
  const pod = name.slice(name.indexOf("-") + 1);
  return { claim: name, pod, volume, id: ebsIdOf(volume), cloud: undefined, change: undefined };
}

async function withCloud(
  cloud: Omit<CloudVolumes, "modify">,
  volumes: readonly ClaimedVolume[],
  { mode, wish }: VolumeQuery,
  signal: AbortSignal,
): Promise<readonly ClaimedVolume[]> {
  const asked = volumes.flatMap(({ id, volume }) =>
    id !== undefined && (mode === "mixed" || isTooSmall(volume, wish)) ? [id] : []
  );
  const described = new Map((await cloud.describe(asked, signal)).map((one) => [one.id, one]));
  const differing = [...described.values()].filter((volume) =>
    mode === "ebs" || changeTo(wish, volume) !== undefined
  );
  const ids = differing.map(({ id }) => id);
  const changes = new Map((await cloud.changes(ids, signal)).map((one) => [one.id, one]));
  return volumes.map((volume) => ({
    ...volume,
    cloud: described.get(volume.id ?? ""),
    change: changes.get(volume.id ?? ""),
  }));
}
