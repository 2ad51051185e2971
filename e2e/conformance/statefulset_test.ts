/**
 * Every StatefulSet that the reference was recorded with, against ours from the same manifest and
 * configuration. What ours would not change, because the comparison finds nothing worth a change,
 * stays as the step before left it.
 */

import assert from "node:assert/strict";
import type { Postgresql } from "../../src/api/types.gen.ts";
import { desiredCluster } from "../../src/cluster/desired/desired_cluster.ts";
import { resolveSpec } from "../../src/cluster/effective/spec.ts";
import { compareStatefulSet } from "../../src/cluster/plan/compare/statefulset.ts";
import { statefulSetRules } from "../../src/cluster/plan/statefulset.ts";
import type { KubeObject, StatefulSet } from "../../src/clients/kube/types.gen.ts";
import { recordedConfig } from "../../src/testing/recorded_config.ts";
import { readAccepted } from "./accepted.ts";
import { differencesOf } from "./differences.ts";
import { recordedInputs } from "./inputs.ts";
import { storedStatefulSet } from "./normalise.ts";
import { type RecordedStep, recordedSteps } from "./recorded.ts";

/** No window of the cases is open at this time but those that last all day. */
const NOW = new Date("2026-01-14T12:00:30Z");

interface Comparison {
  readonly step: string;
  readonly differences: readonly string[];
}

Deno.test("every recorded StatefulSet is built as the reference has it", () => {
  const accepted = readAccepted();
  const compared = [...recordedSteps()].flatMap(comparisons);
  const unequal = compared.map(({ step, differences }) => ({
    step,
    differences: differences.filter((difference) => !accepted.accepts(step, difference)),
  })).filter(({ differences }) => differences.length > 0);
  assert.deepEqual(unequal, []);
  assert.deepEqual(accepted.unused("StatefulSet"), []);
  const equal = compared.filter(({ differences }) => differences.length === 0).length;
  assert.deepEqual({ compared: compared.length, equal }, { compared: 353, equal: 347 });
});

Deno.test("a cluster that the reference refused for its containers or quantities is refused", () => {
  const refused = new Map<string, string>();
  for (const step of recordedSteps()) {
    for (const cluster of clusters(step)) {
      if (storedOf(step.golden.objects, cluster)) continue;
      const { issues } = resolved(step, cluster);
      for (const { path } of issues) refused.set(step.name, path);
    }
  }
  assert.deepEqual(Object.fromEntries(refused), {
    "default/inv-init/1": "spec.initContainers[0].image",
    "default/inv-resources/1": "spec.resources.requests.memory",
    "default/inv-sidecar/1": "spec.sidecars[0].image",
    "default/inv-volume-size/1": "spec.volume.size",
    "privileged/prv-init-refused/1": "spec.initContainers",
    "privileged/prv-sidecar-refused/1": "spec.sidecars",
  });
});

function comparisons(step: RecordedStep): Comparison[] {
  return clusters(step).flatMap((cluster) => {
    const golden = storedOf(step.golden.objects, cluster);
    if (!golden) return [];
    const { config } = recordedConfig(step.config);
    const { spec, issues } = resolved(step, cluster);
    assert.deepEqual(issues, [], `${step.name}: ${cluster.metadata.name}`);
    const before = storedOf(step.before, cluster) as StatefulSet | undefined;
    if (stoppedBefore(step, golden, before)) return [];
    const { statefulSet } = desiredCluster(spec, config);
    const unchanged = before !== undefined &&
      compareStatefulSet(statefulSet, before, statefulSetRules({ config })).length === 0;
    const ours = unchanged ? before : storedStatefulSet(statefulSet);
    const path = `StatefulSet/${golden.metadata.name}`;
    return [{ step: step.name, differences: differencesOf(golden, ours, path) }];
  });
}

/** True where the reference failed before it came to the StatefulSet, which stayed as it was. */
function stoppedBefore(
  step: RecordedStep,
  golden: KubeObject,
  before: KubeObject | undefined,
): boolean {
  if (!step.golden.status.some((word) => word.endsWith("Failed"))) return false;
  if (before === undefined) {
    return !step.golden.writes.some(({ resource, name }) =>
      resource === "statefulsets" && name === golden.metadata.name
    );
  }
  return differencesOf(golden, before, "").length === 0;
}

function resolved(step: RecordedStep, cluster: Postgresql) {
  const { config } = recordedConfig(step.config);
  return resolveSpec(cluster, config, recordedInputs(step, cluster, config), NOW);
}

/** Clusters in the case's own namespace: shared objects of other cases are none of its business. */
function clusters(step: RecordedStep): Postgresql[] {
  const namespace = step.name.split("/")[1];
  return [...step.documents.values()].filter(({ kind, metadata }) =>
    kind === "postgresql" && metadata.namespace === namespace
  ) as unknown as Postgresql[];
}

function storedOf(objects: readonly KubeObject[], cluster: Postgresql): KubeObject | undefined {
  return objects.find(({ kind, metadata }) =>
    kind === "StatefulSet" && metadata.name === cluster.metadata.name
  );
}
