/**
 * Questions asked of the EBS volumes behind a cluster's claims; pure.
 *
 * Zalando: pkg/util/volumes/ebs.go, VolumeBelongsToProvider and GetProviderVolumeID;
 * pkg/cluster/volumes.go, syncUnderlyingEBSVolume
 */

import type { PersistentVolume, PersistentVolumeClaim } from "../../kubernetes/types.gen.ts";
import { parseQuantity } from "../../lib/quantity.ts";
import type { CloudVolume, ModifyVolumeRequest, VolumeChange } from "../../ports/cloud.ts";
import { order } from "./claims.ts";

/** A claim of a running pod, its volume, and what the cloud says of it. */
export interface ClaimedVolume {
  readonly claim: string;
  readonly pod: string;
  readonly volume: PersistentVolume;
  /** Id of the EBS volume; undefined where the volume is of something else. */
  readonly id: string | undefined;
  /** Undefined where the cloud was not asked, for it need not be. */
  readonly cloud: CloudVolume | undefined;
  /** The last change of the cloud's volume; undefined where there was none. */
  readonly change: VolumeChange | undefined;
}

/** What a manifest asks of its volumes. */
export interface VolumeWish {
  /** A quantity. */
  readonly size: string;
  readonly type: string | undefined;
  readonly iops: number | undefined;
  readonly throughput: number | undefined;
}

const CSI_DRIVER = "ebs.csi.aws.com";
const ID = /(?:^|\/)(vol-[0-9a-zA-Z]+)$/;
/** What AWS gives to every volume that can be set; less is not asked for. */
const LEAST = { iops: 3000, throughput: 125 };
const GIB = 2n ** 30n;
const NANO = 1_000_000_000n;

/** The id of the EBS volume that a PersistentVolume stands for; undefined where it is none. */
export function ebsIdOf({ spec }: PersistentVolume): string | undefined {
  const csi = spec?.csi?.driver === CSI_DRIVER ? spec.csi.volumeHandle : undefined;
  return ID.exec(csi ?? spec?.awsElasticBlockStore?.volumeID ?? "")?.[1];
}

/** True where a volume is bound to this very claim. */
export function isBoundTo({ spec }: PersistentVolume, { metadata }: PersistentVolumeClaim) {
  const { namespace, name, uid } = spec?.claimRef ?? {};
  return namespace === metadata.namespace && name === metadata.name && uid === metadata.uid;
}

/** What the volume has by its PersistentVolume. */
export function capacityOf({ spec }: PersistentVolume): string {
  return String(spec?.capacity?.["storage"] ?? "");
}

/** True where the PersistentVolume has less than is wished for. */
export function isTooSmall(volume: PersistentVolume, { size }: VolumeWish): boolean {
  return order(size, capacityOf(volume)) === 1;
}

/** A size in whole GiB as EBS counts, at least what was asked for. */
export function gibOf(size: string): number {
  const bytes = (parseQuantity(size)?.nanos ?? 0n) / NANO;
  return Number((bytes + GIB - 1n) / GIB);
}

/** The change that brings a volume of the cloud to the wish; undefined where it is there. */
export function changeTo(wish: VolumeWish, volume: CloudVolume): ModifyVolumeRequest | undefined {
  const { type, iops = 0, throughput = 0 } = wish;
  const sizeGib = gibOf(wish.size);
  const parts = {
    ...(sizeGib > volume.sizeGib ? { sizeGib } : {}),
    ...(type !== undefined && type !== volume.type ? { type } : {}),
    ...(iops >= LEAST.iops && iops !== volume.iops ? { iops } : {}),
    ...(throughput >= LEAST.throughput && throughput !== volume.throughput ? { throughput } : {}),
  };
  return Object.keys(parts).length === 0 ? undefined : { id: volume.id, ...parts };
}
