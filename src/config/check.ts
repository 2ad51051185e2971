/**
 * Rules over whole configurations: what cannot work stops the operator, what is only doubtful is
 * warned about.
 *
 * Zalando: pkg/util/config/config.go, validate; pkg/controller/controller.go,
 * warnOnDeprecatedOperatorParameters
 */

import { parseMaintenanceWindow } from "../api/maintenance_window.ts";
import type { Config } from "./config.ts";
import { parseDefinition } from "./definitions.ts";
import type { Problem } from "./problems.ts";

/** Rules that hold for both sources. */
export function configProblems(config: Config): Problem[] {
  const problems: Problem[] = [];
  if (config.connectionPoolerUser === config.superUsername) {
    problems.push({
      parameter: "connection_pooler_user",
      value: JSON.stringify(config.connectionPoolerUser),
      rule: "must not be the superuser (super_username)",
    });
  }
  if (config.resyncPeriodMs <= 0) {
    problems.push({ parameter: "resync_period", value: "", rule: "must be longer than nothing" });
  }
  for (const [parameter, text, kind] of definitionsOf(config)) {
    if (text === "") continue;
    const read = parseDefinition(text, kind);
    if ("rule" in read) problems.push({ parameter, value: "", rule: read.rule });
  }
  return problems;
}

/** Rules that the reference holds a ConfigMap to, and leaves to the schema otherwise. */
export function configMapProblems(config: Config): Problem[] {
  const problems: Problem[] = [];
  const { minInstances, maxInstances, workers, connectionPoolerNumberOfInstances } = config;
  if (boundsContradict(config)) {
    problems.push({
      parameter: "min_instances",
      value: String(minInstances),
      rule: `must not be greater than max_instances (${maxInstances})`,
    });
  }
  if (workers === 0) {
    problems.push({ parameter: "workers", value: "0", rule: "must be at least 1" });
  }
  if (connectionPoolerNumberOfInstances < 1) {
    problems.push({
      parameter: "connection_pooler_number_of_instances",
      value: String(connectionPoolerNumberOfInstances),
      rule: "must be at least 1",
    });
  }
  return problems;
}

/** What a person should know about a configuration that can be used. */
export function configWarnings(config: Config): string[] {
  const warnings: string[] = [];
  if (config.enableLoadBalancer !== undefined) {
    warnings.push(
      "enable_load_balancer is deprecated and has no effect; " +
        "use enable_master_load_balancer and enable_replica_load_balancer",
    );
  }
  if (Object.keys(config.sidecarDockerImages).length > 0) {
    warnings.push("sidecar_docker_images is deprecated; use sidecars");
  }
  if (boundsContradict(config)) {
    warnings.push(
      `min_instances (${config.minInstances}) is greater than max_instances ` +
        `(${config.maxInstances}) and wins`,
    );
  }
  for (const text of config.maintenanceWindows) {
    const window = parseMaintenanceWindow(text);
    if (!("problem" in window)) continue;
    warnings.push(`maintenance_windows: ${JSON.stringify(text)} never opens: it ${window.problem}`);
  }
  const name = definedServiceAccountName(config);
  if (name !== undefined && name !== config.podServiceAccountName) {
    warnings.push(
      `pod_service_account_definition names ${JSON.stringify(name)}; ` +
        `pod_service_account_name (${config.podServiceAccountName}) is used instead`,
    );
  }
  return warnings;
}

/** The configuration without patterns that cannot be read, each of which is warned about. */
export function withReadablePatterns(config: Config, warnings: string[]): Config {
  const readable = config.downscalerAnnotations.filter(isPattern);
  if (readable.length === config.downscalerAnnotations.length) return config;
  for (const text of config.downscalerAnnotations) {
    if (isPattern(text)) continue;
    const shown = JSON.stringify(text);
    warnings.push(`downscaler_annotations: ${shown} is ignored: it is no regular expression`);
  }
  return Object.freeze({ ...config, downscalerAnnotations: Object.freeze(readable) });
}

function isPattern(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}

function boundsContradict({ minInstances, maxInstances }: Config): boolean {
  return minInstances > 0 && maxInstances > 0 && minInstances > maxInstances;
}

function definitionsOf(config: Config) {
  return [
    ["pod_service_account_definition", config.podServiceAccountDefinition, "ServiceAccount"],
    [
      "pod_service_account_role_binding_definition",
      config.podServiceAccountRoleBindingDefinition,
      "RoleBinding",
    ],
  ] as const;
}

function definedServiceAccountName(config: Config): string | undefined {
  if (config.podServiceAccountDefinition === "") return undefined;
  const read = parseDefinition(config.podServiceAccountDefinition, "ServiceAccount");
  return "rule" in read ? undefined : read.value.metadata.name ?? "";
}
