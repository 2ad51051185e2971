/** A configuration for tests: the ConfigMap's defaults, and what the test changes. */

import type { Config } from "../config/config.ts";
import { configFromConfigMap } from "../config/from_configmap.ts";

/** Namespace of the operator in tests. */
export const OPERATOR_NAMESPACE = "default";

const { config: DEFAULTS } = configFromConfigMap({}, { operatorNamespace: OPERATOR_NAMESPACE });

/** The defaults of the ConfigMap with `overrides` on top. */
export function config(overrides: Partial<Config> = {}): Config {
  return Object.freeze({ ...DEFAULTS, ...overrides });
}
