/**
 * Resolves the volumes beside the data volume, and which containers mount them.
 *
 * Zalando: pkg/cluster/k8sres.go, addAdditionalVolumes, mountShmVolumeNeeded
 */

import type { AdditionalVolume, PostgresqlSpec } from "../../../api/types.gen.ts";
import type { Volume, VolumeMount } from "../../../kubernetes/types.gen.ts";
import { dnsLabel, isDnsLabel } from "../../../lib/dns_label.ts";
import type { Config } from "../../../config/config.ts";
import { canonicalQuantity } from "../../../lib/quantity.ts";
import { type Findings, warn } from "../findings.ts";
import type { EffectiveTls } from "./tls.ts";

/** Where every container with data mounts the data volume. */
export const DATA_MOUNT_PATH = "/home/postgres/pgdata";

/** Readable for owner and group: `fsGroup` gives PostgreSQL access. Octal 0640. */
const TLS_FILE_MODE = 0o640;

/** One volume and the containers that see it. */
export interface MountedVolume {
  readonly volume: Volume;
  readonly mount: VolumeMount;
  readonly containers: readonly string[] | "all";
}

export interface EffectiveVolumes {
  /** A memory volume for /dev/shm, because the container runtime's default is too small. */
  readonly sharedMemory: boolean;
  /** PostgreSQL's socket directory is shared with sidecars. */
  readonly sharedSocket: boolean;
  readonly secretMount: { readonly secretName: string; readonly mountPath: string } | undefined;
  readonly additional: readonly MountedVolume[];
}

/** Resolves all volumes of a pod but the data volume. */
export function resolveVolumes(
  spec: PostgresqlSpec,
  config: Config,
  tls: EffectiveTls | undefined,
  findings: Findings,
): EffectiveVolumes {
  if (spec.enableShmVolume === false && config.enableShmVolume === true) {
    warn(findings, "spec.enableShmVolume: false has no effect while enable_shm_volume is on");
  }
  const secretName = config.additionalSecretMount;
  return {
    sharedMemory: spec.enableShmVolume === true || config.enableShmVolume === true,
    sharedSocket: config.sharePgsocketWithSidecars === true,
    secretMount: secretName === ""
      ? undefined
      : { secretName, mountPath: config.additionalSecretMountPath },
    additional: withoutTakenPaths([
      ...(spec.additionalVolumes ?? []).map((volume, index) => {
        const path = `spec.additionalVolumes[${index}]`;
        return { path, mounted: mountedVolume(volume, path, findings) };
      }),
      ...tlsVolumes(tls).map((mounted) => ({ path: "spec.tls", mounted })),
    ], findings),
  };
}

/** Of two volumes with one mount path the first stays: a volume may stand in for that of TLS. */
function withoutTakenPaths(
  candidates: readonly { readonly path: string; readonly mounted: MountedVolume }[],
  findings: Findings,
): MountedVolume[] {
  const holders = new Map([[DATA_MOUNT_PATH, "the data volume"]]);
  return candidates.flatMap(({ path, mounted }) => {
    const { mountPath } = mounted.mount;
    const holder = holders.get(mountPath);
    if (holder !== undefined) {
      warn(findings, `the volume of ${path} is not mounted: ${mountPath} is taken by ${holder}`);
      return [];
    }
    holders.set(mountPath, path);
    return [mounted];
  });
}

function mountedVolume(
  given: AdditionalVolume,
  path: string,
  findings: Findings,
): MountedVolume {
  const { name, mountPath, subPath, volumeSource } = given;
  if (!isDnsLabel(name)) {
    const message = "must be small letters, digits and dashes, at most 63 of them";
    findings.issues.push({ subject: "statefulset", path: `${path}.name`, value: name, message });
  }
  const subPathField = given.isSubPathExpr === true ? "subPathExpr" : "subPath";
  return {
    volume: { name, ...canonicalSource(volumeSource) },
    mount: { name, mountPath, ...(subPath ? { [subPathField]: subPath } : {}) },
    containers: targets(given, path, findings),
  };
}

function targets(
  volume: AdditionalVolume,
  path: string,
  findings: Findings,
): readonly string[] | "all" {
  const containers = volume.targetContainers ?? [];
  if (containers.length === 0) return ["postgres"];
  if (!containers.includes("all")) return containers;
  if (containers.length > 1) {
    warn(findings, `${path}.targetContainers: "all" covers the containers named beside it`);
  }
  return "all";
}

/** Quantities are written as the API server would. */
function canonicalSource(source: AdditionalVolume["volumeSource"]): Omit<Volume, "name"> {
  const sizeLimit = source.emptyDir?.sizeLimit;
  if (sizeLimit === undefined) return source;
  return {
    ...source,
    emptyDir: { ...source.emptyDir, sizeLimit: canonicalQuantity(String(sizeLimit)) },
  };
}

function tlsVolumes(tls: EffectiveTls | undefined): MountedVolume[] {
  return (tls?.mounts ?? []).map(({ secretName, mountPath }) => ({
    // Secrets may have dots in their names, volumes may not.
    volume: { name: dnsLabel(secretName), secret: { secretName, defaultMode: TLS_FILE_MODE } },
    mount: { name: dnsLabel(secretName), mountPath },
    containers: ["postgres"],
  }));
}
