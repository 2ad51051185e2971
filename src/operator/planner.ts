/** Plans for manifests that are not stored, read with the operator's own rights and without caches. */

import type { KubeClient } from "../clients/kube/client.ts";
import { createDirectReader } from "../clients/kube/direct.ts";
import type { PassTools } from "../cluster/pass/reconcile.ts";
import type { Config } from "../config/config.ts";
import type { Planner } from "../debug/asked_plan.ts";
import type { KubeObject } from "../kubernetes/types.gen.ts";
import { typedReader } from "../ports/client.gen.ts";

/** Longest time for one plan. */
const TIMEOUT_MS = 60_000;

/** Makes the planner. What only it needs is loaded with the first question. */
export function createPlanner({ client, config, tools, watched }: {
  readonly client: KubeClient;
  readonly config: Config;
  readonly tools: Pick<PassTools, "inputs">;
  /** The namespace whose clusters are this operator's; undefined for all. */
  readonly watched: string | undefined;
}): Planner {
  return async (body) => {
    const manifest = body as unknown as KubeObject;
    const { namespace = "", name = "" } = manifest.metadata;
    if (watched !== undefined && watched !== namespace) {
      throw new Error(`namespace ${namespace} is not watched`);
    }
    const { dryRun } = await import("../dry_run/dry_run.ts");
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const reader = createDirectReader(client, config.clusterNameLabel);
    const live = await typedReader(reader).postgresqls.read({ namespace, name }, signal);
    if (!live.known) throw new Error(live.reason);
    return await dryRun({
      manifest,
      config,
      reader,
      live: live.value,
      eventStreamsSupported: tools.inputs.eventStreamsSupported(),
      teams: tools.inputs.teams,
      now: new Date(),
      signal,
    });
  };
}
