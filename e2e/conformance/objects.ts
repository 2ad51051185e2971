/**
 * Compares what ours leaves behind with what the reference left behind, for objects that are made
 * and mended by comparison: in every recorded step the object of the step before is patched with
 * what the comparison finds, or made where it was missing.
 */

import { mergePostgresTeams, teamsWithAccess } from "../../src/api/postgres_team.ts";
import type { Postgresql, PostgresTeam } from "../../src/api/types.gen.ts";
import type { Config } from "../../src/config/config.ts";
import type { DesiredCluster } from "../../src/cluster/desired/cluster.ts";
import { desiredCluster } from "../../src/cluster/desired/desired_cluster.ts";
import type { Inputs, TeamMembership } from "../../src/cluster/effective/inputs.ts";
import { resolveSpec } from "../../src/cluster/effective/spec.ts";
import type { Difference } from "../../src/cluster/plan/compare/difference.ts";
import { mergePatch } from "../../src/cluster/plan/steps/merge_patch.ts";
import type { KubeObject } from "../../src/kubernetes/types.gen.ts";
import {
  infrastructureRolesOf,
  mergeRoles,
} from "../../src/cluster/observed/infrastructure_roles.ts";
import { known } from "../../src/ports/observation.ts";
import { readAccepted } from "./accepted.ts";
import { differencesOf } from "./differences.ts";
import { recordedInputs } from "./inputs.ts";
import { maskedOwners } from "./normalise.ts";
import { documentKey, type RecordedStep, recordedSteps } from "./recorded.ts";
import { storedObject } from "./stored.ts";

/** No window of the cases is open at this time but those that last all day. */
export const NOW = new Date("2026-01-14T12:00:30Z");

/** How one kind of object is built and mended. */
export interface KindUnderTest {
  readonly kind: string;
  readonly of: (desired: DesiredCluster) => readonly KubeObject[];
  readonly compare: (
    desired: KubeObject,
    observed: KubeObject,
    config: Config,
  ) => readonly Difference[];
}

export interface Outcome {
  /** Objects that were compared with a recorded one. */
  readonly compared: number;
  readonly equal: number;
  /** Differences that no entry accepts, by step. */
  readonly unequal: Readonly<Record<string, readonly string[]>>;
}

/** A cluster of a recorded step together with what ours makes of it. */
export interface RecordedCluster {
  readonly step: RecordedStep;
  readonly cluster: Postgresql;
  readonly config: Config;
  readonly inputs: Inputs;
  readonly desired: DesiredCluster;
  /** Documents that people applied in this very step. */
  readonly applied: ReadonlySet<KubeObject>;
}

/** Compares all objects of one kind over all recorded steps. */
export function outcomeOf(test: KindUnderTest): Outcome {
  const accepted = readAccepted("all");
  const unequal: Record<string, string[]> = {};
  let [compared, equal] = [0, 0];
  for (const recorded of recordedClusters()) {
    for (const object of test.of(recorded.desired)) {
      const found = compareObject(test, recorded, object);
      if (found === undefined) continue;
      compared++;
      if (found.length === 0) equal++;
      const { name } = recorded.step;
      const left = found.filter((difference) => !accepted.accepts(name, difference));
      if (left.length > 0) unequal[name] = [...unequal[name] ?? [], ...left];
    }
  }
  return { compared, equal, unequal };
}

function compareObject(
  test: KindUnderTest,
  { step, config }: RecordedCluster,
  desired: KubeObject,
): string[] | undefined {
  const golden = stored(findObject(step.golden.objects, desired));
  if (golden === undefined) return undefined;
  const before = stored(findObject(step.before, desired));
  const ours = before === undefined
    ? storedObject(desired)
    : mended(before, desired, test.compare(maskedObject(desired), before, config));
  return differencesOf(golden, ours, `${test.kind}/${golden.metadata.name}`);
}

/** The recorder took out annotations of controllers, but left the emptied map. */
function stored(object: KubeObject | undefined): KubeObject | undefined {
  if (Object.keys(object?.metadata.annotations ?? { kept: "" }).length > 0) return object;
  const { annotations: _, ...metadata } = object?.metadata ?? {};
  return object && { ...object, metadata };
}

/** An object with the uids of its owners masked as the recorder did. */
export function maskedObject(object: KubeObject): KubeObject {
  return { ...object, metadata: maskedOwners(object.metadata) };
}

function mended(
  before: KubeObject,
  desired: KubeObject,
  differences: readonly Difference[],
): KubeObject {
  if (differences.length === 0) return before;
  const patch = mergePatch(maskedObject(desired), before, differences);
  return storedObject(merge(before, patch) as KubeObject);
}

/** RFC 7396. A service that changes its type loses what only the former type has. */
function merge(target: unknown, patch: unknown): unknown {
  if (typeof patch !== "object" || patch === null || Array.isArray(patch)) return patch;
  const isMap = typeof target === "object" && target !== null && !Array.isArray(target);
  const result: Record<string, unknown> = isMap ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = merge(result[key], value);
    const empty = typeof result[key] === "object" && Object.keys(result[key] ?? {}).length === 0;
    if (empty && key !== "metadata") delete result[key];
  }
  if ("type" in patch && result.type !== "LoadBalancer") {
    delete result.allocateLoadBalancerNodePorts;
  }
  return result;
}

/** The object of the same kind, name and namespace. */
export function findObject(
  objects: readonly KubeObject[],
  wanted: KubeObject,
): KubeObject | undefined {
  return objects.find(({ kind, metadata }) =>
    kind === wanted.kind && metadata.name === wanted.metadata.name &&
    metadata.namespace === wanted.metadata.namespace
  );
}

let remembered: readonly RecordedCluster[] | undefined;

/** All clusters of all steps that the reference did not refuse; resolved once. */
export function recordedClusters(): readonly RecordedCluster[] {
  return remembered ??= [...resolvedClusters()];
}

function* resolvedClusters(): Generator<RecordedCluster> {
  let former = new Set<KubeObject>();
  for (const step of recordedSteps()) {
    const documents = new Set(step.documents.values());
    const applied = new Set([...documents].filter((document) => !former.has(document)));
    former = documents;
    if (step.golden.status.some((word) => word !== "Running")) continue;
    const { config } = step;
    for (const cluster of clustersOf(step)) {
      const inputs = {
        ...recordedInputs(step, cluster),
        infrastructureRoles: known(infrastructureRoles(step, config)),
        teams: known(teams(step, cluster)),
      };
      const { spec } = resolveSpec(cluster, config, inputs, NOW);
      yield { step, cluster, config, inputs, desired: desiredCluster(spec, config), applied };
    }
  }
}

function clustersOf(step: RecordedStep): Postgresql[] {
  return [...step.documents.values()].filter(({ kind, metadata }) =>
    kind === "postgresql" && metadata.namespace === step.namespace &&
    step.golden.objects.some((object) =>
      object.kind === kind && object.metadata.name === metadata.name &&
      object.metadata.deletionTimestamp === undefined
    )
  ) as unknown as Postgresql[];
}

/** Teams with those of their members that resources name; nobody asked the teams' API. */
function teams(step: RecordedStep, cluster: Postgresql): TeamMembership[] {
  const resources = [...step.documents.values()].filter(({ kind }) => kind === "PostgresTeam");
  const merged = mergePostgresTeams(resources as unknown as PostgresTeam[]);
  return teamsWithAccess(cluster.spec.teamId, merged, step.config)
    .map(({ team, superuser, additionalMembers }) => ({
      team,
      superuser,
      members: additionalMembers,
    }));
}

function infrastructureRoles(step: RecordedStep, config: Config) {
  const legacy = config.infrastructureRolesSecretName;
  const numbered = {
    userKey: "user",
    passwordKey: "password",
    roleKey: "inrole",
    defaultUserValue: "",
    defaultRoleValue: "",
    details: "",
    template: true,
  };
  const definitions = [
    ...config.infrastructureRolesSecrets,
    ...(legacy ? [{ ...numbered, secretName: legacy }] : []),
  ];
  return mergeRoles(definitions.flatMap((definition) => {
    const { namespace, name } = definition.secretName;
    const object = (kind: string) => step.documents.get(documentKey(kind, namespace, name));
    return infrastructureRolesOf(definition, {
      secret: withData(object("Secret")) as never,
      configMap: object("ConfigMap") as never,
    });
  }));
}

/** A Secret as the API server stores it: `stringData` has become `data`. */
export function withData(secret: KubeObject | undefined): KubeObject | undefined {
  if (secret === undefined) return undefined;
  const { stringData, data, ...rest } = secret;
  const texts = Object.entries((stringData ?? {}) as Record<string, string>)
    .map(([key, text]) => [key, btoa(text)]);
  return { ...rest, data: { ...data as object, ...Object.fromEntries(texts) } } as KubeObject;
}
