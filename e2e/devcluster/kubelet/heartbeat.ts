/**
 * Tells the cluster again and again that this node is alive (dev cluster, kubelet layer).
 * https://kubernetes.io/docs/concepts/architecture/leases/#node-heart-beats
 */
import { alreadyExists } from "../client/client.ts";
import { leases } from "../client/resources.ts";
import { pause } from "../client/watch_cache.ts";
import type { Lease } from "../objects/placement.ts";
import type { KubeletContext } from "./context.ts";

/** The namespace of the Leases that nodes renew. */
export const HEARTBEAT_NAMESPACE = "kube-node-lease";

/**
 * Renews the node's Lease until it is stopped; resolves when it was renewed once. `stayReady` is
 * called with each beat: a node that was thought lost has to say that it is not.
 */
export async function startHeartbeat(
  context: KubeletContext,
  periodMs: number,
  stayReady: () => Promise<void>,
): Promise<{ stop(): Promise<void> }> {
  const stopping = new AbortController();
  await renew(context, periodMs);
  const beating = beat();
  async function beat(): Promise<void> {
    while (!stopping.signal.aborted) {
      await pause(periodMs, stopping.signal);
      if (stopping.signal.aborted) return;
      // The next beat tries again; without any the node counts as lost, as it should.
      await renew(context, periodMs).then(stayReady).catch(() => {});
    }
  }
  return {
    async stop() {
      stopping.abort();
      await beating;
    },
  };
}

async function renew({ client, nodeName }: KubeletContext, periodMs: number): Promise<void> {
  const ref = { namespace: HEARTBEAT_NAMESPACE, name: nodeName };
  const spec = {
    holderIdentity: nodeName,
    leaseDurationSeconds: Math.ceil(4 * periodMs / 1000),
    renewTime: new Date().toISOString().replace("Z", "000Z"),
  };
  const lease = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: ref, spec };
  if (await client.get<Lease>(leases, ref) === undefined) {
    try {
      await client.create<Lease>(leases, lease);
      return;
    } catch (error) {
      if (!alreadyExists(error)) throw error;
    }
  }
  await client.patch<Lease>(leases, ref, { spec });
}
