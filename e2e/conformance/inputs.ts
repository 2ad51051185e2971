/** What a pass would look up in a recorded step: referenced objects, and the running version. */

import type { Inputs } from "../../src/cluster/effective/inputs.ts";
import type { Container, KubeObject, StatefulSet } from "../../src/kubernetes/types.gen.ts";
import type { Config } from "../../src/config/config.ts";
import { known, type Observation, unknown } from "../../src/ports/observation.ts";
import { documentKey, type RecordedStep } from "./recorded.ts";

/** The inputs of one cluster in a recorded step. */
export function recordedInputs(step: RecordedStep, cluster: KubeObject): Inputs {
  const { config } = step;
  const namespace = cluster.metadata.namespace ?? "";
  const version = startedVersion(step.before, cluster.metadata.name ?? "");
  return {
    podEnvironment: podEnvironment(step, namespace, config),
    podEnvironmentSecretKeys: secretKeys(step, namespace, config.podEnvironmentSecret),
    logicalBackupSecretKeys: secretKeys(
      step,
      namespace,
      config.logicalBackupCronjobEnvironmentSecret,
    ),
    infrastructureRoles: known([]),
    teams: known([]),
    runningMajorVersion: known(version),
    eventStreamsSupported: known(false),
  };
}

/** The ConfigMap in the configured namespace, else one of that name beside the cluster. */
function podEnvironment(
  step: RecordedStep,
  namespace: string,
  config: Config,
): Observation<Readonly<Record<string, string>> | undefined> {
  const wanted = config.podEnvironmentConfigmap;
  if (wanted === undefined || wanted.name === "") return known(undefined);
  for (const place of [wanted.namespace, namespace]) {
    const found = step.documents.get(documentKey("ConfigMap", place, wanted.name));
    if (found) return known((found.data ?? {}) as Record<string, string>);
  }
  return unknown(`ConfigMap ${wanted.namespace}/${wanted.name} does not exist`);
}

function secretKeys(
  step: RecordedStep,
  namespace: string,
  name: string,
): Observation<readonly string[] | undefined> {
  if (name === "") return known(undefined);
  const secret = step.documents.get(documentKey("Secret", namespace, name));
  if (!secret) return unknown(`Secret ${namespace}/${name} does not exist`);
  return known(Object.keys({ ...secret.data as object, ...secret.stringData as object }));
}

/** The version that the pods are started with. */
function startedVersion(objects: readonly KubeObject[], cluster: string): number | undefined {
  const found = objects.find(({ kind, metadata }) =>
    kind === "StatefulSet" && metadata.name === cluster
  ) as StatefulSet | undefined;
  const containers = found?.spec?.template.spec?.containers ?? [];
  const postgres = containers.find(({ name }: Container) => name === "postgres");
  const value = (name: string) => postgres?.env?.find((entry) => entry.name === name)?.value;
  const version = value("PGVERSION") ??
    /postgresql\/(\d+)\/bin/.exec(value("SPILO_CONFIGURATION") ?? "")?.[1];
  return version === undefined ? undefined : Number(version);
}
