/**
 * Random manifests and configurations for property tests: fields mixed of all recorded manifests,
 * names, numbers, parameters and users made up, configurations with switches turned.
 */

import fc from "fast-check";
import type { Postgresql, PostgresqlSpec } from "../../src/api/types.gen.ts";
import { validate } from "../../src/api/validate.ts";
import { checkPostgresql } from "../../src/api/validator.gen.ts";
import type { Config } from "../../src/config/config.ts";
import { clustersOf } from "./clusters.ts";
import { recordedConfig, recordedSteps } from "./recorded.ts";

const MANIFESTS = recordedSteps().flatMap(clustersOf);
const CONFIGS = [...new Map(recordedSteps().map((step) => [step.config, step])).values()]
  .map(recordedConfig);

/** All values that a field of `spec` has in some recorded manifest. */
function recordedValues(): Map<string, unknown[]> {
  const values = new Map<string, unknown[]>();
  for (const { spec } of MANIFESTS) {
    for (const [field, value] of Object.entries(spec)) {
      if (lacksImage(value)) continue;
      values.set(field, [...values.get(field) ?? [], value]);
    }
  }
  return values;
}

/** Containers that the operator refuses. */
function lacksImage(value: unknown): boolean {
  return Array.isArray(value) &&
    value.some((one) => typeof one === "object" && !("image" in one) && "name" in one);
}

const LETTERS = [..."abcdefghijklmnopqrstuvwxyz"];
const word = (shortest: number, longest: number) =>
  fc.array(fc.constantFrom(...LETTERS, ..."0123456789"), {
    minLength: shortest,
    maxLength: longest,
  }).map((letters) => letters.join(""));

const users = fc.dictionary(
  fc.tuple(fc.constantFrom(...LETTERS), word(0, 40)).map(([first, rest]) => first + rest),
  fc.subarray(["superuser", "createdb", "nologin", "inherit", "replication"]),
  { maxKeys: 4 },
);

const parameters = fc.dictionary(
  fc.constantFrom("work_mem", "max_connections", "shared_buffers", "log_statement", "wal_level"),
  fc.constantFrom("1", "64MB", "all", "logical", ""),
);

const quantity = fc.tuple(fc.integer({ min: 1, max: 900 }), fc.constantFrom("Mi", "Gi", "M"))
  .map(([amount, unit]) => `${amount}${unit}`);

const made = fc.record({
  numberOfInstances: fc.nat({ max: 5 }),
  users,
  postgresql: fc.record({
    version: fc.constantFrom("14", "15", "16", "17", "18"),
    parameters,
  }),
  volume: quantity.map((size) => ({ size })),
  resources: fc.record({
    requests: fc.record({ memory: quantity }, { requiredKeys: [] }),
    limits: fc.record({ memory: quantity }, { requiredKeys: [] }),
  }),
}, { requiredKeys: [] });

const mixed = fc.record(
  Object.fromEntries(
    [...recordedValues()].map(([field, values]) => [field, fc.constantFrom(...values)]),
  ),
  { requiredKeys: ["teamId", "numberOfInstances", "volume", "postgresql"] },
);

const name = fc.tuple(word(0, 51)).map(([rest]) => `acid-${rest}x`);

/** Manifests that the API server and the operator take. */
export const manifests: fc.Arbitrary<Postgresql> = fc.tuple(name, mixed, made)
  .map(([name, mixed, made]): Postgresql => ({
    apiVersion: "acid.zalan.do/v1",
    kind: "postgresql",
    metadata: { namespace: "shop", name },
    spec: { ...mixed, ...made } as unknown as PostgresqlSpec,
  }))
  .filter((manifest) => checkPostgresql(manifest).length === 0)
  .filter((manifest) => validate(manifest, CONFIGS[0]!).length === 0);

const SWITCHES = [
  "enableOwnerReferences",
  "enableFinalizers",
  "enablePodAntiaffinity",
  "enablePodDisruptionBudget",
  "enableShmVolume",
  "enableSpiloWalPathCompat",
  "enableReadinessProbe",
  "enableLazySpiloUpgrade",
  "enableMasterLoadBalancer",
  "enableReplicaLoadBalancer",
  "enablePatroniFailsafeMode",
  "enablePasswordRotation",
  "kubernetesUseConfigmaps",
  "spiloPrivileged",
  "setMemoryRequestToLimit",
  "enableCrossNamespaceSecret",
] as const satisfies readonly (keyof Config)[];

/** Recorded configurations with switches turned at random. */
export const configs: fc.Arbitrary<Config> = fc
  .tuple(
    fc.constantFrom(...CONFIGS),
    fc.record(Object.fromEntries(SWITCHES.map((key) => [key, fc.boolean()])), {
      requiredKeys: [],
    }),
  )
  .map(([config, switches]) => ({ ...config, ...GIVEN, ...switches } as Config));

/** What would refuse most manifests, or needs a peer. */
const GIVEN = { enableTeamsApi: false, enableSidecars: true, enableInitContainers: true };
