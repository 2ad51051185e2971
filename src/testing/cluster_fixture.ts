/** Manifests and inputs for tests: the smallest ones that work, and what the test changes. */

import type { Postgresql, PostgresqlSpec } from "../api/types.gen.ts";
import type { ObjectMeta } from "../kubernetes/types.gen.ts";
import type { Inputs } from "../cluster/effective/inputs.ts";
import { known } from "../ports/observation.ts";

interface ClusterOverrides {
  readonly metadata?: ObjectMeta;
  readonly spec?: Partial<PostgresqlSpec>;
}

/** The smallest manifest with `overrides` on top, merged one level deep. */
export function cluster(overrides: ClusterOverrides = {}): Postgresql {
  return {
    apiVersion: "acid.zalan.do/v1",
    kind: "postgresql",
    metadata: {
      namespace: "shop",
      name: "acid-orders",
      uid: "c3a9f0de-0000-4000-8000-000000000001",
      generation: 1,
      ...overrides.metadata,
    },
    spec: {
      teamId: "acid",
      numberOfInstances: 2,
      volume: { size: "10Gi" },
      postgresql: { version: "17" },
      ...overrides.spec,
    },
  };
}

/** Inputs of a cluster that does not exist yet: everything read, nothing there. */
export function inputs(overrides: Partial<Inputs> = {}): Inputs {
  return {
    podEnvironment: known(undefined),
    podEnvironmentSecretKeys: known(undefined),
    logicalBackupSecretKeys: known(undefined),
    infrastructureRoles: known([]),
    teams: known([]),
    runningMajorVersion: known(undefined),
    eventStreamsSupported: known(true),
    ...overrides,
  };
}
