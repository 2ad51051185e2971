/**
 * Looks up what a pass needs before it resolves the manifest: referenced ConfigMaps and Secrets,
 * infrastructure roles, team members, and the major version that runs. Reads only.
 */

import type { Postgresql, PostgresTeam } from "../../api/types.gen.ts";
import type { EnvVar, StatefulSet } from "../../kubernetes/types.gen.ts";
import type { Config, InfrastructureRoleDefinition } from "../../config/config.ts";
import { known, mapObservation, type Observation, unknown } from "../../ports/observation.ts";
import type { Inputs, TeamMembership } from "../effective/inputs.ts";
import { type TypedReader, typedReader } from "../../ports/client.gen.ts";
import type { KubeReader } from "../../ports/ports.ts";
import { infrastructureRolesOf, mergeRoles } from "./infrastructure_roles.ts";
import { postgresContainerOf } from "./revisions.ts";

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
  const kube = typedReader(readers.kube);
  const owned = typedReader(readers.owned);
  const keys = (secret: string) => secretKeys(kube, namespace, secret, signal);
  const [podEnvironment, podSecret, backupSecret, roles, teams, running] = await Promise.all([
    readPodEnvironment(kube, config, namespace, signal),
    keys(config.podEnvironmentSecret),
    cr.spec.enableLogicalBackup === true
      ? keys(config.logicalBackupCronjobEnvironmentSecret)
      : known(undefined),
    readInfrastructureRoles(kube, readers.infrastructureRoleDefinitions, signal),
    readers.teams(cr.spec.teamId ?? "", readers.postgresTeams(), signal),
    owned.statefulSets.read({ namespace, name }, signal),
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
  kube: TypedReader,
  config: Config,
  namespace: string,
  signal: AbortSignal,
): Promise<Inputs["podEnvironment"]> {
  const wanted = config.podEnvironmentConfigmap;
  if (wanted === undefined || wanted.name === "") return known(undefined);
  for (const place of new Set([wanted.namespace, namespace])) {
    const read = await kube.configMaps.read({ namespace: place, name: wanted.name }, signal);
    if (!read.known) return read;
    if (read.value !== undefined) return known(read.value.data ?? {});
  }
  return unknown(`ConfigMap ${wanted.namespace}/${wanted.name} does not exist`);
}

async function secretKeys(
  kube: TypedReader,
  namespace: string,
  name: string,
  signal: AbortSignal,
): Promise<Observation<readonly string[] | undefined>> {
  if (name === "") return known(undefined);
  const read = await kube.secrets.read({ namespace, name }, signal);
  if (!read.known) return read;
  if (read.value === undefined) return unknown(`Secret ${namespace}/${name} does not exist`);
  return known(Object.keys(read.value.data ?? {}));
}

async function readInfrastructureRoles(
  kube: TypedReader,
  definitions: readonly InfrastructureRoleDefinition[],
  signal: AbortSignal,
): Promise<Inputs["infrastructureRoles"]> {
  const found = await Promise.all(
    definitions.map(async (definition) => {
      const [secret, configMap] = await Promise.all([
        kube.secrets.read(definition.secretName, signal),
        kube.configMaps.read(definition.secretName, signal),
      ]);
      return { definition, secret, configMap };
    }),
  );
  const roles = [];
  for (const { definition, secret, configMap } of found) {
    if (!secret.known) return secret;
    if (!configMap.known) return configMap;
    roles.push(...infrastructureRolesOf(definition, {
      secret: secret.value,
      configMap: configMap.value,
    }));
  }
  return known(mergeRoles(roles));
}

/** The major version that a StatefulSet starts its pods with: PGVERSION, or the path of binaries. */
export function majorVersionOf(set: StatefulSet | undefined): number | undefined {
  const env: readonly EnvVar[] = postgresContainerOf(set?.spec?.template?.spec)?.env ?? [];
  const value = (name: string) => env.find((variable) => variable.name === name)?.value;
  const version = value("PGVERSION") ??
    /\/usr\/lib\/postgresql\/(\d+)\/bin/.exec(value("SPILO_CONFIGURATION") ?? "")?.[1];
  const number = Number(version);
  return Number.isInteger(number) && number > 0 ? number : undefined;
}
