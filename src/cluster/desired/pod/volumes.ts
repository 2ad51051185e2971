/**
 * Volumes of a pod and their mounts in its containers, in the order that running pods have them.
 *
 * Zalando: pkg/cluster/k8sres.go, addShmVolume, addVarRunVolume, addSecretVolume
 */

import type { Volume, VolumeMount } from "../../../kubernetes/types.gen.ts";
import { dnsLabel } from "../../../lib/dns_label.ts";
import type { EffectiveStorage } from "../../effective/pod/storage.ts";
import { DATA_MOUNT_PATH, type EffectiveVolumes } from "../../effective/pod/volumes.ts";
import { DATA_VOLUME, POSTGRES_CONTAINER } from "../names.ts";

const SHARED_MEMORY = { name: "dshm", mountPath: "/dev/shm" };
const SOCKET = { name: "postgresql-run", mountPath: "/var/run/postgresql" };

/** All volumes of a pod but the data volume, which comes of the claim template. */
export function podVolumes(volumes: EffectiveVolumes): Volume[] {
  const { secretMount } = volumes;
  return [
    ...(volumes.sharedMemory ? [memoryVolume(SHARED_MEMORY.name)] : []),
    ...(volumes.sharedSocket ? [memoryVolume(SOCKET.name)] : []),
    ...(secretMount ? [secretMountVolume(secretMount.secretName)] : []),
    ...volumes.additional.map(({ volume }) => volume),
  ];
}

/** The mount of the data volume. */
export function dataMount(storage: EffectiveStorage): VolumeMount {
  const field = storage.subPath?.kind === "expression" ? "subPathExpr" : "subPath";
  return {
    name: DATA_VOLUME,
    mountPath: DATA_MOUNT_PATH,
    ...(storage.subPath ? { [field]: storage.subPath.path } : {}),
  };
}

/** The mounts of a container beside the data volume. */
export function volumeMounts(container: string, volumes: EffectiveVolumes): VolumeMount[] {
  const { secretMount } = volumes;
  return [
    ...(volumes.sharedMemory && container === POSTGRES_CONTAINER ? [{ ...SHARED_MEMORY }] : []),
    ...(volumes.sharedSocket ? [{ ...SOCKET }] : []),
    ...(secretMount
      ? [{ name: dnsLabel(secretMount.secretName), mountPath: secretMount.mountPath }]
      : []),
    ...volumes.additional
      .filter(({ containers }) => containers === "all" || containers.includes(container))
      .map(({ mount }) => mount),
  ];
}

/** Volume of the configured Secret that every container mounts. */
export function secretMountVolume(secretName: string): Volume {
  return { name: dnsLabel(secretName), secret: { secretName } };
}

function memoryVolume(name: string): Volume {
  return { name, emptyDir: { medium: "Memory" } };
}
