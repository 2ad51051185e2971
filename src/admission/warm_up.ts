/**
 * Plans for a cluster that does not exist: the code of all planners is compiled then, and the first
 * person who changes a manifest does not wait for that.
 */

import type { Postgresql } from "../api/types.gen.ts";
import type { Plan } from "../cluster/plan/steps/action.ts";
import type { Config } from "../config/config.ts";
import { dryRunPasses, NO_TEAMS } from "../dry_run/dry_run.ts";
import { documentReader } from "../dry_run/sources.ts";
import type { KubeObject } from "../kubernetes/types.gen.ts";
import { known } from "../ports/observation.ts";

const MANIFEST: KubeObject = {
  apiVersion: "acid.zalan.do/v1",
  kind: "postgresql",
  metadata: { namespace: "nowhere", name: "acid-warm-up" },
  spec: {
    teamId: "acid",
    numberOfInstances: 2,
    volume: { size: "1Gi" },
    postgresql: { version: "17" },
  },
};

/** Makes a cluster in memory, and gives the plans for a change of its image. Nobody is asked. */
export async function warmUp(
  config: Config,
  now: Date,
  signal: AbortSignal,
): Promise<readonly Plan[]> {
  const common = { config, eventStreamsSupported: known(false), teams: NO_TEAMS, now, signal };
  const readerOf = (objects: readonly KubeObject[]) =>
    documentReader(objects, undefined, config.clusterNameLabel);
  const { objects } = await dryRunPasses({
    ...common,
    manifest: MANIFEST,
    reader: readerOf([]),
    live: undefined,
  });
  const live = objects.find(({ kind }) => kind === MANIFEST.kind) as Postgresql | undefined;
  if (live === undefined) return [];
  const spec = { ...live.spec, dockerImage: "another" };
  const manifest = { ...live, spec } as unknown as KubeObject;
  const request = { ...common, manifest, live, complete: true, reader: readerOf(objects) } as const;
  return (await dryRunPasses(request)).plans;
}
