/**
 * Whatever a manifest and a configuration ask for: no pass fails, the passes come to an end, names
 * are within limits, and an operator that starts again finds nothing to do. `FUZZ_RUNS` says how
 * many pairs are tried.
 */

import assert from "node:assert/strict";
import fc from "fast-check";
import type { Postgresql } from "../../src/api/types.gen.ts";
import type { KubeObject } from "../../src/kubernetes/types.gen.ts";
import { refOf } from "../../src/ports/requests.ts";
import { isPending, type Plan } from "../../src/cluster/plan/steps/action.ts";
import type { Config } from "../../src/config/config.ts";
import { known } from "../../src/ports/observation.ts";
import { type DryRunPasses, dryRunPasses, NO_TEAMS } from "../../src/dry_run/dry_run.ts";
import { documentReader } from "../../src/dry_run/sources.ts";
import { configs, manifests } from "./random_manifests.ts";
import { stored } from "./control_plane.ts";
import { reasonTexts } from "../../src/cluster/plan/steps/reasons.ts";

const RUNS = Number(Deno.env.get("FUZZ_RUNS") ?? 300);
const SEED = Deno.env.get("FUZZ_SEED");

Deno.test("random manifests are brought about, and then nothing is left to do", async () => {
  let settled = 0;
  await fc.assert(
    fc.asyncProperty(manifests, configs, async (manifest, config) => {
      const first = await passes(manifest, config, []);
      const failures = first.last.outcomes.filter(({ result }) => result === "failed");
      assert.deepEqual(failures.map(({ step }) => step.reasons), []);
      for (const object of first.objects) checkNames(object);
      if (first.last.plan.held.some(isPending)) return;
      assert.deepEqual(reasonsOf(first.last.plan), []);
      const again = await passes(manifest, config, [...first.objects, ...patroniState(first)]);
      assert.deepEqual(again.plans.flatMap(reasonsOf), []);
      settled++;
    }),
    { numRuns: RUNS, ...(SEED === undefined ? {} : { seed: Number(SEED) }) },
  );
  assert.ok(settled > RUNS / 2, `only ${settled} of ${RUNS} could be brought about`);
});

function passes(
  manifest: Postgresql,
  config: Config,
  present: readonly KubeObject[],
): Promise<DryRunPasses> {
  const live = present.find(({ kind }) => kind === "postgresql");
  return dryRunPasses({
    manifest: manifest as unknown as KubeObject,
    config,
    reader: documentReader([...inputsOf(config), ...present], undefined, config.clusterNameLabel),
    live: live as unknown as Postgresql | undefined,
    eventStreamsSupported: known(false),
    teams: NO_TEAMS,
    stored,
    now: new Date("2026-01-14T12:00:30Z"),
    signal: new AbortController().signal,
  });
}

/** What Patroni would have left in Kubernetes, in either of its stores. */
function patroniState({ patroni, last }: DryRunPasses): KubeObject[] {
  if (patroni === undefined) return [];
  const [namespace = "", name = ""] = last.plan.key.split("/");
  const annotations = { config: JSON.stringify(patroni) };
  const metadata = { namespace, name: `${name}-config`, annotations };
  return ["ConfigMap", "Endpoints"].map((kind) => ({ apiVersion: "v1", kind, metadata }));
}

/** Objects that a configuration names and nobody else would make. */
function inputsOf(config: Config): KubeObject[] {
  const secrets = [config.podEnvironmentSecret, config.logicalBackupCronjobEnvironmentSecret];
  const { name = "", namespace = "" } = config.podEnvironmentConfigmap ?? {};
  const object = (kind: string, metadata: KubeObject["metadata"]) => ({
    apiVersion: "v1",
    kind,
    metadata,
  });
  return [
    ...(name === "" ? [] : [object("ConfigMap", { namespace, name })]),
    ...secrets.filter((secret) => secret !== "").map((secret) =>
      object("Secret", { namespace: "shop", name: secret })
    ),
  ];
}

function reasonsOf({ steps }: Plan): string[] {
  return steps.filter(({ action }) => action.kind !== "event")
    // Patroni's objects appear between the runs, without the metadata that the operator gives them.
    .filter(({ subject }) => subject !== "patroni objects")
    .flatMap(reasonTexts);
}

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LABEL = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;

function checkNames(object: KubeObject): void {
  const { name = "", labels = {} } = object.metadata;
  const text = JSON.stringify(refOf(object));
  const longest = { Service: 63, StatefulSet: 58, CronJob: 52 }[object.kind] ?? 253;
  assert.ok(name.length <= longest, `${text} is longer than ${longest}`);
  assert.match(name, object.kind === "Service" ? LABEL : SUBDOMAIN, text);
  for (const [key, value] of Object.entries(labels)) {
    assert.ok(value.length <= 63, `${text}: label ${key} is longer than 63`);
    assert.match(value, VALUE, `${text}: label ${key}`);
  }
}
