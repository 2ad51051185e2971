/**
 * What happens before the controller starts: the configuration is read, the custom resource
 * definitions are registered and waited for, the watched namespace is looked up. A fresh API server
 * works at the first start. Zalando: pkg/controller/controller.go, initController
 */

import type { CustomResourceDefinition, KubeObject } from "../kubernetes/types.gen.ts";
import { mismatches } from "../cluster/plan/compare/structure.ts";
import { typedReader, typedWriter } from "../ports/client.gen.ts";
import type { Observation } from "../ports/observation.ts";
import type { KubeReader, KubeWriter } from "../ports/ports.ts";
import { describeRef } from "../ports/requests.ts";
import { type ResourceInfo, RESOURCES } from "../ports/resources.gen.ts";
import { type Namespaced, refTo } from "../ports/typed.ts";
import type { Config } from "../config/config.ts";
import { configFromConfigMap } from "../config/from_configmap.ts";
import { configFromCrd } from "../config/from_crd.ts";
import type { ConfigSource } from "../config/from_environment.ts";
import type { LoadedConfig } from "../config/loading.ts";
import type { Logger } from "../log/logger.ts";
import { failureKind, PortError } from "../ports/errors.ts";

export interface BootstrapPorts {
  readonly reader: KubeReader;
  readonly writer: KubeWriter;
  readonly logger: Pick<Logger, "debug" | "info" | "warn">;
  /** Waits some milliseconds; rejects when aborted. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** @throws PortError: what could not be read now may be read later */
function valueOrThrow<T>(read: Observation<T>): T {
  if (!read.known) throw new PortError(read.reason, "unavailable");
  return read.value;
}

/**
 * Reads the configuration from where the environment says.
 * @throws {ConfigError} that lists everything wrong with it; Error where the object is missing;
 * {PortError} where it cannot be told
 */
export async function loadConfig(
  { reader }: Pick<BootstrapPorts, "reader">,
  source: ConfigSource,
  operatorNamespace: string,
  signal: AbortSignal,
): Promise<LoadedConfig & { readonly from?: KubeObject }> {
  if (source.kind === "defaults") return configFromConfigMap({}, { operatorNamespace });
  const { configMaps, operatorConfigurations } = typedReader(reader);
  if (source.kind === "ConfigMap") {
    const found = valueOrThrow(await configMaps.read(source.name, signal));
    if (found !== undefined) {
      return { ...configFromConfigMap(found.data ?? {}, { operatorNamespace }), from: found };
    }
    throw missingConfig(RESOURCES.ConfigMap, source.name, "CONFIG_MAP_NAME");
  }
  const found = valueOrThrow(await operatorConfigurations.read(source.name, signal));
  if (found !== undefined) {
    const from = found as unknown as KubeObject;
    return { ...configFromCrd(found.configuration, { operatorNamespace }), from };
  }
  const variable = "POSTGRES_OPERATOR_CONFIGURATION_OBJECT";
  throw missingConfig(RESOURCES.OperatorConfiguration, source.name, variable);
}

function missingConfig(resource: ResourceInfo, name: Namespaced, variable: string): Error {
  const object = describeRef(refTo(resource, name));
  return new Error(
    `cannot read the configuration: ${object}, which ${variable} names, does not exist`,
  );
}

/** Fails unless the one namespace that is to be watched exists. */
export async function checkNamespace(
  { reader }: Pick<BootstrapPorts, "reader">,
  name: string,
  signal: AbortSignal,
): Promise<void> {
  const { namespaces } = typedReader(reader);
  if (valueOrThrow(await namespaces.read({ name }, signal)) === undefined) {
    throw new Error(
      `the watched namespace ${name} does not exist; WATCHED_NAMESPACE and the ` +
        "parameter watched_namespace name it, * watches all",
    );
  }
}

/**
 * Creates or updates the definitions, then waits until the API server serves them; one that is
 * served as it should be is read once. Gives those that the role forbade to write. After a failure
 * it may be called again.
 */
export async function registerCrds(
  ports: BootstrapPorts,
  crds: readonly CustomResourceDefinition[],
  config: Config,
  signal: AbortSignal,
): Promise<readonly CustomResourceDefinition[]> {
  const writes = config.enableCrdRegistration !== false;
  const registering = crds.map(async (crd) => {
    const end = writes ? await registerCrd(ports, withCategories(crd, config), signal) : "unread";
    if (end !== "served") await awaitEstablished(ports, crd, config, signal);
    return end;
  });
  // Nothing goes on behind the back of who tries again.
  await Promise.allSettled(registering);
  const ends = await Promise.all(registering);
  return crds.filter((_, index) => ends[index] === "refused");
}

/** Between two tries to write a definition that the role forbade. */
const REGISTER_AGAIN_MS = 5 * 60_000;

/** Goes on with definitions that could not be written: a role may come after the operator. */
export async function registerLater(
  ports: BootstrapPorts,
  crds: readonly CustomResourceDefinition[],
  config: Config,
  signal: AbortSignal,
): Promise<void> {
  const quiet = { ...ports, logger: { ...ports.logger, warn: ports.logger.debug } };
  for (let left = crds; left.length > 0;) {
    await ports.sleep(REGISTER_AGAIN_MS, signal);
    try {
      left = await writeCrds(quiet, left, config, signal);
    } catch (error) {
      signal.throwIfAborted();
      ports.logger.debug(error instanceof Error ? error.message : String(error));
    }
  }
}

/** Writes definitions; gives those that the role forbade to write. */
async function writeCrds(
  ports: BootstrapPorts,
  crds: readonly CustomResourceDefinition[],
  config: Config,
  signal: AbortSignal,
): Promise<readonly CustomResourceDefinition[]> {
  const refused = [];
  for (const crd of crds) {
    const end = await registerCrd(ports, withCategories(crd, config), signal);
    if (end === "refused") refused.push(crd);
  }
  return refused;
}

function withCategories(
  crd: CustomResourceDefinition,
  config: Config,
): CustomResourceDefinition {
  const names = { ...crd.spec.names, categories: [...config.crdCategories] };
  return { ...crd, spec: { ...crd.spec, names } };
}

/**
 * What became of one definition. `refused`: the role forbids the write that is needed; `served`: it
 * was found as it should be, and served.
 */
type Registered = "refused" | "served" | "written" | "left";

async function registerCrd(
  { reader, writer, logger }: BootstrapPorts,
  crd: CustomResourceDefinition,
  signal: AbortSignal,
): Promise<Registered> {
  const { name = "" } = crd.metadata;
  const { customResourceDefinitions: definitions } = typedWriter(writer);
  const { customResourceDefinitions } = typedReader(reader);
  const observed = valueOrThrow(await customResourceDefinitions.read({ name }, signal));
  try {
    if (observed === undefined) {
      await definitions.create(crd, signal);
      logger.info(`custom resource definition ${name} created`);
    } else if (differs(crd, observed)) {
      const body = { spec: crd.spec };
      await definitions.patch({ name }, { type: "merge", body }, signal);
      logger.info(`custom resource definition ${name} updated`);
    } else return isEstablished(observed) ? "served" : "left";
    return "written";
  } catch (error) {
    if (failureKind(error) !== "forbidden") throw error;
    const message = error instanceof Error ? error.message : String(error);
    logger.warn(`custom resource definition ${name} is left as it is: ${message}`);
    return "refused";
  }
}

function isEstablished({ status }: CustomResourceDefinition): boolean {
  return status?.conditions?.some(({ type, status }) =>
    type === "Established" && status === "True"
  ) === true;
}

/** Compares what we define; what the API server adds is its own. */
function differs(desired: CustomResourceDefinition, observed: CustomResourceDefinition): boolean {
  const { group, names, scope, versions } = observed.spec;
  return mismatches("spec", desired.spec, { group, names, scope, versions }).length > 0;
}

const FIRST_PAUSE_MS = 50;

async function awaitEstablished(
  { reader, sleep, logger }: BootstrapPorts,
  crd: CustomResourceDefinition,
  config: Config,
  signal: AbortSignal,
): Promise<void> {
  const { name = "" } = crd.metadata;
  const { customResourceDefinitions } = typedReader(reader);
  for (let waitedMs = 0, pauseMs = FIRST_PAUSE_MS;; pauseMs *= 2) {
    const observed = await customResourceDefinitions.read({ name }, signal);
    if (!observed.known) {
      logger.warn(`cannot tell whether ${name} is served: ${observed.reason}`);
      return;
    }
    if (observed.value !== undefined && isEstablished(observed.value)) return;
    const refused = observed.value?.status?.conditions?.find(({ type, status }) =>
      type === "NamesAccepted" && status === "False"
    );
    if (refused) {
      throw new Error(`the API server refuses the names of ${name}: ${refused.message}`);
    }
    if (observed.value === undefined && config.enableCrdRegistration === false) {
      logger.warn(`${name} is not registered and enable_crd_registration is off`);
      return;
    }
    if (waitedMs >= config.readyWaitTimeoutMs) {
      throw new Error(`${name} was not established within ${config.readyWaitTimeoutMs} ms`);
    }
    const ms = Math.min(pauseMs, config.readyWaitIntervalMs);
    await sleep(ms, signal);
    waitedMs += ms;
  }
}
