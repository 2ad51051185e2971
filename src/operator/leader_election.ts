/** The lease of this operator, and who it is among others. */

import { createHash } from "node:crypto";
import type { KubeClient } from "../clients/kube/client.ts";
import { sleep } from "../clients/kube/connection/limiter.ts";
import { createLease } from "../clients/kube/lease.ts";
import type { LeaderElection } from "../command_line.ts";
import { createLeadership, type Leadership } from "../leadership/leadership.ts";
import type { Logger } from "../log/logger.ts";

/** What is left of an id beside "postgres-operator-" and a hash in a name of 63 characters. */
const MOST_OF_ID = 36;

/**
 * The name of the lease. Operators with different ids look after different clusters, so each id has
 * a lease of its own: one that is no name as it stands gets a hash.
 */
export function leaseName(controllerId: string): string {
  if (controllerId === "") return "postgres-operator";
  const plain = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(controllerId) && controllerId.length <= 45;
  if (plain) return `postgres-operator-${controllerId}`;
  const readable = controllerId.toLowerCase().replaceAll(/[^a-z0-9-]/g, "-").slice(0, MOST_OF_ID);
  const hash = createHash("sha256").update(controllerId).digest("hex").slice(0, 8);
  return `postgres-operator-${readable}${hash}`;
}

/** Makes the leadership of this process; nothing is asked before `acquire`. */
export function leadershipOf(election: LeaderElection, { client, logger, ...who }: {
  readonly client: KubeClient;
  readonly logger: Logger;
  readonly namespace: string;
  readonly controllerId: string;
  /** The name of the pod, for people who look at the lease. */
  readonly podName: string;
}): Leadership {
  const lease = createLease({
    client,
    namespace: who.namespace,
    name: leaseName(who.controllerId),
    identity: `${who.podName}_${crypto.randomUUID()}`,
    durationSeconds: election.leaseSeconds,
    now: () => new Date(),
  });
  return createLeadership({
    lease,
    logger,
    clock: { nowMs: () => performance.now(), sleep },
    renewDeadlineMs: election.renewDeadlineSeconds * 1000,
    retryMs: election.retrySeconds * 1000,
  });
}
