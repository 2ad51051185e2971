/** Writes a pod's status, one write at a time and none without a change (kubelet layer). */
import { isConflict, unlessGone } from "../client/client.ts";
import { pods as podResource } from "../client/resources.ts";
import type { Pod, PodStatus } from "../objects/pod.ts";
import type { KubeletContext } from "./context.ts";

export interface StatusPublisher {
  /** Asks for a write of the status as it then is. */
  request(): void;
  /** Waits for the last write. */
  close(): Promise<void>;
}

const RETRY_MS = 500;

/** Publishes what `status` says, whenever that was asked for and differs from the last write. */
export function statusPublisher(
  { client, caches, onError, isSilent }: KubeletContext,
  pod: () => Pod,
  status: () => PodStatus,
): StatusPublisher {
  let written = "";
  let wanted = false;
  let writing: Promise<void> | undefined;

  async function writeWhileWanted(): Promise<void> {
    while (wanted) {
      wanted = false;
      if (isSilent()) return;
      const { namespace, name, uid } = pod().metadata;
      const next = status();
      const text = JSON.stringify(next);
      if (text === written) continue;
      try {
        const patched = await unlessGone(client.patch<Pod>(
          podResource,
          { namespace, name },
          { metadata: { uid }, status: next },
          { subresource: "status" },
        ));
        if (patched) caches.of<Pod>(podResource).learn(patched);
        written = text;
      } catch (error) {
        // Another pod has this name now: there is nothing left to report.
        if (isConflict(error)) return;
        onError(error);
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
        wanted = true;
        if (closed) return;
      }
    }
  }

  let closed = false;
  return {
    request() {
      wanted = true;
      // A microtask later, so that changes made together are written together.
      writing ??= Promise.resolve().then(writeWhileWanted).finally(() => {
        writing = undefined;
      });
    },
    async close() {
      closed = true;
      await writing;
    },
  };
}
