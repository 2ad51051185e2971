/**
 * Every StatefulSet that the reference was recorded with, against ours from the same manifest and
 * configuration. What ours would not change, because the comparison finds nothing worth a change,
 * stays as the step before left it.
 */

import assert from "node:assert/strict";
import type { Postgresql } from "../../src/api/types.gen.ts";
import { desiredCluster } from "../../src/cluster/desired/desired_cluster.ts";
import { compareStatefulSet } from "../../src/cluster/plan/compare/statefulset.ts";
import { statefulSetRules } from "../../src/cluster/plan/pods/statefulset.ts";
import type { KubeObject, StatefulSet } from "../../src/kubernetes/types.gen.ts";
import { readAccepted } from "./accepted.ts";
import { clustersOf, findObject, resolved } from "./clusters.ts";
import { differencesOf } from "./differences.ts";
import { maskedOwners, storedStatefulSet } from "./normalise.ts";
import { type RecordedStep, recordedSteps } from "./recorded.ts";

interface Comparison {
  readonly step: string;
  readonly differences: readonly string[];
}

Deno.test("every recorded StatefulSet is built as the reference has it", () => {
  const accepted = readAccepted("all");
  const compared = recordedSteps().flatMap(comparisons);
  const unequal = compared.map(({ step, differences }) => ({
    step,
    differences: differences.filter((difference) => !accepted.accepts(step, difference)),
  })).filter(({ differences }) => differences.length > 0);
  assert.deepEqual(unequal, []);
  const equal = compared.filter(({ differences }) => differences.length === 0).length;
  assert.deepEqual({ compared: compared.length, equal }, { compared: 464, equal: 458 });
});

Deno.test("a cluster that the reference refused for its containers or quantities is refused", () => {
  const refused: Record<string, readonly string[]> = {};
  for (const step of recordedSteps()) {
    for (const cluster of clustersOf(step)) {
      const paths = resolved(step, cluster).issues.map(({ path }) => path);
      if (paths.length > 0) refused[step.name] = paths;
    }
  }
  assert.deepEqual(refused, {
    "default/inv-init/1": ["spec.initContainers[0].image"],
    "default/inv-resources/1": ["spec.resources.requests.memory"],
    "default/inv-sidecar/1": ["spec.sidecars[0].image"],
    "default/inv-volume-size/1": ["spec.volume.size"],
    "privileged/prv-init-refused/1": ["spec.initContainers"],
    "privileged/prv-sidecar-refused/1": ["spec.sidecars"],
  });
});

Deno.test("limits below the minimum are told in the words of the reference", () => {
  let told = 0;
  for (const step of recordedSteps()) {
    const wanted = step.golden.events.filter(({ reason }) => reason === "ResourceLimits")
      .map(({ message }) => message);
    const ours = clustersOf(step).flatMap((cluster) => resolved(step, cluster).notices)
      .filter(({ reason }) => reason === "ResourceLimits").map(({ message }) => message);
    for (const message of wanted) assert.ok(ours.includes(message), `${step.name}: ${message}`);
    told += wanted.length;
  }
  assert.ok(told > 0);
});

Deno.test("normalising keeps all that a builder set", () => {
  for (const step of recordedSteps()) {
    for (const cluster of clustersOf(step)) {
      const { statefulSet } = desiredCluster(resolved(step, cluster).spec, step.config);
      const lost = differencesOf(statefulSet, storedStatefulSet(statefulSet), "")
        .filter((difference) => !/: extra \(|\{\}\)$|\.uid: want/.test(difference));
      assert.deepEqual(lost, [], step.name);
    }
  }
});

Deno.test("a take-over leaves every StatefulSet alone but those that the reference left behind", () => {
  const changed: Record<string, readonly string[]> = {};
  let kept = 0;
  for (const step of recordedSteps()) {
    if (step.golden.status.some((word) => word !== "Running")) continue;
    for (const cluster of clustersOf(step)) {
      const live = storedOf(step.golden.objects, cluster) as StatefulSet | undefined;
      if (live === undefined) continue;
      const { config } = step;
      const { spec } = resolved({ ...step, before: step.golden.objects }, cluster);
      const desired = desiredCluster(spec, config).statefulSet;
      const paths = compareStatefulSet(
        masked(desired),
        live,
        statefulSetRules({ config, phase: "sync" }),
      )
        .map(({ path, effect }) => `${effect} ${path}`);
      if (paths.length > 0) changed[step.name] = paths;
      else kept++;
    }
  }
  const template = "spec.template.spec";
  assert.deepEqual(changed, {
    // The merge patch of the reference cannot take away a list, and tries again at every sync.
    "default/t-sidecar/4": [
      `patch ${template}.initContainers[pre]`,
      `rollout ${template}.initContainers[pre]`,
    ],
  });
  assert.equal(kept, 452);
});

function masked(built: StatefulSet): StatefulSet {
  return { ...built, metadata: maskedOwners(built.metadata) };
}

function comparisons(step: RecordedStep): Comparison[] {
  return clustersOf(step).flatMap((cluster) => {
    const golden = storedOf(step.golden.objects, cluster);
    const before = storedOf(step.before, cluster) as StatefulSet | undefined;
    if (!golden || stoppedBefore(step, golden, before)) return [];
    const { config } = step;
    const { spec, issues } = resolved(step, cluster);
    assert.deepEqual(issues, [], `${step.name}: ${cluster.metadata.name}`);
    const { statefulSet } = desiredCluster(spec, config);
    const unchanged = before !== undefined &&
      compareStatefulSet(statefulSet, before, statefulSetRules({ config, phase: "update" }))
          .length === 0;
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
  if (before !== undefined) return differencesOf(golden, before, "").length === 0;
  return !step.golden.writes.some(({ resource, name }) =>
    resource === "statefulsets" && name === golden.metadata.name
  );
}

function storedOf(objects: readonly KubeObject[], cluster: Postgresql): KubeObject | undefined {
  return findObject(objects, "StatefulSet", cluster.metadata.name);
}
