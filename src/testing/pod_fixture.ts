/** Postgres pods as a kubelet and Patroni would leave them. */

import type { Pod } from "../kubernetes/types.gen.ts";
import { ROLLING_UPDATE_ANNOTATION } from "../cluster/observed/pods.ts";

export interface PodOptions {
  /** Value of the role label; none before Patroni has decided. */
  readonly role?: "master" | "replica";
  readonly flagged?: boolean;
  readonly terminating?: boolean;
  readonly phase?: "Running" | "Pending";
  readonly image?: string;
}

/** One pod `<name>` of namespace `default`; it runs unless told otherwise. */
export function pod(name: string, options: PodOptions = {}): Pod {
  const { role, flagged, terminating, phase = "Running", image = "spilo:1" } = options;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      namespace: "default",
      name,
      uid: `uid-${name}`,
      labels: role === undefined ? {} : { "spilo-role": role },
      annotations: flagged ? { [ROLLING_UPDATE_ANNOTATION]: "true" } : {},
      ...(terminating ? { deletionTimestamp: "2026-01-01T00:00:00Z" } : {}),
    },
    spec: { containers: [{ name: "postgres", image }] },
    status: phase === "Running" ? { phase, podIP: "10.0.0.1" } : { phase },
  };
}
