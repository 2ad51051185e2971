/**
 * Compares a pooler's Deployment. A change of its pod template makes Kubernetes roll the pods, which
 * cuts connections; so what the reference never rolled out by itself (mode and pool sizes of the
 * configuration, certificates, tolerations, infrastructure roles) waits until the manifest changes
 * or something else needs a roll-out.
 *
 * Zalando: pkg/cluster/connection_pooler.go, syncConnectionPoolerWorker,
 * needSyncConnectionPoolerDefaults
 */

import type { Deployment, EnvVar, PodSpec } from "../../../kubernetes/types.gen.ts";
import type { Config } from "../../../config/config.ts";
import { INFRASTRUCTURE_ROLES_VARIABLE } from "../../desired/pooler/environment.ts";
import type { Difference } from "./difference.ts";
import { isAnothers } from "./managers.ts";
import { compareMetadata, exactKeys, labelsOf } from "./metadata.ts";
import { podMismatches } from "./pod_template.ts";
import { mismatches } from "./structure.ts";
import type { Mismatch } from "./difference.ts";

/**
 * - `everything`: the manifest has changed since all was well, so the whole Deployment is looked at;
 * - `triggers`: it has not, or nobody knows, as after a take-over.
 */
export type DeploymentScope = "everything" | "triggers";

const EMPTY_POD: PodSpec = { containers: [] };
const POD_PATH = "spec.template.spec";

/** Set by `kubectl rollout restart`; to take it away would restart the pods once more. */
const RESTART_ANNOTATION = "kubectl.kubernetes.io/restartedAt";

/** Fields of the pooler's container that bring about a roll-out at any time. */
const TRIGGERS = /\.(image|resources)\b|\.env\[(PGUSER|PGPASSWORD|PGSCHEMA)\]/;

/** What of a pooler's Deployment is not as it should be. */
export function comparePoolerDeployment(
  desired: Deployment,
  observed: Deployment,
  rules: { readonly config: Config; readonly scope: DeploymentScope },
): Difference[] {
  const { config, scope } = rules;
  // What an autoscaler or a reloader has set by requests of its own is theirs.
  const { managedFields } = observed.metadata;
  const isOurs = (difference: Difference) => !isAnothers(difference, managedFields);
  const triggers = [
    ...mismatches("spec.replicas", desired.spec?.replicas, observed.spec?.replicas)
      .map((mismatch) => ({ ...mismatch, effect: "patch" as const })),
    ...compareTemplateAnnotations(desired, observed, config),
  ].filter(isOurs);
  const pods = podDifferences(desired, observed).filter(isOurs);
  const due = scope === "everything" || triggers.length > 0 ||
    pods.some(({ path }) => TRIGGERS.test(path));
  return [
    ...compareMetadata(desired.metadata, observed.metadata, {
      config,
      labels: labelsOf(observed.metadata, config),
      stale: "leave",
    }),
    ...triggers,
    ...(due ? pods : []),
  ];
}

function compareTemplateAnnotations(
  desired: Deployment,
  observed: Deployment,
  config: Config,
): Difference[] {
  return exactKeys(
    desired.spec?.template.metadata?.annotations,
    observed.spec?.template.metadata?.annotations,
    {
      path: "spec.template.metadata.annotations",
      effect: "rollout",
      tolerated: [...config.ignoredAnnotations, RESTART_ANNOTATION],
    },
  );
}

function podDifferences(desired: Deployment, observed: Deployment): Difference[] {
  const pods = podMismatches(
    POD_PATH,
    withSortedRoles(desired.spec?.template.spec ?? EMPTY_POD),
    withSortedRoles(observed.spec?.template.spec ?? EMPTY_POD),
  );
  const found: Mismatch[] = [...pods.images, ...pods.containers, ...pods.pod];
  return found.map((mismatch) => ({ ...mismatch, effect: "rollout" as const }));
}

/** The reference lists infrastructure roles in random order. */
function withSortedRoles(spec: PodSpec): PodSpec {
  const sorted = (variable: EnvVar): EnvVar =>
    variable.name === INFRASTRUCTURE_ROLES_VARIABLE && variable.value !== undefined
      ? { ...variable, value: variable.value.split(",").sort().join(",") }
      : variable;
  const containers = spec.containers.map((container) =>
    container.env === undefined ? container : { ...container, env: container.env.map(sorted) }
  );
  return { ...spec, containers };
}
