/**
 * The configuration as an OperatorConfiguration holds it, below `configuration`. The defaults of the
 * schema also stand in for groups that the object leaves out, where the API server adds none.
 *
 * Zalando: pkg/controller/operator_config.go, importConfigurationFromCRD
 */

import { configProblems, configWarnings, withReadablePatterns } from "./check.ts";
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

type Json = Readonly<Record<string, unknown>>;

const SOURCE = "the OperatorConfiguration";

/** This source never runs a pooler with fewer instances, whatever its schema allows. */
const MINIMUM_POOLER_INSTANCES = 2;

/** Parameters that the schema groups, by group; '' holds those at the top. */
const GROUPS: ReadonlyMap<string, ReadonlySet<string>> = groups();

/**
 * Reads the `configuration` of an OperatorConfiguration.
 * @throws {ConfigError} that lists everything wrong with it
 */
export function configFromCrd(configuration: unknown, context: ReadContext): LoadedConfig {
  const loading = startLoading();
  const root = isRecord(configuration) ? configuration : {};
  for (const parameter of PARAMETERS) {
    const raw = valueAt(root, parameter.path);
    take(loading, parameter, { read: readParameter(parameter, raw, context), written: raw });
  }
  checkShape(configuration, loading);
  if (loading.problems.length > 0) throw new ConfigError(SOURCE, loading.problems);
  const read = withPoolerMinimum(frozenConfig(loading.values));
  const config = withReadablePatterns(read, loading.warnings);
  const problems = configProblems(config);
  if (problems.length > 0) throw new ConfigError(SOURCE, problems);
  return { config, warnings: [...loading.warnings, ...configWarnings(config)] };
}

function readParameter(parameter: Parameter, raw: unknown, context: ReadContext): Read<unknown> {
  const { defaults } = parameter;
  if (raw === undefined || raw === null) return readJson(parameter, defaults.crd, context);
  const read = readJson(parameter, raw, context);
  if ("rule" in read || !isEmpty(parameter, read.value)) return read;
  return readJson(parameter, defaults.crdEmpty, context);
}

/** Whether Go's code would take the value for one that is not set. */
function isEmpty({ kind }: Parameter, value: unknown): boolean {
  switch (kind) {
    case "string":
      return value === "";
    case "integer":
    case "duration":
      return value === 0;
    case "list":
      return Array.isArray(value) && value.length === 0;
    case "map":
      return isRecord(value) && Object.keys(value).length === 0;
    default:
      return false;
  }
}

function valueAt(root: Json, path: readonly string[] | undefined): unknown {
  if (path === undefined) return undefined;
  let value: unknown = root;
  for (const name of path) {
    if (!isRecord(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value;
}

/** Tells of groups that are no objects, and once of each key that nobody reads. */
function checkShape(configuration: unknown, loading: Loading): void {
  if (!isRecord(configuration)) {
    loading.problems.push({ parameter: "configuration", value: "", rule: "must be an object" });
    return;
  }
  const top = GROUPS.get("") ?? new Set();
  for (const [key, value] of Object.entries(configuration)) {
    const group = GROUPS.get(key);
    if (group === undefined || key === "") {
      if (!top.has(key)) warnOfUnknownKey(key, key, loading);
    } else if (isRecord(value)) {
      for (const inner of Object.keys(value)) {
        if (!group.has(inner)) warnOfUnknownKey(inner, `${key}.${inner}`, loading);
      }
    } else if (value !== undefined && value !== null) {
      loading.problems.push({ parameter: key, value: "", rule: "must be an object" });
    }
  }
}

function warnOfUnknownKey(key: string, written: string, loading: Loading): void {
  const nearest = nearestName(key, PARAMETER_BY_KEY.keys());
  const path = nearest === undefined ? undefined : PARAMETER_BY_KEY.get(nearest)?.path;
  const hint = path === undefined ? "" : `; did you mean ${path.join(".")}?`;
  loading.warnings.push(`unknown parameter ${JSON.stringify(written)} is ignored${hint}`);
}

function withPoolerMinimum(config: Config): Config {
  if (config.connectionPoolerNumberOfInstances >= MINIMUM_POOLER_INSTANCES) return config;
  return Object.freeze({
    ...config,
    connectionPoolerNumberOfInstances: MINIMUM_POOLER_INSTANCES,
  });
}

function groups(): Map<string, Set<string>> {
  const byGroup = new Map<string, Set<string>>([["", new Set()]]);
  for (const { path } of PARAMETERS) {
    const [first, second] = path ?? [];
    if (first === undefined) continue;
    const group = second === undefined ? "" : first;
    const names = byGroup.get(group) ?? new Set();
    byGroup.set(group, names.add(second ?? first));
  }
  return byGroup;
}

function isRecord(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
