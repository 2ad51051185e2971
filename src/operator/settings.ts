/** What an operator is told from outside, and its configuration made of it. */

import type { CommandLine } from "../command_line.ts";
import type { Config } from "../config/config.ts";
import { describeConfig } from "../config/describe.ts";
import { type Environment, watchedNamespace, withEnvironment } from "../config/from_environment.ts";
import { type BootstrapPorts, checkNamespace, loadConfig } from "../controller/bootstrap.ts";
import { untilAnswered } from "../controller/until_answered.ts";
import type { KubeObject } from "../kubernetes/types.gen.ts";
import type { RootLogger } from "../log/logger.ts";
import type { LogRing } from "../log/ring.ts";

/** What the process was started with. */
export interface Settings {
  readonly commandLine: CommandLine;
  readonly environment: Environment;
  readonly operatorNamespace: string;
  /** The name of the pod, where it is one. */
  readonly podName: string;
}

/** Where the operator says what it does. */
export interface Output {
  readonly logger: RootLogger;
  /** Recent lines of the log, for the debug API. */
  readonly ring: LogRing;
}

/** The configuration, and the object that it was read from. */
export interface GivenConfig {
  readonly config: Config;
  /** Absent where there are only defaults. */
  readonly from?: KubeObject;
}

/**
 * Reads the configuration, checks the watched namespace, and sets the level of the log. Waits for an
 * API server that fails.
 */
export async function readConfig(
  ports: BootstrapPorts,
  { commandLine, environment, operatorNamespace }: Settings,
  { logger, ring }: Output,
  signal: AbortSignal,
): Promise<GivenConfig> {
  const load = () => loadConfig(ports, environment.source, operatorNamespace, signal);
  const loaded = await untilAnswered(ports, load, signal);
  for (const warning of loaded.warnings) logger.warn(warning);
  const config = withEnvironment(loaded.config, environment, commandLine);
  ring.setSize(config.ringLogLines);
  if (config.debugLogging) logger.setLevel("debug");
  for (const line of describeConfig(config)) logger.debug(line);
  const namespace = watchedNamespace(config, operatorNamespace);
  if (namespace !== "*") {
    await untilAnswered(ports, () => checkNamespace(ports, namespace, signal), signal);
  }
  logger.info(`watching ${namespace === "*" ? "all namespaces" : `namespace ${namespace}`}`);
  return { config, ...(loaded.from === undefined ? {} : { from: loaded.from }) };
}
