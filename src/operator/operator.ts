/**
 * Starts an operator: clients to ports, ports to the controller, the controller to the debug API.
 * This folder alone names concrete clients.
 */

import { CRDS } from "../api/crds.gen.ts";
import { type Caches, createCaches } from "../clients/kube/caches/cache.ts";
import type { KubeClient } from "../clients/kube/client.ts";
import { sleep } from "../clients/kube/connection/limiter.ts";
import { createDirectReader, createDirectWriter } from "../clients/kube/direct.ts";
import { createEventRecorder, type EventRecorder } from "../clients/kube/events.ts";
import type { OtlpTracing } from "../clients/tracing/otlp.ts";
import type { PassTools } from "../cluster/pass/reconcile.ts";
import { sourceOf } from "../cluster/pass/sources.ts";
import type { Config } from "../config/config.ts";
import type { Environment } from "../config/from_environment.ts";
import { type BootstrapPorts, registerCrds, registerLater } from "../controller/bootstrap.ts";
import { type Controller, createController } from "../controller/controller.ts";
import type { QueueClock } from "../controller/queue.ts";
import {
  type CertificateEnds,
  certificateEnds,
  certificateReadings,
} from "../controller/certificate_readings.ts";
import { controllerReadings } from "../controller/readings.ts";
import { createEventRing, type EventRing } from "../controller/overview/event_ring.ts";
import { untilAnswered } from "../controller/until_answered.ts";
import { createView } from "../controller/view.ts";
import { whileLeading } from "../leadership/guard.ts";
import { withoutWrites } from "../leadership/shadow.ts";
import { shadowReadings } from "../controller/shadow_readings.ts";
import type { KubeObject } from "../kubernetes/types.gen.ts";
import type { Leadership } from "../leadership/leadership.ts";
import type { RootLogger } from "../log/logger.ts";
import { leaderReading } from "../metrics/leader.ts";
import { createMetrics, type Metrics } from "../metrics/metrics.ts";
import { processReadings } from "../metrics/process.ts";
import { RESOURCES } from "../ports/resources.gen.ts";
import { bundled } from "../recorder/bundle.ts";
import { createPassRing, type PassRing } from "../recorder/ring.ts";
import { VERSION } from "../version.ts";
import type { Admission, AdmissionParts } from "./admission.ts";
import { connect } from "./connect.ts";
import { addressOf, configView, type DebugServer, startDebugServer } from "./debug_server.ts";
import { leadershipOf } from "./leader_election.ts";
import { createPlanner } from "./planner.ts";
import { createReadiness } from "./readiness.ts";
import { followedBy } from "./selections.ts";
import { type Output, readConfig, type Settings } from "./settings.ts";
import { passTools } from "./tools.ts";

/** Of the key that marks of hidden texts are made with. */
const KEY_BYTES = 32;

export interface OperatorOptions {
  readonly settings: Settings;
  readonly output: Output;
  readonly signal: AbortSignal;
}

/** A running operator. */
export interface Operator {
  /** Resolves with the reason when another operator leads; never without a leader election. */
  readonly lost: Promise<string>;
  /** Ends after the writes under way, within seconds. */
  stop(): Promise<void>;
}

/**
 * Starts the operator; resolves once caches are filled, this process leads where several elect a
 * leader, and clusters are being looked after.
 * @throws what keeps it from starting, with a message for people
 */
export async function startOperator(
  { settings, output, signal }: OperatorOptions,
): Promise<Operator> {
  const { commandLine, environment, operatorNamespace } = settings;
  const { logger } = output;
  const metrics = createMetrics();
  metrics.read(processReadings(new Date(), VERSION));
  const { connection, client } = await connect(commandLine, { logger, metrics });
  const bootstrap = bootstrapPorts(client, logger);
  // Asked first for a clear word about an API server that is not there.
  await untilAnswered(bootstrap, () => client.getText("/version", { signal }), signal);
  const { config, from } = await readConfig(bootstrap, settings, output, signal);
  const server = startDebugServer({ ...addressOf(commandLine), port: config.apiPort, metrics });
  const leadership = electionOf(settings, client, logger);
  const caches = createCaches(client, { ...followedBy(config, operatorNamespace), logger });
  const recorder = recorderOf(bootstrap.writer, logger, environment.controllerId);
  const events = createEventRing(recorder, () => new Date());
  const certificates = certificateEnds();
  const made = { config, caches, connection, client, events: events.sink, certificates };
  const tools = toolsFor({ ...made, databaseAddress: commandLine.databaseAddress }, from);
  const tracing = environment.traces ? await startTracing(logger) : undefined;
  const passes = passRing(logger);
  const controller = controllerOf(environment, output, {
    passes,
    config,
    caches,
    client,
    metrics,
    tracing,
    events,
    tools: toolsIn(commandLine, tools, leadership),
  });
  readFrom(metrics, controller, { leadership, shadow: commandLine.shadow, certificates });
  const readiness = createReadiness(caches);
  server.show(createView({
    ...viewParts(settings, config, caches, { ring: output.ring, passes }),
    ...{ controller, ready: readiness.ready, events },
  }));
  const { namespace: watched } = followedBy(config, operatorNamespace);
  const { ready } = readiness;
  const parts = { settings, config, caches, watched, tools, ready, logger };
  const admission = await answerQuestions(parts, { client, server });
  await readiness.fill({
    lead: leadership && (() => leadership.acquire(signal)),
    // Who only watches registers nothing.
    register: async () => {
      if (!commandLine.shadow) await register(bootstrap, config, signal);
    },
    signal,
  });
  controller.start();
  const does = commandLine.shadow ? "watching" : "looking after";
  logger.info(`${does} ${controller.registry.keys().length} clusters`);
  return {
    lost: leadership?.lost ?? new Promise(() => {}),
    stop: () =>
      inTurn([
        () => controller.stop(),
        () => leadership?.release(),
        () => recorder.stop(),
        () => caches.stop(),
        () => admission?.shutdown(),
        () => server.shutdown(),
        () => tracing?.stop(),
        () => connection.close(),
      ]),
  };
}

function recorderOf(
  writer: BootstrapPorts["writer"],
  logger: RootLogger,
  controllerId: string,
): EventRecorder {
  return createEventRecorder({ writer, logger, controllerId, now: () => new Date() });
}

async function inTurn(parts: readonly (() => unknown)[]): Promise<void> {
  for (const part of parts) await part();
}

function bootstrapPorts(client: KubeClient, logger: RootLogger): BootstrapPorts {
  return {
    reader: createDirectReader(client, ""),
    writer: createDirectWriter(client),
    logger,
    sleep,
  };
}

/** Registers the definitions; those that the role forbids now and then until the operator ends. */
async function register(
  ports: BootstrapPorts,
  config: Config,
  signal: AbortSignal,
): Promise<void> {
  const refused = await untilAnswered(
    ports,
    () => registerCrds(ports, CRDS, config, signal),
    signal,
  );
  registerLater(ports, refused, config, signal).catch(() => {});
}

/** The library of traces is not even loaded where nobody asks for them. */
async function startTracing(logger: RootLogger): Promise<OtlpTracing> {
  const { startOtlpTracing } = await import("../clients/tracing/otlp.ts");
  return startOtlpTracing({ version: VERSION, logger, nowMs: Date.now });
}

/** Answers what people and the API server ask about changes, where that is switched on. */
async function answerQuestions(
  parts: AdmissionParts,
  { client, server }: { readonly client: KubeClient; readonly server: DebugServer },
): Promise<Admission | undefined> {
  const { planRequests, admission } = parts.settings.commandLine;
  if (planRequests) server.planWith(createPlanner({ client, ...parts }));
  if (admission === undefined) return undefined;
  // What only the webhook needs is not even loaded without it.
  const { startAdmission } = await import("./admission.ts");
  return await startAdmission(parts, admission);
}

/** What pages show of settings, configuration, log and caches. */
function viewParts(
  settings: Settings,
  config: Config,
  caches: Caches,
  { ring, passes }: Pick<Output, "ring"> & { readonly passes: PassRing },
) {
  return {
    recordings: (key: string) => passes.of(key).map(bundled),
    now: () => new Date(),
    workers: config.workers,
    ring,
    config: configView(settings, config, caches),
    roleLabel: config.podRoleLabel,
    object: caches.find,
  };
}

/** Undefined where the operator is the only one. */
function electionOf(
  { commandLine, environment, operatorNamespace, podName }: Settings,
  client: KubeClient,
  logger: RootLogger,
): Leadership | undefined {
  const { controllerId } = environment;
  // Who writes nothing stands in nobody's way.
  if (commandLine.shadow) return undefined;
  return commandLine.leaderElection && leadershipOf(commandLine.leaderElection, {
    client,
    logger,
    namespace: operatorNamespace,
    controllerId,
    podName,
  });
}

/** The tools as far as this process may write. */
function toolsIn(
  { shadow }: Settings["commandLine"],
  tools: PassTools,
  leadership: Leadership | undefined,
): PassTools {
  if (shadow) return shadowTools(tools);
  return leadership ? { ...tools, writers: whileLeading(tools.writers, leadership) } : tools;
}

/** What runs commands in pods or asks the cloud is left out: a role that only reads has no right to it. */
function shadowTools({ backups: _backups, ebsVolumes: _volumes, ...tools }: PassTools): PassTools {
  return { ...tools, writers: withoutWrites(tools.writers), shadow: true };
}

/** What a pass works with, and whose it is. */
function toolsFor(parts: Parameters<typeof passTools>[0], from: KubeObject | undefined): PassTools {
  const configuration = from === undefined ? {} : { configuration: sourceOf(from) };
  return { ...passTools(parts), operator: { version: VERSION, ...configuration } };
}

/** Passes that did something, for those who ask why. */
function passRing(logger: RootLogger): PassRing {
  return createPassRing({
    version: VERSION,
    key: crypto.getRandomValues(new Uint8Array(KEY_BYTES)),
    pause: (ms) => sleep(ms, new AbortController().signal),
    failed: (error) => logger.debug(`a pass is not recorded: ${error}`),
  });
}

interface ControllerParts {
  readonly passes: PassRing;
  readonly config: Config;
  readonly caches: Caches;
  readonly client: KubeClient;
  readonly metrics: Metrics;
  readonly tools: PassTools;
  readonly tracing: OtlpTracing | undefined;
  readonly events: EventRing;
}

function controllerOf(
  { controllerId, passTimeoutMs }: Environment,
  { logger, ring }: Output,
  { passes, config, caches, client, metrics, tools, tracing, events }: ControllerParts,
): Controller {
  return createController({
    tools,
    config,
    controllerId,
    logger,
    clock: systemClock(),
    ...(passTimeoutMs === undefined ? {} : { passTimeoutMs }),
    manifests: () => caches.list(RESOURCES.Postgresql),
    services: () => caches.list(RESOURCES.Service),
    statefulSets: () => caches.list(RESOURCES.StatefulSet),
    live: createDirectReader(client, config.clusterNameLabel),
    onChange: caches.onChange,
    metrics,
    forgotten: (key) => {
      ring.forget(key);
      passes.forget(key);
      events.forget(key);
    },
    invalidate: caches.invalidate,
    record: passes.record,
    ...(tracing === undefined ? {} : { tracing }),
  });
}

function readFrom(
  metrics: Metrics,
  controller: Controller,
  { leadership, shadow, certificates }: {
    readonly leadership: Leadership | undefined;
    readonly shadow: boolean;
    readonly certificates: CertificateEnds;
  },
): void {
  if (shadow) metrics.read(shadowReadings(controller.registry));
  metrics.read(controllerReadings(controller, Date.now));
  metrics.read(certificateReadings(controller.registry, certificates));
  metrics.read([leaderReading(() => leadership?.isLeader() !== false)]);
}

function systemClock(): QueueClock {
  return {
    now: Date.now,
    setTimer: (callback, ms) => Number(setTimeout(callback, ms)),
    // Not the function itself: older runtimes refuse it as a method of another object.
    clearTimer: (id) => clearTimeout(id),
  };
}
