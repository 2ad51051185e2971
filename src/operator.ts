/**
 * Wires the operator: clients to ports, ports to the controller, the controller to the debug API.
 * The only file that names concrete clients.
 */

import { CRDS } from "./api/crds.gen.ts";
import { type CacheOptions, type Caches, createCaches } from "./clients/kube/caches/cache.ts";
import { createKubeClient, type KubeClient } from "./clients/kube/client.ts";
import { connectKube } from "./clients/kube/connection/credentials.ts";
import type { KubeConnection } from "./clients/kube/connection/connection.ts";
import { createDirectReader, createDirectWriter } from "./clients/kube/direct.ts";
import { createEventRecorder } from "./clients/kube/events.ts";
import { createPodExec } from "./clients/kube/streams/exec.ts";
import { sleep } from "./clients/kube/connection/limiter.ts";
import type { Node } from "./kubernetes/types.gen.ts";
import { createPatroniApi } from "./clients/patroni/client.ts";
import {
  createSqlConnector,
  type DatabaseAddress,
  serviceAddress,
} from "./clients/postgres/connector.ts";
import { createTeamsApi, oauthTokenOf } from "./clients/teams/client.ts";
import { createCatalogReader } from "./cluster/pass/catalog_reader.ts";
import { podRoleBinding, podServiceAccount } from "./cluster/desired/service_account.ts";
import { infrastructureRolesOf } from "./cluster/observed/infrastructure_roles.ts";
import { nodeTraits } from "./cluster/observed/nodes.ts";
import type { EventSink, TeamsApi } from "./ports/ports.ts";
import type { PassTools } from "./cluster/pass/reconcile.ts";
import type { SqlTarget } from "./ports/requests.ts";
import type { CommandLine } from "./command_line.ts";
import type { Config } from "./config/config.ts";
import { controllerConfigView, describeConfig, operatorConfigView } from "./config/describe.ts";
import { type Environment, watchedNamespace, withEnvironment } from "./config/from_environment.ts";
import { infrastructureRoleDefinitions } from "./config/infrastructure_roles.ts";
import {
  type BootstrapPorts,
  checkNamespace,
  loadConfig,
  registerCrds,
} from "./controller/bootstrap.ts";
import { createController } from "./controller/controller.ts";
import type { QueueClock } from "./controller/queue.ts";
import { createTeamReader } from "./controller/teams.ts";
import { controllerReadings } from "./controller/readings.ts";
import { createView } from "./controller/view.ts";
import { createDebugApp } from "./debug/app.ts";
import { packedPlaces } from "./debug/pprof/packed_map.ts";
import type { ProfileTools } from "./debug/pprof/routes.ts";
import { createSampler } from "./debug/pprof/sampler.ts";
import { serveDebugApp } from "./debug/server.ts";
import type { ConfigView } from "./debug/shapes.ts";
import type { OperatorView } from "./debug/view.ts";
import { typedReader } from "./ports/client.gen.ts";
import { known, type Observation, unknown } from "./ports/observation.ts";
import { RESOURCES } from "./ports/resources.gen.ts";
import { isOf, refTo } from "./ports/typed.ts";
import { Sensitive } from "./lib/sensitive.ts";
import { createMetrics, type Metrics } from "./metrics/metrics.ts";
import { processReadings } from "./metrics/process.ts";
import { VERSION } from "./version.ts";
import type { RootLogger } from "./log/logger.ts";
import type { LogRing } from "./log/ring.ts";

export interface OperatorOptions {
  readonly commandLine: CommandLine;
  readonly environment: Environment;
  readonly operatorNamespace: string;
  readonly logger: RootLogger;
  /** Recent lines of the log, for the debug API. */
  readonly ring: LogRing;
  readonly signal: AbortSignal;
}

/** A running operator. */
export interface Operator {
  /** Ends after the writes under way, within seconds. */
  stop(): Promise<void>;
}

/**
 * Starts the operator; resolves once caches are filled and clusters are being looked after.
 * @throws what keeps it from starting, with a message for people
 */
export async function startOperator(options: OperatorOptions): Promise<Operator> {
  const { commandLine, logger, signal } = options;
  const metrics = createMetrics();
  metrics.read(processReadings(new Date(), VERSION));
  const connection = await connectKube({
    ...(commandLine.kubeconfig === "" ? {} : { kubeconfig: commandLine.kubeconfig }),
    from: commandLine.outOfCluster ? "kubeconfig" : "auto",
  });
  const client = createKubeClient({
    connection,
    logger,
    ...(commandLine.kubeQps === undefined ? {} : { qps: commandLine.kubeQps }),
    ...(commandLine.kubeBurst === undefined ? {} : { burst: commandLine.kubeBurst }),
    onRequest: ({ verb, status }) => metrics.requestEnded({ verb, status }),
  });
  // Asked first for a clear word about an API server that is not there.
  await client.getText("/version", { signal });
  const config = await readConfig(options, client);
  const server = createDebugServer(options, config, metrics);
  await registerCrds(bootstrapPorts(client, logger), CRDS, config, signal);
  const caches = createCaches(client, cacheOptions(options, config));
  const { controllerId } = options.environment;
  const events = createEventRecorder({
    writer: createDirectWriter(client),
    logger,
    controllerId,
    now: () => new Date(),
  });
  const controller = createController({
    tools: passTools({ ...options, config, caches, connection, events }),
    config,
    controllerId,
    logger,
    clock: systemClock(),
    manifests: () => caches.list(RESOURCES.Postgresql),
    services: () => caches.list(RESOURCES.Service),
    live: createDirectReader(client, config.clusterNameLabel),
    onChange: caches.onChange,
    metrics,
    forgotten: options.ring.forget,
    invalidate: caches.invalidate,
  });
  metrics.read(controllerReadings(controller, Date.now));
  const view = createView({
    controller,
    ready: () => true,
    workers: config.workers,
    ring: options.ring,
    config: configView(options, config, caches),
  });
  server.show(view);
  await caches.start(signal);
  controller.start();
  logger.info(`looking after ${controller.registry.keys().length} clusters`);
  return {
    async stop() {
      await controller.stop();
      await events.stop();
      await caches.stop();
      await server.shutdown();
      connection.close();
    },
  };
}

function bootstrapPorts(client: KubeClient, logger: RootLogger): BootstrapPorts {
  return {
    reader: createDirectReader(client, ""),
    writer: createDirectWriter(client),
    logger,
    sleep,
  };
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

function cacheOptions(options: OperatorOptions, config: Config): CacheOptions {
  const namespace = watchedNamespace(config, options.operatorNamespace);
  const account = podServiceAccount(config, "").metadata.name ?? "";
  const binding = podRoleBinding(config, "").metadata.name ?? "";
  return {
    clusterNameLabel: config.clusterNameLabel,
    ...(namespace === "*" ? {} : { namespace }),
    byName: [
      refTo(RESOURCES.ServiceAccount, { name: account }),
      refTo(RESOURCES.RoleBinding, { name: binding }),
    ],
    whole: [
      RESOURCES.Node,
      ...(config.enablePostgresTeamCrd ? [RESOURCES.PostgresTeam] : []),
    ],
    logger: options.logger,
  };
}

function profileTools(): ProfileTools {
  return {
    sampler: createSampler(sleepUnlessAborted),
    places: packedPlaces(),
    now: () => new Date(),
    commandLine: [Deno.execPath(), ...Deno.args],
  };
}

/** Waits, and no longer than until the signal aborts. */
function sleepUnlessAborted(ms: number, signal: AbortSignal): Promise<void> {
  return sleep(ms, signal).catch(() => {});
}

/** The configuration for the debug API; roles of others come from what is followed anyway. */
function configView(
  { commandLine, environment, operatorNamespace }: OperatorOptions,
  config: Config,
  caches: Caches,
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

/** Listens before the caches are filled, so that probes get an answer from the start. */
function createDebugServer({ commandLine }: OperatorOptions, config: Config, metrics: Metrics) {
  let view: OperatorView | undefined;
  const app = createDebugApp(() => view, { metrics, profiles: profileTools() });
  const hostname = commandLine.outOfCluster ? "127.0.0.1" : "0.0.0.0";
  const server = serveDebugApp(app, hostname, config.apiPort);
  return {
    show: (next: OperatorView) => void (view = next),
    shutdown: () => server.shutdown(),
  };
}

interface ToolParts extends OperatorOptions {
  readonly config: Config;
  readonly caches: Caches;
  readonly connection: KubeConnection;
  readonly events: EventSink;
}

function passTools(parts: ToolParts): PassTools {
  const { config, caches, connection, events } = parts;
  const patroni = createPatroniApi();
  const clock = { now: () => new Date() };
  const sql = createSqlConnector({ addressOf: databaseAddress(parts) });
  return {
    config,
    kube: caches.reader,
    inputs: {
      kube: caches.inputs,
      owned: caches.reader,
      teams: createTeamReader(config, teamsApi(config, caches), Date.now),
      postgresTeams: () => caches.list(RESOURCES.PostgresTeam),
      infrastructureRoleDefinitions: infrastructureRoleDefinitions(config),
      eventStreamsSupported: () => eventStreamsSupported(caches),
    },
    patroni,
    nodes: followNodes(caches),
    catalog: createCatalogReader(sql),
    writers: {
      kube: caches.writer,
      events,
      patroni,
      sql,
      exec: createPodExec(connection),
      unpatchable: new Set(),
    },
    clock,
    newPassword,
  };
}

/** By the name of the primary's Service, or by its address where names cannot be resolved. */
function databaseAddress(
  { commandLine, config, caches }: ToolParts,
): (target: SqlTarget) => DatabaseAddress {
  const byName = serviceAddress(config.clusterDomain);
  if (commandLine.databaseAddress === "name") return byName;
  return (target) => {
    const services = caches.list(RESOURCES.Service, target.namespace);
    const found = services.find(({ metadata }) => metadata.name === target.cluster);
    const host = found?.spec?.clusterIP ?? "";
    return host === "" || host === "None" ? byName(target) : { ...byName(target), host };
  };
}

/** What passes ask of nodes, kept apart: to copy whole nodes in every pass would cost too much. */
function followNodes(caches: Caches): () => Observation<readonly Node[]> {
  const nodes = new Map<string, Node>();
  caches.onChange(({ type, object }) => {
    if (!isOf(RESOURCES.Node, object)) return;
    const { name = "" } = object.metadata;
    if (type === "delete") nodes.delete(name);
    else nodes.set(name, nodeTraits(object));
  });
  return () => {
    const state = caches.sizes().find(({ kind }) => kind === "Node")?.state ?? "starting";
    return state === "synced"
      ? known([...nodes.values()])
      : unknown(`nodes cannot be followed: ${state}`);
  };
}

function eventStreamsSupported(caches: Caches): Observation<boolean> {
  const cache = caches.sizes().find(({ kind }) => kind === "FabricEventStream");
  if (cache === undefined || cache.state === "starting") return unknown("not looked up yet");
  return known(cache.state !== "unserved");
}

/** The Teams API with the token of its Secret; undefined where it is switched off. */
function teamsApi(config: Config, caches: Caches): TeamsApi | undefined {
  if (!config.enableTeamsApi) return undefined;
  return createTeamsApi({
    url: config.teamsApiUrl,
    async token(signal) {
      const name = config.oauthTokenSecretName;
      if (name === undefined) throw new Error("oauth_token_secret_name is not set");
      const read = await typedReader(caches.inputs).secrets.read(name, signal);
      if (!read.known) throw new Error(read.reason);
      if (read.value === undefined) {
        throw new Error(
          `Secret ${name.namespace}/${name.name} (oauth_token_secret_name) is missing`,
        );
      }
      return oauthTokenOf(read.value.data ?? {});
    },
  });
}

const PASSWORD_LENGTH = 64;
const PASSWORD_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** 64 random letters and digits, each equally likely. */
function newPassword(): Sensitive {
  let password = "";
  while (password.length < PASSWORD_LENGTH) {
    // Bytes above a multiple of the alphabet's length would make some letters likelier.
    const limit = 256 - 256 % PASSWORD_LETTERS.length;
    for (const byte of crypto.getRandomValues(new Uint8Array(PASSWORD_LENGTH))) {
      if (byte < limit) password += PASSWORD_LETTERS[byte % PASSWORD_LETTERS.length];
    }
  }
  return new Sensitive(password.slice(0, PASSWORD_LENGTH));
}

function systemClock(): QueueClock {
  return {
    now: Date.now,
    setTimer: (callback, ms) => Number(setTimeout(callback, ms)),
    clearTimer: clearTimeout,
  };
}
