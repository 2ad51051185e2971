/**
 * The operator's own controller over a cluster in memory, and everything that it says to anybody:
 * log lines of every level, Events, the status, plans, spans, answers at admission, and every page of
 * the debug API.
 */

import { judge } from "../../src/admission/judge.ts";
import { answerTo } from "../../src/admission/review.ts";
import type { Postgresql } from "../../src/api/types.gen.ts";
import type { CatalogObservation } from "../../src/cluster/observed/catalog.ts";
import type { Plan } from "../../src/cluster/plan/steps/action.ts";
import type { Config } from "../../src/config/config.ts";
import { infrastructureRoleDefinitions } from "../../src/config/infrastructure_roles.ts";
import { operatorConfigView } from "../../src/config/describe.ts";
import type { Controller } from "../../src/controller/controller.ts";
import { controllerReadings } from "../../src/controller/readings.ts";
import { createView } from "../../src/controller/view.ts";
import { createDebugApp } from "../../src/debug/app.ts";
import type { ProfileTools } from "../../src/debug/pprof/routes.ts";
import { ROUTES } from "../../src/debug/routes.ts";
import { planText as canonicalText } from "../../src/recorder/plan_text.ts";
import { recordingOf, replayed, snapshot } from "../../src/recorder/recording.ts";
import { planText, showPlans } from "../../src/dry_run/show.ts";
import { simulateCluster, type SimulatedCluster } from "../../src/dry_run/simulated/cluster.ts";
import { documentReader } from "../../src/dry_run/sources.ts";
import type { KubeObject } from "../../src/kubernetes/types.gen.ts";
import { createLogger, type Logger } from "../../src/log/logger.ts";
import { createLogRing, type LogRing } from "../../src/log/ring.ts";
import { known } from "../../src/ports/observation.ts";
import { refOf } from "../../src/ports/requests.ts";
import { createMetrics, type Metrics } from "../../src/metrics/metrics.ts";
import { controllerFor, toolsFor } from "../../src/testing/simulated_operator.ts";
import { spanRecorder } from "../../src/testing/span_recorder.ts";

export interface ObservedOperator {
  readonly cluster: SimulatedCluster;
  /** Puts the manifest and waits until nothing is left to do, or some minutes are over. */
  apply(manifest: KubeObject): Promise<void>;
  stop(): Promise<void>;
  /** What was said since the last call, by where it was said. */
  said(): Promise<ReadonlyMap<string, string>>;
  /** Plans that their recordings do not give again. */
  readonly unequal: readonly string[];
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
const KEY = new TextEncoder().encode("a key of this suite");
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
  const output: Output = {
    ...{ lines: [], plans: [], answers: [], recordings: [] },
    ring: createLogRing(1000),
  };
  const unequal: string[] = [];
  const metrics = createMetrics();
  const tracing = spanRecorder();
  const controller = controllerFor(cluster, {
    tools: toolsFor(cluster, config, {
      inputs: { infrastructureRoleDefinitions: infrastructureRoleDefinitions(config) },
      catalog: () => Promise.resolve(catalog?.()),
    }),
    config,
    logger: loudLogger(cluster, output),
    metrics,
    tracing,
    forgotten: output.ring.forget,
    record(pass) {
      const recording = recordingOf(snapshot(pass), KEY);
      output.recordings.push(JSON.stringify(recording));
      const again = canonicalText(replayed(JSON.parse(JSON.stringify(recording))));
      if (again !== recording.plan) unequal.push(`${recording.plan}\n${again}`);
    },
  });
  metrics.read(controllerReadings(controller, cluster.clock.now));
  const app = debugApp({ cluster, controller, config, output, metrics });
  controller.start();
  return {
    cluster,
    async apply(manifest) {
      output.answers.push(...await answersTo(manifest, cluster, config));
      cluster.api.put(manifest);
      await settle(cluster, controller);
      for (const { last } of controller.registry.entries()) {
        if (last !== undefined) output.plans.push(...textsOf(last.plan));
      }
    },
    stop: () => controller.stop(),
    unequal,
    said: async () =>
      new Map([
        ...saidTo(output, cluster),
        ["spans", JSON.stringify(tracing.spans)],
        ...await pagesOf(app, cluster),
      ]),
  };
}

/** What the webhook says of a manifest that is about to be stored, and of its deletion. */
async function answersTo(
  object: KubeObject,
  { api, clock }: SimulatedCluster,
  config: Config,
): Promise<string[]> {
  const { namespace = "", name = "" } = object.metadata;
  const oldObject = api.find(refOf(object));
  const about = { uid: "u", kind: CLUSTER_KIND, namespace, name, object };
  const reviews = oldObject === undefined ? [{ ...about, operation: "CREATE" } as const] : [
    { ...about, operation: "UPDATE", oldObject } as const,
    { ...about, operation: "DELETE", oldObject } as const,
  ];
  const ports = {
    config,
    controllerId: "",
    watched: undefined,
    refuse: true,
    kept: { owned: api.reader, inputs: api.reader },
    manifests: () => [],
    eventStreamsSupported: () => known(false),
    now: () => new Date(clock.now()),
    configuration: undefined,
    overridden: (read: Config) => read,
  };
  const { signal } = new AbortController();
  return await Promise.all(
    reviews.map(async (review) =>
      JSON.stringify(answerTo(review, await judge(ports, review, signal)))
    ),
  );
}

/** What the operator has said beside its answers. */
interface Output {
  readonly lines: string[];
  readonly plans: string[];
  readonly answers: string[];
  readonly recordings: string[];
  readonly ring: LogRing;
}

/** A logger that says all it can, into the debug API too. */
function loudLogger({ clock }: SimulatedCluster, { lines, ring }: Output): Logger {
  const logger = createLogger({
    format: "text",
    verbosity: 8,
    now: () => new Date(clock.now()),
    write: (line) => void lines.push(line),
    mirror: (record) => ring.add(record),
  });
  logger.setLevel("debug");
  return logger;
}

function debugApp({ cluster, controller, config, output, metrics }: {
  readonly cluster: SimulatedCluster;
  readonly controller: Controller;
  readonly config: Config;
  readonly output: Output;
  readonly metrics: Metrics;
}): DebugApp {
  const view = createView({
    recordings: () => [],
    controller,
    ready: () => true,
    now: () => new Date(cluster.clock.now()),
    workers: config.workers,
    ring: output.ring,
    roleLabel: config.podRoleLabel,
    events: { of: () => [] },
    object: (ref) => cluster.api.find(ref),
    config: () => ({
      operator: operatorConfigView(config, "default"),
      controller: { InfrastructureRoles: {} },
    }),
  });
  return createDebugApp(() => view, { metrics, profiles: NO_PROFILES });
}

async function settle({ clock }: SimulatedCluster, controller: Controller): Promise<void> {
  const endMs = clock.now() + PATIENCE_MS;
  for (let turn = 0; turn < MOST_TURNS; turn++) {
    await idle(controller);
    if ((clock.nextMs() ?? Infinity) > endMs || !clock.advance()) break;
  }
}

/** Verifiers are computed outside of this thread: that takes more than promises. */
async function idle(controller: Controller): Promise<void> {
  for (let turn = 0; turn < MOST_TURNS; turn++) {
    await new Promise((resolve) => setTimeout(resolve));
    const busy = controller.workers()?.busy() ?? [];
    if (controller.queue.waiting().length === 0 && busy.length === 0) return;
  }
}

function textsOf(plan: Plan): string[] {
  return [
    JSON.stringify(plan.steps.map(({ reasons }) => reasons)),
    JSON.stringify(plan.held),
    planText(showPlans([plan])),
  ];
}

/** What was said since the last call. */
function saidTo(
  { lines, plans, answers, recordings }: Output,
  { events }: SimulatedCluster,
): Map<string, string> {
  return new Map([
    ["recordings", recordings.splice(0).join("\n")],
    ["log", lines.splice(0).join("\n")],
    ["Events", events.splice(0).map((note) => JSON.stringify(note)).join("\n")],
    ["plans", plans.splice(0).join("\n")],
    ["admission", answers.splice(0).join("\n")],
  ]);
}

/** The status of every cluster, and every page that can be asked for. */
async function pagesOf(app: DebugApp, { api }: SimulatedCluster): Promise<Map<string, string>> {
  const places = new Map<string, string>();
  for (const object of api.objects().filter(({ kind }) => kind === CLUSTER_KIND)) {
    const { namespace = "", name = "" } = object.metadata;
    places.set("status", JSON.stringify((object as unknown as Postgresql).status ?? {}));
    const values = { namespace, name, team: "acid", id: "0" };
    for (const path of PAGES.map((page) => filled(page, values))) {
      places.set(path, await (await app.request(path)).text());
    }
  }
  return places;
}

type DebugApp = ReturnType<typeof createDebugApp>;

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
