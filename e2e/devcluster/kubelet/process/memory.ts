/** Reads a container's memory limit from its pod (dev cluster, kubelet layer; pure). */
import type { Pod } from "../../objects/pod.ts";

const UNIT_BYTES: Readonly<Record<string, number>> = {
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** The container's `resources.limits.memory` in MiB, when it has one that can be read. */
export function memoryLimitMb(pod: Pod, containerName: string): number | undefined {
  const container = pod.spec.containers.find((each) => each.name === containerName);
  const match = /^(\d+(?:\.\d+)?)([A-Za-z]*)$/.exec(container?.resources?.limits?.["memory"] ?? "");
  const unit = UNIT_BYTES[match?.[2] ?? "?"];
  if (unit === undefined) return undefined;
  return Math.floor(Number(match?.[1]) * unit / 2 ** 20);
}
