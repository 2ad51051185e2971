/**
 * Looks at the EBS volumes of a cluster when a pass needs it: at every periodic pass, when what is
 * wished or who has which volume changed, and while a change is under way. Reads only.
 */

import type { PersistentVolumeClaim, Pod } from "../../kubernetes/types.gen.ts";
import type { Config } from "../../config/config.ts";
import type { CloudVolumes } from "../../ports/cloud.ts";
import type { Observation } from "../../ports/observation.ts";
import type { KubeReader } from "../../ports/ports.ts";
import type { EffectiveSpec } from "../effective/spec.ts";
import type { ClaimedVolume } from "../observed/ebs_volumes.ts";
import { isRunning } from "../observed/pods.ts";
import { readEbsVolumes } from "../observed/read_ebs_volumes.ts";
import type { ClusterMemory } from "./memory.ts";

/** What a look at the volumes is about. */
export interface VolumeTopic {
  readonly config: Config;
  readonly effective: EffectiveSpec;
  readonly claims: Observation<readonly PersistentVolumeClaim[]>;
  readonly pods: Observation<readonly Pod[]>;
}

export interface VolumeQuestion extends VolumeTopic {
  readonly memory: Pick<ClusterMemory, "volumeLook">;
  readonly full: boolean;
}

/** The volumes of a cluster; undefined when this pass has no need to know. */
export type VolumeReader = (
  question: VolumeQuestion,
  signal: AbortSignal,
) => Promise<Observation<readonly ClaimedVolume[]> | undefined>;

/** Makes the reader; `kube` asks the API server, for nobody follows volumes. */
export function createVolumeReader(
  ports: { readonly kube: KubeReader; readonly cloud: Omit<CloudVolumes, "modify"> },
): VolumeReader {
  return async (question, signal) => {
    const { config, effective, full, memory } = question;
    const mode = config.storageResizeMode;
    if (mode !== "ebs" && mode !== "mixed") return undefined;
    const claims = claimsOfPods(question);
    if (claims.length === 0) return undefined;
    if (!full && memory.volumeLook?.fingerprint === volumeFingerprint(question)) return undefined;
    return await readEbsVolumes(ports, { claims, mode, wish: effective.storage }, signal);
  };
}

/** What is wished, and which volumes running pods have. */
export function volumeFingerprint(topic: VolumeTopic): string {
  const { size, type, iops, throughput } = topic.effective.storage;
  const volumes = claimsOfPods(topic).map(({ metadata, spec }) => [metadata.uid, spec?.volumeName]);
  return JSON.stringify([size, type, iops, throughput, volumes]);
}

/** Claims whose pods run; those of pods that were scaled away wait until they are back. */
function claimsOfPods({ claims, pods }: VolumeTopic): readonly PersistentVolumeClaim[] {
  if (!claims.known || !pods.known) return [];
  const running = new Set(pods.value.filter(isRunning).map(({ metadata }) => metadata.name));
  return claims.value.filter(({ metadata: { name = "", deletionTimestamp } }) =>
    deletionTimestamp === undefined && running.has(name.slice(name.indexOf("-") + 1))
  );
}
