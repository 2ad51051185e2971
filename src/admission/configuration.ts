/**
 * Says what another configuration would do to the clusters, as far as that can be found out in the time
 * that an API server waits.
 */

import type { OperatorConfiguration, Postgresql } from "../api/types.gen.ts";
import type { Config } from "../config/config.ts";
import { configFromCrd } from "../config/from_crd.ts";
import { ConfigError } from "../config/problems.ts";
import { worstEffect } from "../dry_run/show.ts";
import { type DryRunRequest, dryRunWithPlans } from "../dry_run/dry_run.ts";
import type { Review, Verdict } from "./review.ts";
import { counted, disturbanceOf } from "./warnings.ts";

/** Where this operator has its configuration from, and what it makes of another one. */
export interface Configured {
  /** Undefined where it is no OperatorConfiguration. */
  readonly configuration: { readonly namespace: string; readonly name: string } | undefined;
  /** The configuration with what environment and command line override. */
  readonly overridden: (config: Config) => Config;
}

/** Longest time for the look at the clusters. */
const LOOK_MS = 1_000;

interface ConfigurationPorts extends Configured {
  readonly refuse: boolean;
  readonly manifests: () => readonly Postgresql[];
  /** A dry run of a manifest as it is, with another configuration. */
  readonly requestWith: (config: Config, cr: Postgresql, signal: AbortSignal) => DryRunRequest;
}

/** Judges a change of the OperatorConfiguration; that of another operator is left alone. */
export async function judgeConfiguration(
  ports: ConfigurationPorts,
  review: Review,
  signal: AbortSignal,
): Promise<Verdict> {
  const { configuration } = ports;
  const ours = configuration?.namespace === review.namespace &&
    configuration.name === review.name;
  if (!ours || review.object === undefined) return { warnings: [] };
  const after = review.object as unknown as OperatorConfiguration;
  const before = review.oldObject as unknown as OperatorConfiguration | undefined;
  if (same(before?.configuration, after.configuration)) return { warnings: [] };
  try {
    const read = configFromCrd(after.configuration, { operatorNamespace: review.namespace });
    const look = await lookAtClusters(ports, ports.overridden(read.config), signal);
    return { warnings: [...read.warnings, lookText(look)] };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    // The operator would not start with it.
    return { warnings: [error.message], ...(ports.refuse ? { refusal: error.message } : {}) };
  }
}

function same(before: unknown, after: unknown): boolean {
  return JSON.stringify(before) === JSON.stringify(after);
}

interface Look {
  readonly clusters: number;
  readonly looked: number;
  readonly changed: number;
  readonly restarted: number;
  readonly pods: number;
}

async function lookAtClusters(
  ports: ConfigurationPorts,
  config: Config,
  signal: AbortSignal,
): Promise<Look> {
  const manifests = ports.manifests();
  const endMs = performance.now() + LOOK_MS;
  let [looked, changed, restarted, restartedPods] = [0, 0, 0, 0];
  for (const cr of manifests) {
    if (performance.now() >= endMs || signal.aborted) break;
    const { shown, plans } = await dryRunWithPlans(ports.requestWith(config, cr, signal));
    const { pods, servers } = disturbanceOf(plans);
    const effect = worstEffect(shown.changes.map((change) => change.effect));
    looked++;
    if (shown.changes.length > 0) changed++;
    if (effect === "restart" || effect === "destructive") restarted++;
    restartedPods += Math.max(pods, servers);
    // Others are to be answered meanwhile.
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  return { clusters: manifests.length, looked, changed, restarted, pods: restartedPods };
}

function lookText({ clusters, looked, changed, restarted, pods }: Look): string {
  const seen = looked < clusters ? ` (${looked} of ${clusters} were looked at in time)` : "";
  const effect = restarted === 0
    ? "none of them restarts"
    : `${restarted} of them ${restarted === 1 ? "restarts" : "restart"}, ${counted(pods, "pod")}`;
  return `at its next start the operator changes ${counted(changed, "cluster")} with this` +
    (changed === 0 ? seen : `; ${effect}${seen}`);
}
