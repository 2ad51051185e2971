/**
 * Manifests mixed of the fields of all recorded ones, under every recorded configuration: whatever
 * their combination, they are resolved and built, and once stored there is nothing left to change.
 */

import assert from "node:assert/strict";
import fc from "fast-check";
import type { Postgresql, PostgresqlSpec } from "../../src/api/types.gen.ts";
import { desiredCluster } from "../../src/cluster/desired/desired_cluster.ts";
import { resolveSpec } from "../../src/cluster/effective/spec.ts";
import { compareStatefulSet } from "../../src/cluster/plan/compare/statefulset.ts";
import { statefulSetRules } from "../../src/cluster/plan/pods/statefulset.ts";
import type { Container, StatefulSet } from "../../src/kubernetes/types.gen.ts";
import { known } from "../../src/ports/observation.ts";
import { inputs } from "../../src/testing/cluster_fixture.ts";
import { clustersOf } from "./clusters.ts";
import { storedStatefulSet } from "./normalise.ts";
import { recordedSteps } from "./recorded.ts";

const RUNS = 4000;

/** Names that clone and standby append without looking. */
const RAW = /^(CLONE|STANDBY)_/;

const MANIFESTS = recordedSteps().flatMap(clustersOf);
const CONFIGS = [...new Set(recordedSteps().map(({ config }) => config))];

/** All values that a field of `spec` has in some recorded manifest. */
function valuesByField(): Map<keyof PostgresqlSpec, unknown[]> {
  const values = new Map<keyof PostgresqlSpec, unknown[]>();
  for (const { spec } of MANIFESTS) {
    for (const [field, value] of Object.entries(spec)) {
      const key = field as keyof PostgresqlSpec;
      values.set(key, [...values.get(key) ?? [], value]);
    }
  }
  return values;
}

const spec = fc.record(
  Object.fromEntries(
    [...valuesByField()].map(([field, values]) => [field, fc.constantFrom(...values)]),
  ),
  { requiredKeys: ["teamId", "numberOfInstances", "volume", "postgresql"] },
) as unknown as fc.Arbitrary<PostgresqlSpec>;

const manifest: fc.Arbitrary<Postgresql> = fc
  .tuple(fc.constantFrom(...MANIFESTS.map(({ metadata }) => metadata)), spec)
  .map(([metadata, spec]) => ({
    apiVersion: "acid.zalan.do/v1",
    kind: "postgresql",
    metadata,
    spec,
  }));

const found = fc.record({
  podEnvironment: fc.constantFrom(known(undefined), known({ A: "1", SCOPE: "x" })),
  podEnvironmentSecretKeys: fc.constantFrom(known(undefined), known(["B", "a"])),
  runningMajorVersion: fc.constantFrom(known(undefined), known(14), known(17)),
}).map(inputs);

const now = fc.date({ noInvalidDate: true, min: new Date(0), max: new Date("2100-01-01") });

Deno.test("any mix of recorded fields is built, and stays as it is once stored", () => {
  const index = fc.nat({ max: CONFIGS.length - 1 });
  fc.assert(
    fc.property(manifest, index, found, now, (cluster, index, inputs, now) => {
      const config = CONFIGS[index]!;
      const { spec, issues } = resolveSpec(cluster, config, inputs, now);
      const { statefulSet } = desiredCluster(spec, config);
      assert.deepEqual(desiredCluster(spec, config).statefulSet, statefulSet);
      if (issues.length > 0) return;
      const stored = storedStatefulSet(statefulSet) as unknown as StatefulSet;
      const rules = statefulSetRules({ config, phase: "update" });
      assert.deepEqual(
        compareStatefulSet(withMaskedOwners(statefulSet, stored), stored, rules),
        [],
      );
      for (const container of statefulSet.spec?.template.spec?.containers ?? []) {
        namesOnce(container);
        mountsExist(container, statefulSet);
      }
    }),
    { numRuns: RUNS },
  );
});

function withMaskedOwners(built: StatefulSet, stored: StatefulSet): StatefulSet {
  const { ownerReferences } = stored.metadata;
  if (!ownerReferences) return built;
  return { ...built, metadata: { ...built.metadata, ownerReferences } };
}

function namesOnce({ name, env = [] }: Container): void {
  const names = env.map((variable) => variable.name.toLowerCase());
  const twice = names.filter((text, index) => names.indexOf(text) !== index);
  assert.deepEqual(twice.filter((text) => !RAW.test(text.toUpperCase())), [], name);
}

function mountsExist({ name, volumeMounts = [] }: Container, built: StatefulSet): void {
  const volumes = built.spec?.template.spec?.volumes ?? [];
  const known = new Set(["pgdata", ...volumes.map((volume) => volume.name)]);
  assert.deepEqual(volumeMounts.filter((mount) => !known.has(mount.name)), [], name);
}
