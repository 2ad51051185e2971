/**
 * Every Service, Endpoints, budget, backup job and pooler that the reference was recorded with,
 * against what ours makes of the same manifest, configuration and step before.
 */

import assert from "node:assert/strict";
import type {
  CronJob,
  Deployment,
  Endpoints,
  KubeObject,
  PodDisruptionBudget,
  Service,
} from "../../src/kubernetes/types.gen.ts";
import { compareCronJob } from "../../src/cluster/plan/compare/cron_job.ts";
import { comparePoolerDeployment } from "../../src/cluster/plan/compare/deployment.ts";
import { compareForeignContent } from "../../src/cluster/plan/compare/endpoints.ts";
import { comparePodDisruptionBudget } from "../../src/cluster/plan/compare/pod_disruption_budget.ts";
import { compareService } from "../../src/cluster/plan/compare/service.ts";
import {
  findObject,
  type KindUnderTest,
  maskedObject,
  outcomeOf,
  recordedClusters,
} from "./objects.ts";
import type { RecordedStep } from "./recorded.ts";

function assertEqual(test: KindUnderTest, figures: { compared: number; equal: number }): void {
  const { unequal, compared, equal } = outcomeOf(test);
  assert.deepEqual(unequal, {});
  assert.deepEqual({ compared, equal }, figures);
}

Deno.test("every recorded Service is built and mended as the reference has it", () => {
  assertEqual({
    kind: "Service",
    of: ({ services, poolers }) => [
      services.primary,
      services.replica,
      ...poolers.map(({ service }) => service),
    ],
    compare: (desired, observed, config) =>
      compareService(desired as Service, observed as Service, config),
  }, { compared: 975, equal: 967 });
});

Deno.test("every recorded Endpoints of a primary has the metadata that the reference gave it", () => {
  assertEqual({
    kind: "Endpoints",
    of: ({ endpoints }) => endpoints ? [endpoints] : [],
    compare: (desired, observed, config) =>
      compareForeignContent((desired as Endpoints).metadata, observed.metadata, config),
  }, { compared: 9, equal: 9 });
});

Deno.test("every recorded PodDisruptionBudget is built and mended as the reference has it", () => {
  assertEqual({
    kind: "PodDisruptionBudget",
    of: ({ disruptionBudgets }) => [disruptionBudgets.primary, disruptionBudgets.criticalOperation],
    compare: (desired, observed, config) =>
      comparePodDisruptionBudget(
        desired as PodDisruptionBudget,
        observed as PodDisruptionBudget,
        config,
      ),
  }, { compared: 906, equal: 903 });
});

Deno.test("every recorded backup CronJob is built and mended as the reference has it", () => {
  assertEqual({
    kind: "CronJob",
    of: ({ logicalBackup }) => logicalBackup ? [logicalBackup] : [],
    compare: (desired, observed, config) =>
      compareCronJob(desired as CronJob, observed as CronJob, config),
  }, { compared: 44, equal: 40 });
});

for (const scope of ["everything", "triggers"] as const) {
  Deno.test(`every recorded pooler Deployment is as the reference has it, looking at ${scope}`, () => {
    assertEqual({
      kind: "Deployment",
      of: ({ poolers }) => poolers.map(({ deployment }) => deployment),
      compare: (desired, observed, config) =>
        comparePoolerDeployment(desired as Deployment, observed as Deployment, { config, scope }),
    }, { compared: 69, equal: 68 });
  });
}

Deno.test("a take-over writes to none of these objects but to mend what the reference left", () => {
  const written: Record<string, number> = {};
  for (const { step, desired, config } of recordedClusters()) {
    const differences = [
      ...pairs<Service>([
        desired.services.primary,
        desired.services.replica,
        ...desired.poolers.map(({ service }) => service),
      ], step).flatMap(([want, have]) => compareService(want, have, config)),
      ...pairs<PodDisruptionBudget>(Object.values(desired.disruptionBudgets), step)
        .flatMap(([want, have]) => comparePodDisruptionBudget(want, have, config)),
      ...pairs<CronJob>(desired.logicalBackup ? [desired.logicalBackup] : [], step)
        .flatMap(([want, have]) => compareCronJob(want, have, config)),
      ...pairs<Deployment>(desired.poolers.map(({ deployment }) => deployment), step)
        .flatMap(([want, have]) =>
          comparePoolerDeployment(want, have, { config, scope: "triggers" })
        ),
    ];
    // The recorder left out node ports, so that requested ones seem to be missing.
    for (const { path } of differences.filter(({ path }) => !path.endsWith(".nodePort"))) {
      written[`${step.name} ${path}`] = (written[`${step.name} ${path}`] ?? 0) + 1;
    }
  }
  const pooler = "spec.template.spec.containers[connection-pooler].env";
  assert.deepEqual(written, {
    'crd-minimal/cmin-lb/1 metadata.annotations["external-dns.alpha.kubernetes.io/hostname"]': 2,
    [`db-base/db-pool-protected/1 ${pooler}[PGPASSWORD].valueFrom.secretKeyRef.name`]: 1,
    [`db-base/db-pool-protected/1 ${pooler}[PGUSER].valueFrom.secretKeyRef.name`]: 1,
    "labels/lab-change/3 metadata.labels.environment": 2,
    "labels/lab-change/3 metadata.labels.tier": 2,
    "logical-backup/bk-change/3 metadata.labels.environment": 2,
    "privileged/prv-sync-nocount/1 spec.minAvailable": 1,
    "teams/tm-change/2 metadata.labels.team": 4,
  });
});

/** Desired objects with their recorded counterparts, where there are any. */
function pairs<T extends KubeObject>(desired: readonly T[], step: RecordedStep): [T, T][] {
  return desired.flatMap((object) => {
    const found = findObject(step.golden.objects, object);
    return found === undefined ? [] : [[maskedObject(object) as T, found as T] as [T, T]];
  });
}

Deno.test("nothing is made that the reference has not, and nothing of it is left out", () => {
  const kinds = ["Service", "Endpoints", "PodDisruptionBudget", "CronJob", "Deployment"];
  const unequal: Record<string, string> = {};
  for (const { step, desired, config, cluster } of recordedClusters()) {
    const ours = new Set([
      ...[desired.services.primary, desired.services.replica],
      ...desired.endpoints ? [desired.endpoints] : [],
      ...Object.values(desired.disruptionBudgets),
      ...desired.logicalBackup ? [desired.logicalBackup] : [],
      ...desired.poolers.flatMap(({ deployment, service }) => [deployment, service]),
    ].map(({ kind, metadata }) => `${kind}/${metadata.name}`));
    const patroni = new Set(desired.patroniObjects.refs.map(({ kind, name }) => `${kind}/${name}`));
    const theirs = new Set(
      step.golden.objects
        .filter(({ kind, metadata }) =>
          kinds.includes(kind) &&
          metadata.labels?.[config.clusterNameLabel] === cluster.metadata.name
        )
        .map(({ kind, metadata }) => `${kind}/${metadata.name}`)
        .filter((name) => !patroni.has(name)),
    );
    const difference = [
      ...[...ours.difference(theirs)].map((name) => `+${name}`),
      ...[...theirs.difference(ours)].map((name) => `-${name}`),
    ];
    if (difference.length > 0) unequal[step.name] = difference.join(" ");
  }
  const pooler = "acid-pool-plain-pooler";
  assert.deepEqual(unequal, {
    // Without access to databases the reference waits for its look-up function, and gives up.
    "default/pooler-no-db/1":
      `+Deployment/${pooler} +Service/${pooler} +Deployment/${pooler}-repl +Service/${pooler}-repl`,
  });
});
