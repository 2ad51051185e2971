/** The lease of this operator, and who it is among others. */

import type { KubeClient } from "../clients/kube/client.ts";
import { sleep } from "../clients/kube/connection/limiter.ts";
import { createLease } from "../clients/kube/lease.ts";
import type { LeaderElection } from "../command_line.ts";
import { createLeadership, type Leadership } from "../leadership/leadership.ts";
import type { Logger } from "../log/logger.ts";

/** Operators with different ids look after different clusters, so each id has a lease of its own. */
function leaseName(controllerId: string): string {
  const suffix = controllerId.toLowerCase().replaceAll(/[^a-z0-9-]/g, "-").replace(/-+$/, "");
  return suffix === "" ? "postgres-operator" : `postgres-operator-${suffix}`.slice(0, 63);
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
