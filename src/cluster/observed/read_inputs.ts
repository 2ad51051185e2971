/**
 * Looks up what a pass needs before it resolves the manifest: referenced ConfigMaps and Secrets,
 * infrastructure roles, team members, and the major version that runs. Reads only.
 */

import type { Postgresql, PostgresTeam } from "../../api/types.gen.ts";
import type {
  ConfigMap,
  EnvVar,
  KubeObject,
  Secret,
  StatefulSet,
} from "../../kubernetes/types.gen.ts";
import type { Config, InfrastructureRoleDefinition } from "../../config/config.ts";
import { known, mapObservation, type Observation, unknown } from "../../ports/observation.ts";
import type { Inputs, TeamMembership } from "../effective/inputs.ts";
import type { KubeReader } from "../../ports/ports.ts";
import { infrastructureRolesOf, mergeRoles } from "./infrastructure_roles.ts";

/** Members of the teams that a cluster of `team` takes in, by Teams API and PostgresTeams. */
export type TeamReader = (
  team: string,
  postgresTeams: readonly PostgresTeam[],
  signal: AbortSignal,
) => Promise<Observation<readonly TeamMembership[]>>;

export interface InputReaders {
  /** Objects of others: configuration, shared credentials. */
  readonly kube: KubeReader;
  /** Objects of the cluster itself. */
  readonly owned: KubeReader;
  readonly teams: TeamReader;
  readonly postgresTeams: () => readonly PostgresTeam[];
  readonly infrastructureRoleDefinitions: readonly InfrastructureRoleDefinition[];
  readonly eventStreamsSupported: () => Observation<boolean>;
}

/** Reads all inputs of one cluster; each part that fails is unknown by itself. */
export async function readInputs(
  readers: InputReaders,
  cr: Postgresql,
  config: Config,
  signal: AbortSignal,
): Promise<Inputs> {
  const { namespace = "", name = "" } = cr.metadata;
  const { kube } = readers;
  const keys = (secret: string) => secretKeys(kube, namespace, secret, signal);
  const [podEnvironment, podSecret, backupSecret, roles, teams, running] = await Promise.all([
    readPodEnvironment(kube, config, namespace, signal),
    keys(config.podEnvironmentSecret),
    cr.spec.enableLogicalBackup === true
      ? keys(config.logicalBackupCronjobEnvironmentSecret)
      : known(undefined),
    readInfrastructureRoles(readers, signal),
    readers.teams(cr.spec.teamId ?? "", readers.postgresTeams(), signal),
    readers.owned.read({ apiVersion: "apps/v1", kind: "StatefulSet", namespace, name }, signal),
  ]);
  return {
    podEnvironment,
    podEnvironmentSecretKeys: podSecret,
    logicalBackupSecretKeys: backupSecret,
    infrastructureRoles: roles,
    teams,
    runningMajorVersion: mapObservation(running, (set) => majorVersionOf(set)),
    eventStreamsSupported: readers.eventStreamsSupported(),
  };
}

/** The ConfigMap with variables; in the cluster's namespace where it is not in its own. */
async function readPodEnvironment(
  kube: KubeReader,
  config: Config,
  namespace: string,
  signal: AbortSignal,
): Promise<Inputs["podEnvironment"]> {
  const wanted = config.podEnvironmentConfigmap;
  if (wanted === undefined || wanted.name === "") return known(undefined);
  const ref = { apiVersion: "v1", kind: "ConfigMap", name: wanted.name };
  for (const place of new Set([wanted.namespace, namespace])) {
    const read = await kube.read({ ...ref, namespace: place }, signal);
    if (!read.known) return read;
    if (read.value !== undefined) return known((read.value as ConfigMap).data ?? {});
  }
  return unknown(`ConfigMap ${wanted.namespace}/${wanted.name} does not exist`);
}

async function secretKeys(
  kube: KubeReader,
  namespace: string,
  name: string,
  signal: AbortSignal,
): Promise<Observation<readonly string[] | undefined>> {
  if (name === "") return known(undefined);
  const read = await kube.read({ apiVersion: "v1", kind: "Secret", namespace, name }, signal);
  if (!read.known) return read;
  if (read.value === undefined) return unknown(`Secret ${namespace}/${name} does not exist`);
  return known(Object.keys((read.value as unknown as Secret).data ?? {}));
}

async function readInfrastructureRoles(
  readers: InputReaders,
  signal: AbortSignal,
): Promise<Inputs["infrastructureRoles"]> {
  const found = await Promise.all(
    readers.infrastructureRoleDefinitions.map(async (definition) => {
      const { namespace, name } = definition.secretName;
      const read = (kind: string) =>
        readers.kube.read({ apiVersion: "v1", kind, namespace, name }, signal);
      const [secret, configMap] = await Promise.all([read("Secret"), read("ConfigMap")]);
      return { definition, secret, configMap };
    }),
  );
  const roles = [];
  for (const { definition, secret, configMap } of found) {
    if (!secret.known) return secret;
    if (!configMap.known) return configMap;
    roles.push(...infrastructureRolesOf(definition, {
      secret: secret.value as Secret | undefined,
      configMap: configMap.value as ConfigMap | undefined,
    }));
  }
  return known(mergeRoles(roles));
}

/** The major version that a StatefulSet starts its pods with: PGVERSION, or the path of binaries. */
export function majorVersionOf(object: KubeObject | undefined): number | undefined {
  const containers = (object as StatefulSet | undefined)?.spec?.template?.spec?.containers ?? [];
  const env: readonly EnvVar[] = containers[0]?.env ?? [];
  const value = (name: string) => env.find((variable) => variable.name === name)?.value;
  const version = value("PGVERSION") ??
    /\/usr\/lib\/postgresql\/(\d+)\/bin/.exec(value("SPILO_CONFIGURATION") ?? "")?.[1];
  const number = Number(version);
  return Number.isInteger(number) && number > 0 ? number : undefined;
}
