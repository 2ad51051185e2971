/**
 * What happens before the controller starts: the configuration is read, the custom resource
 * definitions are registered and waited for, the watched namespace is looked up. A fresh API server
 * works at the first start. Zalando: pkg/controller/controller.go, initController
 */

import type { CustomResourceDefinition, KubeObject } from "../kubernetes/types.gen.ts";
import { mismatches } from "../cluster/plan/compare/structure.ts";
import type { KubeReader, KubeWriter } from "../ports/ports.ts";
import { describeRef, type ObjectRef, refOf } from "../ports/requests.ts";
import type { Config } from "../config/config.ts";
import { configFromConfigMap } from "../config/from_configmap.ts";
import { configFromCrd } from "../config/from_crd.ts";
import type { ConfigSource } from "../config/from_environment.ts";
import type { LoadedConfig } from "../config/loading.ts";
import type { Logger } from "../log/logger.ts";

export interface BootstrapPorts {
  readonly reader: KubeReader;
  readonly writer: KubeWriter;
  readonly logger: Logger;
  /** Waits some milliseconds; rejects when aborted. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

async function readOrThrow(
  reader: KubeReader,
  ref: ObjectRef,
  signal: AbortSignal,
): Promise<KubeObject | undefined> {
  const read = await reader.read(ref, signal);
  if (!read.known) throw new Error(read.reason);
  return read.value;
}

/**
 * Reads the configuration from where the environment says.
 * @throws {ConfigError} that lists everything wrong with it; Error where the object is missing
 */
export async function loadConfig(
  { reader }: Pick<BootstrapPorts, "reader">,
  source: ConfigSource,
  operatorNamespace: string,
  signal: AbortSignal,
): Promise<LoadedConfig> {
  if (source.kind === "defaults") return configFromConfigMap({}, { operatorNamespace });
  const apiVersion = source.kind === "ConfigMap" ? "v1" : "acid.zalan.do/v1";
  const ref = { apiVersion, kind: source.kind, ...source.name };
  const object = await readOrThrow(reader, ref, signal);
  if (object === undefined) {
    const variable = source.kind === "ConfigMap"
      ? "CONFIG_MAP_NAME"
      : "POSTGRES_OPERATOR_CONFIGURATION_OBJECT";
    throw new Error(
      `cannot read the configuration: ${describeRef(ref)}, which ${variable} names, ` +
        "does not exist",
    );
  }
  return source.kind === "ConfigMap"
    ? configFromConfigMap(object["data"] as Record<string, string> ?? {}, { operatorNamespace })
    : configFromCrd(object["configuration"], { operatorNamespace });
}

/** Fails unless the one namespace that is to be watched exists. */
export async function checkNamespace(
  { reader }: Pick<BootstrapPorts, "reader">,
  name: string,
  signal: AbortSignal,
): Promise<void> {
  const ref = { apiVersion: "v1", kind: "Namespace", name };
  if (await readOrThrow(reader, ref, signal) === undefined) {
    throw new Error(
      `the watched namespace ${name} does not exist; WATCHED_NAMESPACE and the ` +
        "parameter watched_namespace name it, * watches all",
    );
  }
}

/** Creates or updates the definitions, then waits until the API server serves them. */
export async function registerCrds(
  ports: BootstrapPorts,
  crds: readonly CustomResourceDefinition[],
  config: Config,
  signal: AbortSignal,
): Promise<void> {
  if (config.enableCrdRegistration !== false) {
    for (const crd of crds) await registerCrd(ports, withCategories(crd, config), signal);
  }
  for (const crd of crds) await awaitEstablished(ports, crd, config, signal);
}

function withCategories(
  crd: CustomResourceDefinition,
  config: Config,
): CustomResourceDefinition {
  const names = { ...crd.spec.names, categories: [...config.crdCategories] };
  return { ...crd, spec: { ...crd.spec, names } };
}

async function registerCrd(
  { reader, writer, logger }: BootstrapPorts,
  crd: CustomResourceDefinition,
  signal: AbortSignal,
): Promise<void> {
  const { name } = crd.metadata;
  const observed = await readOrThrow(reader, refOf(crd), signal) as
    | CustomResourceDefinition
    | undefined;
  try {
    if (observed === undefined) {
      await writer.create(crd, signal);
      logger.info(`custom resource definition ${name} created`);
    } else if (differs(crd, observed)) {
      const body = { spec: crd.spec };
      await writer.patch({ target: refOf(crd), type: "merge", body }, signal);
      logger.info(`custom resource definition ${name} updated`);
    }
  } catch (error) {
    const { status } = error as { status?: number };
    if (status !== 403 && status !== 409) throw error;
    const message = error instanceof Error ? error.message : String(error);
    logger.warn(`custom resource definition ${name} is left as it is: ${message}`);
  }
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
  const ref = refOf(crd);
  for (let waitedMs = 0, pauseMs = FIRST_PAUSE_MS;; pauseMs *= 2) {
    const observed = await reader.read(ref, signal);
    if (!observed.known) {
      logger.warn(`cannot tell whether ${ref.name} is served: ${observed.reason}`);
      return;
    }
    const found = observed.value as CustomResourceDefinition | undefined;
    const conditions = found?.status?.conditions ?? [];
    if (conditions.some(({ type, status }) => type === "Established" && status === "True")) return;
    const refused = conditions.find(({ type, status }) =>
      type === "NamesAccepted" && status === "False"
    );
    if (refused) {
      throw new Error(`the API server refuses the names of ${ref.name}: ${refused.message}`);
    }
    if (found === undefined && config.enableCrdRegistration === false) {
      logger.warn(`${ref.name} is not registered and enable_crd_registration is off`);
      return;
    }
    if (waitedMs >= config.readyWaitTimeoutMs) {
      throw new Error(`${ref.name} was not established within ${config.readyWaitTimeoutMs} ms`);
    }
    const ms = Math.min(pauseMs, config.readyWaitIntervalMs);
    await sleep(ms, signal);
    waitedMs += ms;
  }
}
