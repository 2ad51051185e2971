/**
 * The controllers of the dev cluster: what a kube-controller-manager does, as far as the
 * operator's objects need it. An ordinary client of the API server; one watch a kind.
 */
import { type ClusterAccess, kubeClient } from "../client/client.ts";
import { watchCaches } from "../client/watch_cache.ts";
import type { Controller, ControllerContext } from "./context.ts";
import { endpointsController } from "./endpoints.ts";
import { garbageCollector } from "./garbage_collector.ts";
import { namespaceController } from "./namespaces.ts";
import { nodeLifecycleController } from "./node_lifecycle.ts";
import { watchEverything } from "./object_watch.ts";
import { persistentVolumeController } from "./persistent_volumes.ts";
import { podDisruptionController } from "./pod_disruption.ts";
import { serviceAccountController } from "./service_accounts.ts";
import { taintEvictionController } from "./taint_eviction.ts";
import { cronJobController } from "./workloads/cron_job.ts";
import { deploymentController } from "./workloads/deployment.ts";
import { jobController } from "./workloads/job.ts";
import { replicaSetController } from "./workloads/replica_set.ts";
import { statefulSetController } from "./workloads/stateful_set.ts";

const CONTROLLERS: Readonly<Record<string, (context: ControllerContext) => Controller>> = {
  statefulSet: statefulSetController,
  deployment: deploymentController,
  replicaSet: replicaSetController,
  job: jobController,
  cronJob: cronJobController,
  endpoints: endpointsController,
  podDisruption: podDisruptionController,
  persistentVolume: persistentVolumeController,
  serviceAccount: serviceAccountController,
  nodeLifecycle: nodeLifecycleController,
  taintEviction: taintEvictionController,
};

/** The controllers that need to see every kind. */
const OVER_EVERYTHING = { garbageCollector, namespace: namespaceController };

export interface ControllersOptions extends ClusterAccess {
  /**
   * Runs only these, by the names above; all when absent. Beside a real control plane without a
   * provisioner, for instance, only "persistentVolume".
   */
  readonly only?: readonly string[];
  /** For how long a node may be silent before it counts as lost, 40 s when absent. */
  readonly nodeGraceMs?: number;
  /** Hears of failed runs, which are tried again. Standard error when absent. */
  readonly onError?: (error: unknown) => void;
}

/** Controllers that run. */
export interface RunningControllers {
  /** Lets writes under way finish, then closes all connections. */
  stop(): Promise<void>;
}

/** Starts the controllers; resolves when each has seen what is there. */
export async function startControllers(options: ControllersOptions): Promise<RunningControllers> {
  const onError = options.onError ?? reportError;
  const client = kubeClient(options);
  const caches = watchCaches(client, onError);
  const { nodeGraceMs } = options;
  const context: ControllerContext = {
    client,
    caches,
    onError,
    ...(nodeGraceMs === undefined ? {} : { nodeGraceMs }),
  };
  const wanted = (name: string) => options.only?.includes(name) ?? true;
  // No controller may act on a part of what is there, so all watches come first.
  const everything = await watchEverything(context);
  const running: Controller[] = Object.entries({ ...CONTROLLERS, ...OVER_EVERYTHING })
    .filter(([name]) => wanted(name))
    .map(([, start]) => start(context, everything));
  running.push(everything);
  return {
    async stop() {
      await Promise.all(running.map((controller) => controller.stop()));
      await caches.stop();
      client.close();
    },
  };
}

function reportError(error: unknown): void {
  const text = error instanceof Error ? error.message : String(error);
  Deno.stderr.writeSync(new TextEncoder().encode(`controllers: ${text}\n`));
}
