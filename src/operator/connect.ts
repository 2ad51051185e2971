/** The connection of an operator to its API server. */

import { createKubeClient, type KubeClient } from "../clients/kube/client.ts";
import type { KubeConnection } from "../clients/kube/connection/connection.ts";
import { connectKube } from "../clients/kube/connection/credentials.ts";
import type { CommandLine } from "../command_line.ts";
import type { Logger } from "../log/logger.ts";
import type { Metrics } from "../metrics/metrics.ts";

/** A connection, and the client over it; both end by `connection.close`. */
export interface Connected {
  readonly connection: KubeConnection;
  readonly client: KubeClient;
}

/** Connects as the command line says. @throws CredentialsError */
export async function connect(
  { kubeconfig, outOfCluster, kubeQps, kubeBurst }: CommandLine,
  { logger, metrics }: { readonly logger: Logger; readonly metrics: Metrics },
): Promise<Connected> {
  const connection = await connectKube({
    ...(kubeconfig === "" ? {} : { kubeconfig }),
    from: outOfCluster ? "kubeconfig" : "auto",
  });
  const client = createKubeClient({
    connection,
    logger,
    ...(kubeQps === undefined ? {} : { qps: kubeQps }),
    ...(kubeBurst === undefined ? {} : { burst: kubeBurst }),
    onRequest: ({ verb, status }) => metrics.requestEnded({ verb, status }),
  });
  return { connection, client };
}
