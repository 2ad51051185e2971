/** The debug API of a running operator: what it shows, and the server that shows it. */

import type { Caches } from "../clients/kube/caches/cache.ts";
import { sleep } from "../clients/kube/connection/limiter.ts";
import { infrastructureRolesOf } from "../cluster/observed/infrastructure_roles.ts";
import type { CommandLine } from "../command_line.ts";
import type { Config } from "../config/config.ts";
import { controllerConfigView, operatorConfigView } from "../config/describe.ts";
import { infrastructureRoleDefinitions } from "../config/infrastructure_roles.ts";
import { createDebugApp, type Scraped } from "../debug/app.ts";
import type { Planner } from "../debug/asked_plan.ts";
import { packedPlaces } from "../debug/pprof/packed_map.ts";
import { createSampler } from "../debug/pprof/sampler.ts";
import { serveDebugApp } from "../debug/server.ts";
import type { ConfigView } from "../debug/shapes.ts";
import type { OperatorView } from "../debug/view.ts";
import { RESOURCES } from "../ports/resources.gen.ts";
import { refTo } from "../ports/typed.ts";
import type { Settings } from "./settings.ts";

/** A listening debug API that has nothing to show yet. */
export interface DebugServer {
  show(view: OperatorView): void;
  /** Lets people ask for plans from now on. */
  planWith(planner: Planner): void;
  shutdown(): Promise<void>;
}

/** Where the debug API listens: outside of a cluster for this machine alone, unless told. */
export function addressOf(
  { bindAddress, outOfCluster }: CommandLine,
): { readonly hostname: string } {
  return { hostname: bindAddress ?? (outOfCluster ? "127.0.0.1" : "0.0.0.0") };
}

/** Listens before the caches are filled, so that probes get an answer from the start. */
export function startDebugServer(options: {
  readonly hostname: string;
  readonly port: number;
  readonly metrics: Scraped;
}): DebugServer {
  let view: OperatorView | undefined;
  let planner: Planner | undefined;
  const profiles = {
    sampler: createSampler((ms, signal) => sleep(ms, signal).catch(() => {})),
    places: packedPlaces(),
    now: () => new Date(),
    commandLine: [Deno.execPath(), ...Deno.args],
  };
  const app = createDebugApp(() => view, {
    metrics: options.metrics,
    profiles,
    planner: () => planner,
  });
  const server = serveDebugApp(app, options.hostname, options.port);
  return {
    show: (next) => void (view = next),
    planWith: (next) => void (planner = next),
    shutdown: () => server.shutdown(),
  };
}

/** The configuration for the debug API; roles of others come from what is followed anyway. */
export function configView(
  { commandLine, environment, operatorNamespace }: Settings,
  config: Config,
  caches: Pick<Caches, "peek" | "pin">,
): () => ConfigView {
  const definitions = infrastructureRoleDefinitions(config);
  for (const { secretName } of definitions) {
    caches.pin(refTo(RESOURCES.Secret, secretName));
    caches.pin(refTo(RESOURCES.ConfigMap, secretName));
  }
  const operator = operatorConfigView(config, operatorNamespace);
  return () => ({
    operator,
    controller: controllerConfigView({
      config,
      environment,
      switches: commandLine,
      kubeQps: commandLine.kubeQps ?? 0,
      kubeBurst: commandLine.kubeBurst ?? 0,
      roles: definitions.flatMap((definition) =>
        infrastructureRolesOf(definition, {
          secret: caches.peek(RESOURCES.Secret, definition.secretName),
          configMap: caches.peek(RESOURCES.ConfigMap, definition.secretName),
        })
      ),
    }),
  });
}
