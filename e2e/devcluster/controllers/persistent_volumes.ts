/**
 * Claims: bound at once to a volume made for them, grown when asked, protected while pods use
 * them (controllers of the dev cluster; stands in for a provisioner, a resizer and the
 * protection controller).
 *
 * A volume is only a name, `csi.volumeHandle`; the kubelet keeps a directory for each.
 * https://kubernetes.io/docs/concepts/storage/persistent-volumes/
 */
import { alreadyExists, type Draft, unlessGone } from "../client/client.ts";
import { reconciler } from "../client/reconciler.ts";
import {
  persistentVolumeClaims,
  persistentVolumes,
  pods as podResource,
} from "../client/resources.ts";
import { splitKey } from "../client/watch_cache.ts";
import type { Pod } from "../objects/pod.ts";
import type { PersistentVolume, PersistentVolumeClaim } from "../objects/storage.ts";
import { type Controller, type ControllerContext, refOf, writeStatus } from "./context.ts";
import { isFinished } from "./workloads/pods.ts";

const PROTECTION = "kubernetes.io/pvc-protection";
const VOLUME_PROTECTION = "kubernetes.io/pv-protection";
/** The name under which the kubelet finds the directory of a volume. */
export const VOLUME_DRIVER = "directory.devcluster";

/** Starts the controller. */
export function persistentVolumeController(context: ControllerContext): Controller {
  const { caches, onError } = context;
  const claims = reconciler((key) => syncClaim(context, key), onError);
  const volumes = reconciler((name) => syncVolume(context, name), onError);
  caches.of<PersistentVolumeClaim>(persistentVolumeClaims).onChange((claim, gone) => {
    claims.enqueue(`${claim.metadata.namespace}/${claim.metadata.name}`);
    if (gone && claim.spec.volumeName) volumes.enqueue(claim.spec.volumeName);
  });
  caches.of<Pod>(podResource).onChange((pod, gone) => {
    if (!gone && !isFinished(pod)) return;
    for (const claim of claimsOf(pod)) claims.enqueue(`${pod.metadata.namespace}/${claim}`);
  });
  caches.of<PersistentVolume>(persistentVolumes).onChange(({ metadata }) =>
    volumes.enqueue(metadata.name)
  );
  return {
    async stop() {
      await Promise.all([claims.stop(), volumes.stop()]);
    },
  };
}

function claimsOf(pod: Pod): string[] {
  return (pod.spec.volumes ?? []).flatMap((it) => it.persistentVolumeClaim?.claimName ?? []);
}

async function syncClaim(context: ControllerContext, key: string): Promise<void> {
  const { namespace, name } = splitKey(key);
  const claim = context.caches.of<PersistentVolumeClaim>(persistentVolumeClaims)
    .get(namespace, name);
  if (!claim) return;
  if (claim.metadata.deletionTimestamp) return await releaseClaim(context, claim);
  const protectedClaim = await protect(context, claim);
  const bound = await bind(context, protectedClaim);
  await grow(context, bound);
}

async function setFinalizers(
  { client, caches }: ControllerContext,
  claim: PersistentVolumeClaim,
  finalizers: string[],
): Promise<PersistentVolumeClaim> {
  const { resourceVersion } = claim.metadata;
  const patch = { metadata: { resourceVersion, finalizers } };
  const patched = await unlessGone(
    client.patch<PersistentVolumeClaim>(persistentVolumeClaims, refOf(claim), patch),
  );
  // With the last finalizer a deleted claim is gone: its event says so.
  if (!patched || patched.metadata.deletionTimestamp) return claim;
  caches.of<PersistentVolumeClaim>(persistentVolumeClaims).learn(patched);
  return patched;
}

async function protect(context: ControllerContext, claim: PersistentVolumeClaim) {
  const { finalizers = [] } = claim.metadata;
  if (finalizers.includes(PROTECTION)) return claim;
  return await setFinalizers(context, claim, [...finalizers, PROTECTION]);
}

async function releaseClaim(context: ControllerContext, claim: PersistentVolumeClaim) {
  const { finalizers = [], namespace, name } = claim.metadata;
  if (!finalizers.includes(PROTECTION)) return;
  const users = context.caches.of<Pod>(podResource).inNamespace(namespace)
    .filter((pod) => !isFinished(pod) && claimsOf(pod).includes(name));
  if (users.length > 0) return;
  await setFinalizers(context, claim, finalizers.filter((it) => it !== PROTECTION));
}

async function bind(
  context: ControllerContext,
  claim: PersistentVolumeClaim,
): Promise<PersistentVolumeClaim> {
  const { client, caches } = context;
  const volumes = caches.of<PersistentVolume>(persistentVolumes);
  const cache = caches.of<PersistentVolumeClaim>(persistentVolumeClaims);
  let bound = claim;
  if (!claim.spec.volumeName) {
    const volume = volumeFor(claim);
    try {
      volumes.learn(await client.create<PersistentVolume>(persistentVolumes, volume));
    } catch (error) {
      if (!alreadyExists(error)) throw error;
    }
    const annotations = {
      "pv.kubernetes.io/bind-completed": "yes",
      "pv.kubernetes.io/bound-by-controller": "yes",
      "volume.kubernetes.io/storage-provisioner": VOLUME_DRIVER,
    };
    const patch = { metadata: { annotations }, spec: { volumeName: volume.metadata.name } };
    bound = await client.patch<PersistentVolumeClaim>(persistentVolumeClaims, refOf(claim), patch);
    cache.learn(bound);
  }
  if (bound.status?.phase !== "Bound") {
    const capacity = { storage: requested(bound) };
    const accessModes = bound.spec.accessModes ?? [];
    const status = { phase: "Bound", capacity, accessModes };
    await writeStatus(context, persistentVolumeClaims, bound, status);
  }
  return cache.get(claim.metadata.namespace, claim.metadata.name) ?? bound;
}

function volumeFor(
  claim: PersistentVolumeClaim,
): Draft<PersistentVolume> & { metadata: { name: string } } {
  const { namespace, name, uid } = claim.metadata;
  const { storageClassName, accessModes = [], volumeMode = "Filesystem" } = claim.spec;
  const handle = `pvc-${uid}`;
  return {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: {
      name: handle,
      annotations: { "pv.kubernetes.io/provisioned-by": VOLUME_DRIVER },
    },
    spec: {
      capacity: { storage: requested(claim) },
      accessModes,
      volumeMode,
      persistentVolumeReclaimPolicy: "Delete",
      claimRef: {
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        namespace: namespace!,
        name,
        uid: uid!,
      },
      ...(storageClassName ? { storageClassName } : {}),
      csi: { driver: VOLUME_DRIVER, volumeHandle: handle },
    },
  };
}

function requested(claim: PersistentVolumeClaim): string {
  return claim.spec.resources?.requests?.storage ?? "1Gi";
}

/** Grants the size that a claim asks for; a volume never shrinks (the API server refuses that). */
async function grow(context: ControllerContext, claim: PersistentVolumeClaim): Promise<void> {
  const storage = requested(claim);
  // A volume that somebody else has grown beside its claim stays as it is.
  if (claim.status?.capacity?.storage === storage) return;
  const volumes = context.caches.of<PersistentVolume>(persistentVolumes);
  const volume = volumes.get(undefined, claim.spec.volumeName ?? "");
  if (volume && volume.spec.capacity?.storage !== storage) {
    const patch = { spec: { capacity: { storage } } };
    volumes.learn(
      await context.client.patch<PersistentVolume>(persistentVolumes, refOf(volume), patch),
    );
  }
  const status = { ...claim.status, capacity: { ...claim.status?.capacity, storage } };
  await writeStatus(context, persistentVolumeClaims, claim, status);
}

/** Marks a volume as bound, and removes one whose claim is gone. */
async function syncVolume(context: ControllerContext, name: string): Promise<void> {
  const volume = context.caches.of<PersistentVolume>(persistentVolumes).get(undefined, name);
  const { claimRef } = volume?.spec ?? {};
  if (!volume || !claimRef?.uid) return;
  const claim = context.caches.of<PersistentVolumeClaim>(persistentVolumeClaims)
    .get(claimRef.namespace, claimRef.name!);
  const claimed = claim?.metadata.uid === claimRef.uid;
  if (volume.metadata.deletionTimestamp) {
    return claimed ? undefined : await release(context, volume);
  }
  if (claimed) {
    if (volume.status?.phase !== "Bound") {
      await writeStatus(context, persistentVolumes, volume, { phase: "Bound" });
    }
    return;
  }
  if (volume.spec.persistentVolumeReclaimPolicy === "Delete") {
    await unlessGone(context.client.delete(persistentVolumes, { name }));
  } else if (volume.status?.phase !== "Released") {
    await writeStatus(context, persistentVolumes, volume, { phase: "Released" });
  }
}

/** Lets a volume that is being deleted go, as nobody has it any more. */
async function release({ client }: ControllerContext, volume: PersistentVolume): Promise<void> {
  const { finalizers = [], resourceVersion } = volume.metadata;
  if (!finalizers.includes(VOLUME_PROTECTION)) return;
  const rest = finalizers.filter((it) => it !== VOLUME_PROTECTION);
  const patch = { metadata: { resourceVersion, finalizers: rest } };
  await unlessGone(client.patch(persistentVolumes, refOf(volume), patch));
}
