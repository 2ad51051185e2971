/** What the parts of a kubelet share, and the names of its directories. */
import type { KubeClient } from "../client/client.ts";
import type { WatchCaches } from "../client/watch_cache.ts";
import type { AddressPool } from "./addresses.ts";
import type { ContainerLogs } from "./container_logs.ts";
import type { EventRecorder } from "../client/event_recorder.ts";
import type { PodRuntime } from "./runtime.ts";

export interface KubeletContext {
  readonly client: KubeClient;
  readonly caches: WatchCaches;
  readonly nodeName: string;
  readonly runtime: PodRuntime;
  readonly directory: string;
  /** Where the volumes of claims are. */
  readonly volumes: string;
  readonly addresses: AddressPool;
  readonly events: EventRecorder;
  readonly logs: ContainerLogs;
  /** Pause before the second restart of a container; it doubles with each further one. */
  readonly backoffMs: number;
  readonly onError: (error: unknown) => void;
  /** Whether the node has lost its power, so that nothing is reported any more. */
  readonly isSilent: () => boolean;
  readonly silence: () => void;
}

/** The address under which pods see their node. */
export const HOST_IP = "127.0.0.1";

/** The directory of one pod. */
export function podDirectory({ directory }: KubeletContext, uid: string): string {
  return `${directory}/pods/${uid}`;
}

/** The directory of a claim's volume. */
export function volumeDirectory({ volumes }: KubeletContext, handle: string): string {
  return `${volumes}/${handle}`;
}
