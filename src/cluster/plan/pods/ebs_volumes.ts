/**
 * Changes EBS volumes through the cloud's API. With `mixed` the cloud changes type, size, operations
 * and throughput, and the claims grow beside it. With `ebs` the cloud grows the volume, a command in
 * the pod its file system, and the PersistentVolume is corrected last: whatever is interrupted is
 * done again from the step that was not seen to end, and each step may be done twice.
 *
 * Zalando: pkg/cluster/volumes.go, syncUnderlyingEBSVolume and resizeVolumes;
 * pkg/util/filesystems/ext234.go
 */

import type { PersistentVolume, Pod } from "../../../kubernetes/types.gen.ts";
import type { ModifyVolumeRequest } from "../../../ports/cloud.ts";
import { POSTGRES_CONTAINER } from "../../desired/names.ts";
import { order } from "../../observed/claims.ts";
import {
  capacityOf,
  changeTo,
  type ClaimedVolume,
  gibOf,
  isTooSmall,
  type VolumeWish,
} from "../../observed/ebs_volumes.ts";
import { podRef } from "../../observed/pods.ts";
import type { ExecRequest } from "../../../ports/requests.ts";
import {
  heldPlan,
  joinPlans,
  NOTHING,
  type PlanContext,
  step,
  type SubjectPlan,
} from "../steps/context.ts";

const SUBJECT = "volumes";
/** A change that has begun in the cloud usable soon, and over after hours. */
const SOON_MS = 2000;
const LATER_MS = 60_000;
const MOUNT = "/home/postgres/pgdata";
const RESIZE_MS = 5 * 60_000;

/** Plans what the cloud has to change; nothing where the configuration does not name it. */
export function planEbsVolumes(context: PlanContext): SubjectPlan {
  const mode = context.config.storageResizeMode;
  if (mode !== "ebs" && mode !== "mixed") return NOTHING;
  const { ebsVolumes } = context.observed;
  if (ebsVolumes === undefined) {
    return { steps: [], held: context.memory.volumeLook?.held ?? [] };
  }
  if (!ebsVolumes.known) return unread(mode, ebsVolumes.reason);
  const plan = mode === "ebs" ? planGrowth : planProperties;
  return joinPlans(ebsVolumes.value.map((volume) => plan(context, volume)));
}

/** Claims grow by themselves with `mixed`, so a cloud that does not answer holds nothing up. */
function unread(mode: "ebs" | "mixed", reason: string): SubjectPlan {
  const text = `EBS volumes cannot be compared with spec.volume: ${reason}`;
  return heldPlan(SUBJECT, mode === "ebs" ? "unreadable" : "left", text);
}

function wishOf({ effective: { storage } }: PlanContext): VolumeWish {
  return storage;
}

function planProperties(context: PlanContext, volume: ClaimedVolume): SubjectPlan {
  const { cloud, change } = volume;
  const request = cloud && changeTo(wishOf(context), cloud);
  if (request === undefined) return NOTHING;
  if (isUnderWay(change)) {
    const reason = `${textOf(volume, request)}: its last change is ${change?.state}, and AWS ` +
      "makes one change at a time";
    return { ...heldPlan(SUBJECT, "postponed", reason), requeueAfterMs: LATER_MS };
  }
  return modifyPlan(volume, request, "continue");
}

function planGrowth(context: PlanContext, volume: ClaimedVolume): SubjectPlan {
  const wish = wishOf(context);
  const has = capacityOf(volume.volume);
  if (order(wish.size, has) === -1) {
    const reason = `spec.volume.size: ${nameOf(volume)} has ${has} and is not made ${wish.size}; ` +
      "volumes cannot shrink";
    return heldPlan(SUBJECT, "left", reason);
  }
  if (!isTooSmall(volume.volume, wish)) return NOTHING;
  if (volume.id === undefined) {
    const reason = `spec.volume.size: ${nameOf(volume)} is no EBS volume and does not grow from ` +
      `${has} to ${wish.size} with storage_resize_mode ebs; use pvc`;
    return heldPlan(SUBJECT, "left", reason);
  }
  if (volume.cloud === undefined) {
    const reason = `spec.volume.size: AWS does not describe ${nameOf(volume)}`;
    return heldPlan(SUBJECT, "unreadable", reason);
  }
  const sizeGib = gibOf(wish.size);
  return volume.cloud.sizeGib < sizeGib
    ? cloudGrowth(volume, { id: volume.id, sizeGib })
    : fileSystemGrowth(context, volume, wish);
}

function cloudGrowth(volume: ClaimedVolume, request: ModifyVolumeRequest): SubjectPlan {
  const { change } = volume;
  if (!isUnderWay(change)) return modifyPlan(volume, request, "stop");
  const reason = `${textOf(volume, request)}: its last change is ${change?.state}, and AWS makes ` +
    "one change at a time";
  return change?.state === "modifying"
    ? { ...heldPlan(SUBJECT, "waiting", reason), requeueAfterMs: SOON_MS }
    : { ...heldPlan(SUBJECT, "blocked", reason), requeueAfterMs: LATER_MS };
}

function fileSystemGrowth(
  { observed }: PlanContext,
  volume: ClaimedVolume,
  { size }: VolumeWish,
): SubjectPlan {
  if (volume.change?.state === "modifying") {
    const reason = `${nameOf(volume)} grows to ${size} in AWS`;
    return { ...heldPlan(SUBJECT, "waiting", reason), requeueAfterMs: SOON_MS };
  }
  const pods = observed.pods.known ? observed.pods.value : [];
  const pod = pods.find(({ metadata }) => metadata.name === volume.pod);
  if (pod === undefined) return heldPlan(SUBJECT, "waiting", `${nameOf(volume)} waits for its pod`);
  const grown = `the file system of ${nameOf(volume)} is to have the ${size} of its volume`;
  const reason = {
    path: "spec.capacity.storage",
    desired: size,
    observed: capacityOf(volume.volume),
    of: volume.volume.metadata.name ?? "",
    bare: true,
  } as const;
  return {
    steps: [
      step(SUBJECT, [grown], { kind: "exec", request: growFileSystem(pod) }),
      step(SUBJECT, [reason], { kind: "replace", object: withCapacity(volume.volume, size) }),
    ],
    held: [],
  };
}

function modifyPlan(
  volume: ClaimedVolume,
  request: ModifyVolumeRequest,
  onError: "stop" | "continue",
): SubjectPlan {
  const action = { kind: "modifyVolume", request } as const;
  return { steps: [step(SUBJECT, [textOf(volume, request)], action, { onError })], held: [] };
}

function isUnderWay(change: ClaimedVolume["change"]): boolean {
  return change?.state === "modifying" || change?.state === "optimizing";
}

/** Grows the file system under the data to the size of its device, as far as resize2fs knows it. */
function growFileSystem(pod: Pod): ExecRequest {
  const script = `set -e; read -r device type <<< "$(df --output=source,fstype ${MOUNT} | tail -1)"
case "$type" in
  ext2|ext3|ext4) resize2fs "$device" 2>&1 ;;
  *) echo "resize2fs cannot grow a file system of type $type" >&2; exit 1 ;;
esac`;
  return {
    pod: podRef(pod),
    container: POSTGRES_CONTAINER,
    command: ["bash", "-c", script],
    timeoutMs: RESIZE_MS,
  };
}

function withCapacity(volume: PersistentVolume, storage: string): PersistentVolume {
  const capacity = { ...volume.spec?.capacity, storage };
  return { ...volume, spec: { ...volume.spec, capacity } };
}

function nameOf({ claim, volume, id }: ClaimedVolume): string {
  return `claim ${claim}, volume ${id ?? volume.metadata.name}`;
}

/** `spec.volume: claim pgdata-a-0, volume vol-1: size 10 → 20 GiB, type gp2 → gp3`. */
function textOf(volume: ClaimedVolume, request: ModifyVolumeRequest): string {
  const { cloud } = volume;
  const part = (what: string, from: unknown, to: unknown, unit = "") =>
    to === undefined ? [] : [`${what} ${from ?? "none"} → ${to}${unit}`];
  const parts = [
    ...part("size", cloud?.sizeGib, request.sizeGib, " GiB"),
    ...part("type", cloud?.type, request.type),
    ...part("iops", cloud?.iops, request.iops),
    ...part("throughput", cloud?.throughput, request.throughput, " MiB/s"),
  ];
  return `spec.volume: ${nameOf(volume)}: ${parts.join(", ")}`;
}
