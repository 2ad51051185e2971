/**
 * Starts an operator: clients to ports, ports to the controller, the controller to the debug API.
 * This folder alone names concrete clients.
 */

import { CRDS } from "../api/crds.gen.ts";
import { type Caches, createCaches } from "../clients/kube/caches/cache.ts";
import { createKubeClient, type KubeClient } from "../clients/kube/client.ts";
import { connectKube } from "../clients/kube/connection/credentials.ts";
import type { KubeConnection } from "../clients/kube/connection/connection.ts";
import { sleep } from "../clients/kube/connection/limiter.ts";
import { createDirectReader, createDirectWriter } from "../clients/kube/direct.ts";
import { createEventRecorder } from "../clients/kube/events.ts";
import type { OtlpTracing } from "../clients/tracing/otlp.ts";
import type { PassTools } from "../cluster/pass/reconcile.ts";
import type { CommandLine } from "../command_line.ts";
import type { Config } from "../config/config.ts";
import { describeConfig } from "../config/describe.ts";
import { type Environment, watchedNamespace, withEnvironment } from "../config/from_environment.ts";
import {
  type BootstrapPorts,
  checkNamespace,
  loadConfig,
  registerCrds,
  registerLater,
} from "../controller/bootstrap.ts";
import { type Controller, createController } from "../controller/controller.ts";
import type { QueueClock } from "../controller/queue.ts";
import { controllerReadings } from "../controller/readings.ts";
import { createEventRing, type EventRing } from "../controller/overview/event_ring.ts";
import { createView } from "../controller/view.ts";
import { whileLeading } from "../leadership/guard.ts";
import type { Leadership } from "../leadership/leadership.ts";
import type { RootLogger } from "../log/logger.ts";
import type { LogRing } from "../log/ring.ts";
import { leaderReading } from "../metrics/leader.ts";
import { createMetrics, type Metrics } from "../metrics/metrics.ts";
import { processReadings } from "../metrics/process.ts";
import { RESOURCES } from "../ports/resources.gen.ts";
import { VERSION } from "../version.ts";
import { configView, startDebugServer } from "./debug_server.ts";
import { leadershipOf } from "./leader_election.ts";
import { followedBy } from "./selections.ts";
import { passTools } from "./tools.ts";

export interface OperatorOptions {
  readonly commandLine: CommandLine;
  readonly environment: Environment;
  readonly operatorNamespace: string;
  /** The name of the pod, where it is one. */
  readonly podName: string;
  readonly logger: RootLogger;
  /** Recent lines of the log, for the debug API. */
  readonly ring: LogRing;
  readonly signal: AbortSignal;
}

/** A running operator. */
export interface Operator {
  /** Resolves with the reason when another operator leads; never without a leader election. */
  readonly lost: Promise<string>;
  /** Ends after the writes under way, within seconds. */
  stop(): Promise<void>;
}

/** Without news of clusters for so long the operator is not ready: it would not see a new one. */
const LOST_MS = 60_000;

/**
 * Starts the operator; resolves once caches are filled, this process leads where several elect a
 * leader, and clusters are being looked after.
 * @throws what keeps it from starting, with a message for people
 */
export async function startOperator(options: OperatorOptions): Promise<Operator> {
  const { commandLine, logger, signal, operatorNamespace } = options;
  const metrics = createMetrics();
  metrics.read(processReadings(new Date(), VERSION));
  const { connection, client } = await connect(commandLine, { logger, metrics });
  // Asked first for a clear word about an API server that is not there.
  await client.getText("/version", { signal });
  const config = await readConfig(options, client);
  const server = startDebugServer({
    hostname: commandLine.bindAddress ?? (commandLine.outOfCluster ? "127.0.0.1" : "0.0.0.0"),
    port: config.apiPort,
    metrics,
  });
  const leadership = electionOf(options, client);
  const caches = createCaches(client, { ...followedBy(config, operatorNamespace), logger });
  const { controllerId } = options.environment;
  const writer = createDirectWriter(client);
  const recorder = createEventRecorder({ writer, logger, controllerId, now: () => new Date() });
  const events = createEventRing(recorder, () => new Date());
  const made = { config, caches, connection, client, events: events.sink };
  const tools = passTools({ ...made, databaseAddress: commandLine.databaseAddress });
  const tracing = await startTracing(options);
  const controller = controllerOf(options, {
    config,
    caches,
    client,
    metrics,
    tracing,
    events,
    tools: leadership ? { ...tools, writers: whileLeading(tools.writers, leadership) } : tools,
  });
  readFrom(metrics, controller, leadership);
  let filled = false;
  server.show(createView({
    controller,
    now: () => new Date(),
    ready: () => filled && caches.clustersLostMs() < LOST_MS,
    workers: config.workers,
    ring: options.ring,
    config: configView({ ...options, config, caches }),
    roleLabel: config.podRoleLabel,
    events,
    pod: (namespace, name) => caches.peek(RESOURCES.Pod, { namespace, name }),
  }));
  await fill(caches, {
    // Who stands by fills its caches meanwhile, and registers nothing.
    lead: leadership && (() => leadership.acquire(signal)),
    register: () => register(bootstrapPorts(client, logger), config, signal),
    filled: () => void (filled = true),
    signal,
  });
  controller.start();
  logger.info(`looking after ${controller.registry.keys().length} clusters`);
  return {
    lost: leadership?.lost ?? new Promise(() => {}),
    async stop() {
      await controller.stop();
      await leadership?.release();
      await recorder.stop();
      await caches.stop();
      await server.shutdown();
      await tracing?.stop();
      connection.close();
    },
  };
}

async function connect(
  { kubeconfig, outOfCluster, kubeQps, kubeBurst }: CommandLine,
  { logger, metrics }: { readonly logger: RootLogger; readonly metrics: Metrics },
): Promise<{ readonly connection: KubeConnection; readonly client: KubeClient }> {
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
  const refused = await registerCrds(ports, CRDS, config, signal);
  registerLater(ports, refused, config, signal).catch(() => {});
}

/** Reads the configuration, checks the watched namespace, and sets the level of the log. */
async function readConfig(options: OperatorOptions, client: KubeClient): Promise<Config> {
  const { environment, operatorNamespace, logger, signal, commandLine } = options;
  const ports = bootstrapPorts(client, logger);
  const loaded = await loadConfig(ports, environment.source, operatorNamespace, signal);
  for (const warning of loaded.warnings) logger.warn(warning);
  const config = withEnvironment(loaded.config, environment, commandLine);
  options.ring.setSize(config.ringLogLines);
  if (config.debugLogging) logger.setLevel("debug");
  for (const line of describeConfig(config)) logger.debug(line);
  const namespace = watchedNamespace(config, operatorNamespace);
  if (namespace !== "*") await checkNamespace(ports, namespace, signal);
  logger.info(`watching ${namespace === "*" ? "all namespaces" : `namespace ${namespace}`}`);
  return config;
}

/** Undefined where nobody asked for traces; their library is not even loaded then. */
async function startTracing(
  { environment, logger }: OperatorOptions,
): Promise<OtlpTracing | undefined> {
  if (!environment.traces) return undefined;
  const { startOtlpTracing } = await import("../clients/tracing/otlp.ts");
  return startOtlpTracing({ version: VERSION, logger, nowMs: Date.now });
}

/** Undefined where the operator is the only one. */
function electionOf(
  { commandLine, environment, operatorNamespace, podName, logger }: OperatorOptions,
  client: KubeClient,
): Leadership | undefined {
  const { controllerId } = environment;
  return commandLine.leaderElection && leadershipOf(commandLine.leaderElection, {
    client,
    logger,
    namespace: operatorNamespace,
    controllerId,
    podName,
  });
}

interface ControllerParts {
  readonly config: Config;
  readonly caches: Caches;
  readonly client: KubeClient;
  readonly metrics: Metrics;
  readonly tools: PassTools;
  readonly tracing: OtlpTracing | undefined;
  readonly events: EventRing;
}

function controllerOf(
  { environment, logger, ring }: OperatorOptions,
  { config, caches, client, metrics, tools, tracing, events }: ControllerParts,
): Controller {
  return createController({
    tools,
    config,
    controllerId: environment.controllerId,
    logger,
    clock: systemClock(),
    ...(environment.passTimeoutMs === undefined
      ? {}
      : { passTimeoutMs: environment.passTimeoutMs }),
    manifests: () => caches.list(RESOURCES.Postgresql),
    services: () => caches.list(RESOURCES.Service),
    statefulSets: () => caches.list(RESOURCES.StatefulSet),
    live: createDirectReader(client, config.clusterNameLabel),
    onChange: caches.onChange,
    metrics,
    forgotten: (key) => {
      ring.forget(key);
      events.forget(key);
    },
    invalidate: caches.invalidate,
    ...(tracing === undefined ? {} : { tracing }),
  });
}

function readFrom(
  metrics: Metrics,
  controller: Controller,
  leadership: Leadership | undefined,
): void {
  metrics.read(controllerReadings(controller, Date.now));
  metrics.read([leaderReading(() => leadership?.isLeader() !== false)]);
}

/** Fills the caches; the leader registers the definitions first, without which some stay empty. */
async function fill(caches: Caches, { lead, register, filled, signal }: {
  readonly lead: (() => Promise<void>) | undefined;
  readonly register: () => Promise<void>;
  readonly filled: () => void;
  readonly signal: AbortSignal;
}): Promise<void> {
  if (lead === undefined) await register();
  const filling = caches.start(signal).then(filled);
  // Whatever fails first is told below; this one must not count as unheard meanwhile.
  filling.catch(() => {});
  if (lead !== undefined) await lead().then(register);
  await filling;
}

function systemClock(): QueueClock {
  return {
    now: Date.now,
    setTimer: (callback, ms) => Number(setTimeout(callback, ms)),
    // Not the function itself: older runtimes refuse it as a method of another object.
    clearTimer: (id) => clearTimeout(id),
  };
}
