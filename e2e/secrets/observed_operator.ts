/**
 * The operator's own controller over a cluster in memory, and everything that it says to anybody:
 * log lines of every level, Events, the status, plans, and every page of the debug API.
 */

import type { Postgresql } from "../../src/api/types.gen.ts";
import type { CatalogObservation } from "../../src/cluster/observed/catalog.ts";
import { createDerivedVerifiers } from "../../src/cluster/pass/passwords.ts";
import type { Config } from "../../src/config/config.ts";
import { infrastructureRoleDefinitions } from "../../src/config/infrastructure_roles.ts";
import { operatorConfigView } from "../../src/config/describe.ts";
import { controllerReadings } from "../../src/controller/readings.ts";
import { createController } from "../../src/controller/controller.ts";
import { createView } from "../../src/controller/view.ts";
import { createDebugApp } from "../../src/debug/app.ts";
import type { ProfileTools } from "../../src/debug/pprof/routes.ts";
import { ROUTES } from "../../src/debug/routes.ts";
import { NO_TEAMS } from "../../src/dry_run/dry_run.ts";
import { planText, showPlans } from "../../src/dry_run/show.ts";
import { simulateCluster, type SimulatedCluster } from "../../src/dry_run/simulated/cluster.ts";
import type { KubeObject } from "../../src/kubernetes/types.gen.ts";
import { Sensitive } from "../../src/lib/sensitive.ts";
import { createLogger } from "../../src/log/logger.ts";
import { createLogRing } from "../../src/log/ring.ts";
import { createMetrics } from "../../src/metrics/metrics.ts";
import { known } from "../../src/ports/observation.ts";
import { documentReader } from "../../src/dry_run/sources.ts";

export interface ObservedOperator {
  readonly cluster: SimulatedCluster;
  /** Puts the manifest and waits until nothing is left to do, or some minutes are over. */
  apply(manifest: KubeObject): Promise<void>;
  stop(): Promise<void>;
  /** What was said since the last call, by where it was said. */
  said(): Promise<ReadonlyMap<string, string>>;
}

export interface OperatorParts {
  readonly config: Config;
  /** Objects that are there before the operator. */
  readonly objects?: readonly KubeObject[];
  readonly catalog?: () => CatalogObservation | undefined;
}

const NOW = new Date("2026-01-14T12:00:30Z");
/** Of the simulated clock; and turns of it, should a timer come again at once. */
const PATIENCE_MS = 30_000;
const MOST_TURNS = 30;
const CLUSTER_KIND = "postgresql";

/** Starts the operator. */
export function observeOperator(
  { config, objects = [], catalog }: OperatorParts,
): ObservedOperator {
  const cluster = simulateCluster({
    clusterNameLabel: config.clusterNameLabel,
    roleLabel: config.podRoleLabel,
    startMs: NOW.getTime(),
    origin: documentReader(objects, undefined, config.clusterNameLabel),
  });
  const { api, clock, writers, events } = cluster;
  const lines: string[] = [];
  const plans: string[] = [];
  const ring = createLogRing(1000);
  const logger = createLogger({
    format: "text",
    verbosity: 8,
    now: () => new Date(clock.now()),
    write: (line) => void lines.push(line),
    mirror: (record) => ring.add(record),
  });
  const metrics = createMetrics();
  logger.setLevel("debug");
  const controller = createController({
    tools: {
      config,
      kube: api.reader,
      inputs: {
        kube: api.reader,
        owned: api.reader,
        teams: NO_TEAMS,
        postgresTeams: () => [],
        infrastructureRoleDefinitions: infrastructureRoleDefinitions(config),
        eventStreamsSupported: () => known(false),
      },
      patroni: cluster.patroni,
      catalog: () => Promise.resolve(catalog?.()),
      derived: createDerivedVerifiers(),
      writers,
      clock: { now: () => new Date(clock.now()) },
      newPassword: () => new Sensitive("x".repeat(64)),
    },
    config,
    controllerId: "",
    logger,
    clock,
    live: api.reader,
    manifests: () => [],
    services: () => [],
    statefulSets: () => [],
    onChange: (listener) => api.onChange(listener as Parameters<typeof api.onChange>[0]),
    invalidate: () => {},
    metrics,
    forgotten: ring.forget,
  });
  metrics.read(controllerReadings(controller, clock.now));
  const view = createView({
    controller,
    ready: () => true,
    now: () => new Date(clock.now()),
    workers: config.workers,
    ring,
    config: () => ({
      operator: operatorConfigView(config, "default"),
      controller: { InfrastructureRoles: {} },
    }),
  });
  const app = createDebugApp(() => view, { metrics, profiles: NO_PROFILES });
  controller.start();
  const settle = async () => {
    const endMs = clock.now() + PATIENCE_MS;
    for (let turn = 0; turn < MOST_TURNS; turn++) {
      await idle();
      if ((clock.nextMs() ?? Infinity) > endMs || !clock.advance()) break;
    }
    for (const { last } of controller.registry.entries()) {
      if (last === undefined) continue;
      plans.push(JSON.stringify(last.plan.steps.map(({ reasons }) => reasons)));
      plans.push(JSON.stringify(last.plan.held), planText(showPlans([last.plan])));
    }
  };
  const idle = async () => {
    for (let turn = 0; turn < MOST_TURNS; turn++) {
      await new Promise((resolve) => setTimeout(resolve));
      const busy = controller.workers()?.busy() ?? [];
      if (controller.queue.waiting().length === 0 && busy.length === 0) return;
    }
  };
  return {
    cluster,
    async apply(manifest) {
      api.put(manifest);
      await settle();
    },
    stop: () => controller.stop(),
    async said() {
      const places = new Map([
        ["log", lines.splice(0).join("\n")],
        ["Events", events.splice(0).map((note) => JSON.stringify(note)).join("\n")],
        ["plans", plans.splice(0).join("\n")],
      ]);
      for (const object of api.objects().filter(({ kind }) => kind === CLUSTER_KIND)) {
        const { namespace = "", name = "" } = object.metadata;
        places.set("status", JSON.stringify((object as unknown as Postgresql).status ?? {}));
        const values = { namespace, name, team: "acid", id: "0" };
        for (const path of PAGES.map((page) => filled(page, values))) {
          places.set(path, await (await app.request(path)).text());
        }
      }
      return places;
    },
  };
}

/** Profiles hold names of functions, and are asked for by other tests. */
const NO_PROFILES = {} as ProfileTools;

const PAGES = [
  "/healthz",
  "/readyz",
  "/metrics",
  "/openapi.json",
  ...ROUTES.map(({ path }) => path),
];

function filled(path: string, values: Readonly<Record<string, string>>): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, key: string) => values[key] ?? "");
}
