/**
 * The operator's environment variables: where its configuration is, and what they override in it.
 *
 * Zalando: cmd/main.go, init; pkg/controller/controller.go, modifyConfigFromEnvironment
 */

import { parseDuration } from "../lib/duration.ts";
import { Sensitive } from "../lib/sensitive.ts";
import type { Config, NamespacedName } from "./config.ts";
import { parseNamespacedName } from "./namespaced_name.ts";
import { ConfigError, type Problem, shownValue } from "./problems.ts";

/** Where the configuration comes from; an OperatorConfiguration is in the operator's namespace. */
export type ConfigSource =
  | { readonly kind: "ConfigMap"; readonly name: NamespacedName }
  | { readonly kind: "OperatorConfiguration"; readonly name: NamespacedName }
  | { readonly kind: "defaults" };

export interface Environment {
  readonly source: ConfigSource;
  /** '' when the variable is not set. */
  readonly watchedNamespace: string;
  /** Marks the clusters that this operator takes care of; '' means those without a mark. */
  readonly controllerId: string;
  /** Undefined when the variable is not set: the configuration says it then. */
  readonly crdReadyWaitIntervalMs: number | undefined;
  readonly crdReadyWaitTimeoutMs: number | undefined;
  /** How long a pass may take; undefined when the variable is not set. */
  readonly passTimeoutMs: number | undefined;
  readonly logFormat: "text" | "text without quotes" | "json";
  readonly scalyrApiKey: Sensitive;
  /** Whether OpenTelemetry's variables ask for traces; what else they say is not read here. */
  readonly traces: boolean;
}

/** Command-line switches that win over the configuration. */
export interface Switches {
  readonly noDatabaseAccess: boolean;
  readonly noTeamsApi: boolean;
}

/** The reference never used the parameter: a zero in it must not become a loop without a pause. */
const SHORTEST_INTERVAL_MS = 100;

type Variables = Readonly<Record<string, string | undefined>>;

/** The operator's own namespace as its environment names it; undefined when it does not. */
export function operatorNamespaceOf(variables: Variables): string | undefined {
  return variables.OPERATOR_NAMESPACE || undefined;
}

/**
 * Reads the environment of an operator that runs in `operatorNamespace`.
 * @throws {ConfigError} that lists everything wrong with it
 */
export function environmentFrom(variables: Variables, operatorNamespace: string): Environment {
  const problems: Problem[] = [];
  const duration = (parameter: string): number | undefined => {
    const text = variables[parameter] ?? "";
    if (text === "") return undefined;
    const milliseconds = parseDuration(text);
    if (milliseconds !== undefined && milliseconds > 0) return milliseconds;
    const rule = "must be a duration such as 4s, and longer than nothing";
    problems.push({ parameter, value: shownValue(text, "public"), rule });
    return undefined;
  };
  const environment: Environment = {
    source: configSource(variables, operatorNamespace, problems),
    watchedNamespace: variables.WATCHED_NAMESPACE ?? "",
    controllerId: variables.CONTROLLER_ID ?? "",
    crdReadyWaitIntervalMs: duration("CRD_READY_WAIT_INTERVAL"),
    crdReadyWaitTimeoutMs: duration("CRD_READY_WAIT_TIMEOUT"),
    passTimeoutMs: duration("PASS_TIMEOUT"),
    logFormat: logFormat(variables),
    scalyrApiKey: new Sensitive(variables.SCALYR_API_KEY ?? ""),
    traces: tracesAsked(variables, problems),
  };
  if (problems.length > 0) throw new ConfigError("the operator's environment", problems);
  return Object.freeze(environment);
}

function configSource(
  variables: Variables,
  operatorNamespace: string,
  problems: Problem[],
): ConfigSource {
  const object = variables.POSTGRES_OPERATOR_CONFIGURATION_OBJECT ?? "";
  if (object !== "") {
    return {
      kind: "OperatorConfiguration",
      name: { namespace: operatorNamespace, name: object },
    };
  }
  const text = variables.CONFIG_MAP_NAME ?? "";
  if (text === "") return { kind: "defaults" };
  const name = parseNamespacedName(text, operatorNamespace);
  if (name !== undefined) return { kind: "ConfigMap", name };
  const rule = "must be a name or namespace/name";
  problems.push({ parameter: "CONFIG_MAP_NAME", value: shownValue(text, "public"), rule });
  return { kind: "defaults" };
}

/** An exporter is named, or the address of a collector; `OTEL_SDK_DISABLED` outranks both. */
function tracesAsked(variables: Variables, problems: Problem[]): boolean {
  if (variables.OTEL_SDK_DISABLED?.toLowerCase() === "true") return false;
  const address = variables.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ||
    variables.OTEL_EXPORTER_OTLP_ENDPOINT;
  const exporter = variables.OTEL_TRACES_EXPORTER || (address ? "otlp" : "none");
  if (exporter !== "otlp" && exporter !== "none") {
    const value = shownValue(exporter, "public");
    problems.push({ parameter: "OTEL_TRACES_EXPORTER", value, rule: "must be otlp or none" });
  }
  const protocol = variables.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL ||
    variables.OTEL_EXPORTER_OTLP_PROTOCOL || "http/json";
  if (exporter === "otlp" && protocol !== "http/json") {
    const value = shownValue(protocol, "public");
    const rule = "must be http/json, which is sent to the HTTP port of a collector (4318)";
    problems.push({ parameter: "OTEL_EXPORTER_OTLP_PROTOCOL", value, rule });
  }
  return exporter === "otlp";
}

function logFormat(variables: Variables): Environment["logFormat"] {
  if (variables.ENABLE_JSON_LOGGING === "true") return "json";
  return variables.LOG_NOQUOTE ? "text without quotes" : "text";
}

/** The configuration with what environment and command line override. */
export function withEnvironment(
  config: Config,
  { watchedNamespace, scalyrApiKey, ...waits }: Environment,
  { noDatabaseAccess, noTeamsApi }: Switches,
): Config {
  return Object.freeze({
    ...config,
    readyWaitIntervalMs: waits.crdReadyWaitIntervalMs ??
      Math.max(config.readyWaitIntervalMs, SHORTEST_INTERVAL_MS),
    readyWaitTimeoutMs: waits.crdReadyWaitTimeoutMs ?? config.readyWaitTimeoutMs,
    watchedNamespace: watchedNamespace || config.watchedNamespace,
    scalyrApiKey: scalyrApiKey.reveal() === "" ? config.scalyrApiKey : scalyrApiKey,
    enableDatabaseAccess: config.enableDatabaseAccess && !noDatabaseAccess,
    enableTeamsApi: config.enableTeamsApi && !noTeamsApi,
  });
}

/** The namespaces to watch: all of them, or a single one, which has to exist. */
export function watchedNamespace(config: Config, operatorNamespace: string): "*" | string {
  return config.watchedNamespace || operatorNamespace;
}
