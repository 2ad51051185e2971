/** The configurations under which the reference operator was recorded. */

import { parse } from "yaml";
import { configFromConfigMap } from "../config/from_configmap.ts";
import { configFromCrd } from "../config/from_crd.ts";
import type { LoadedConfig } from "../config/loading.ts";
import { OPERATOR_NAMESPACE } from "./config_fixture.ts";

const CASES = new URL("../../e2e/testdata/reference/cases/", import.meta.url);

/** The configuration of one folder of the recorded cases, read from whichever source it uses. */
export function recordedConfig(name: string): LoadedConfig {
  const object = parse(Deno.readTextFileSync(new URL(`${name}/config.yaml`, CASES)));
  const context = { operatorNamespace: OPERATOR_NAMESPACE };
  return object.kind === "ConfigMap"
    ? configFromConfigMap(object.data ?? {}, context)
    : configFromCrd(object.configuration, context);
}

/** Names of the folders that hold a configuration. */
export function recordedConfigNames(): string[] {
  return [...Deno.readDirSync(CASES)].filter((row) => row.isDirectory).map((row) => row.name)
    .sort();
}
