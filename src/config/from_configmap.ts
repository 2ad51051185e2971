/**
 * The configuration as a ConfigMap holds it: a text for each parameter. Without any ConfigMap the
 * same with no texts.
 *
 * Zalando: pkg/util/config/config.go, NewFromMap; pkg/controller/controller.go, initOperatorConfig
 */

import { compareQuantities, parseQuantity } from "../lib/quantity.ts";
import {
  configMapProblems,
  configProblems,
  configWarnings,
  withReadablePatterns,
} from "./check.ts";
import type { Config } from "./config.ts";
import {
  frozenConfig,
  type LoadedConfig,
  type Loading,
  type Read,
  type ReadContext,
  startLoading,
  take,
} from "./loading.ts";
import { type Parameter, PARAMETER_BY_KEY, PARAMETERS } from "./parameters.ts";
import { nearestName } from "../lib/nearest_name.ts";
import { ConfigError } from "./problems.ts";
import { readJson } from "./read_json.ts";
import { readText } from "./read_text.ts";

const SOURCE = "the operator configuration of the ConfigMap";

/**
 * Reads the data of the operator's ConfigMap.
 * @throws {ConfigError} that lists everything wrong with it
 */
export function configFromConfigMap(
  data: Readonly<Record<string, string>>,
  context: ReadContext,
): LoadedConfig {
  const loading = startLoading();
  for (const parameter of PARAMETERS) {
    const text = Object.hasOwn(data, parameter.key) ? data[parameter.key] : undefined;
    const read = readParameter(parameter, text, context);
    take(loading, parameter, { read, written: text });
  }
  warnOfUnknownKeys(data, loading);
  if (loading.problems.length > 0) throw new ConfigError(SOURCE, loading.problems);
  const read = frozenConfig(loading.values);
  const problems = [...configMapProblems(read), ...configProblems(read)];
  if (problems.length > 0) throw new ConfigError(SOURCE, problems);
  const readable = withReadablePatterns(read, loading.warnings);
  const config = withRequestsAtLimits(readable, loading.warnings);
  return { config, warnings: [...loading.warnings, ...configWarnings(config)] };
}

function readParameter(
  parameter: Parameter,
  text: string | undefined,
  context: ReadContext,
): Read<unknown> {
  const { defaults } = parameter;
  if (!parameter.inConfigMap || text === undefined) {
    return readJson(parameter, defaults.configMap, context);
  }
  if (text === "") return readJson(parameter, defaults.configMapEmpty, context);
  return readText(parameter, text, context);
}

function warnOfUnknownKeys(data: Readonly<Record<string, string>>, loading: Loading): void {
  for (const key of Object.keys(data).sort()) {
    const parameter = PARAMETER_BY_KEY.get(key);
    if (parameter?.inConfigMap) continue;
    if (parameter !== undefined) {
      loading.warnings.push(`${key} is ignored: only an OperatorConfiguration can set it`);
      continue;
    }
    const nearest = nearestName(key, PARAMETER_BY_KEY.keys());
    const hint = nearest === undefined ? "" : `; did you mean ${nearest}?`;
    loading.warnings.push(`unknown parameter ${JSON.stringify(key)} is ignored${hint}`);
  }
}

/** `set_memory_request_to_limit` raises the default requests once, in this source only. */
function withRequestsAtLimits(config: Config, warnings: string[]): Config {
  if (!config.setMemoryRequestToLimit) return config;
  const raised: Record<string, string> = {};
  for (
    const [requestName, limitName, key] of [
      ["defaultMemoryRequest", "defaultMemoryLimit", "default_memory_request"],
      ["scalyrMemoryRequest", "scalyrMemoryLimit", "scalyr_memory_request"],
    ] as const
  ) {
    const request = parseQuantity(config[requestName]);
    const limit = parseQuantity(config[limitName]);
    if (request === undefined || limit === undefined) continue;
    if (compareQuantities(request, limit) >= 0) continue;
    raised[requestName] = config[limitName];
    warnings.push(
      `${key} is raised from ${config[requestName]} to its limit, ${config[limitName]}`,
    );
  }
  return Object.freeze({ ...config, ...raised });
}
