/**
 * The value as the API server stores it: what a real kube-apiserver 1.34 made of every sample
 * (`deno task record:stored`) is compared with what was sent, and nothing differs.
 */

import assert from "node:assert/strict";
import type { StatefulSet } from "../../src/kubernetes/types.gen.ts";
import {
  compareStatefulSet,
  type StatefulSetRules,
} from "../../src/cluster/plan/compare/statefulset.ts";
import { storedAmount } from "../../src/lib/quantity.ts";
import { sampleSet, type Stored } from "./record_stored.ts";
import { AMOUNTS } from "./samples/amounts.ts";
import type { Sample } from "./samples/sample.ts";
import { SAMPLES } from "./samples/samples.ts";

const STORED = JSON.parse(
  Deno.readTextFileSync(new URL("./testdata/stored.json", import.meta.url)),
) as Stored[];

const RULES: StatefulSetRules = {
  scope: "everything",
  lazyImageUpgrade: false,
  ignoredAnnotations: [],
  managesAnnotation: () => false,
};

/** The StatefulSet as it was stored. */
function storedSet(sample: Sample, { pod, claim }: Stored): StatefulSet {
  const set = sampleSet(sample);
  const spec = set.spec!;
  if (pod !== undefined) spec.template.spec = pod as NonNullable<typeof spec.template.spec>;
  if (claim !== undefined) spec.volumeClaimTemplates = [claim as never];
  return set;
}

Deno.test("every sample has an answer, and the API server took it", () => {
  assert.deepEqual(STORED.map(({ name }) => name), SAMPLES.map(({ name }) => name));
  assert.deepEqual(STORED.filter(({ refused }) => refused !== undefined), []);
});

for (const [index, sample] of SAMPLES.entries()) {
  Deno.test(`stored as the API server does: ${sample.name}`, () => {
    const observed = storedSet(sample, STORED[index]!);
    const found = compareStatefulSet(sampleSet(sample), observed, RULES);
    assert.deepEqual(found, []);
  });
}

Deno.test("amounts are rounded as the API server rounds them", () => {
  const found = AMOUNTS.flatMap((text) => {
    const stored = STORED.find(({ name }) => name === `memory ${text}`)?.pod as {
      containers: { resources: { requests: { memory: string } } }[];
    };
    const want = stored.containers[0]?.resources.requests.memory;
    // What it need not round it may leave as it was written.
    if (want === text) return [];
    return storedAmount(text) === want ? [] : [`${text}: ${storedAmount(text)}, not ${want}`];
  });
  assert.deepEqual(found, []);
});

/** Fields of a Kubernetes type, as its generated definition names them. */
function fieldsOf(type: string): string[] {
  const file = new URL("../../src/kubernetes/types.gen.ts", import.meta.url);
  const text = Deno.readTextFileSync(file);
  const body = new RegExp(`^export interface ${type} \\{\\n([\\s\\S]*?)^\\}`, "m").exec(text)?.[1];
  return [...(body ?? "").matchAll(/^ {2}(\w+)\??:/gm)].map(([, name]) => name ?? "");
}

/** Every name of a field in a value. */
function namesIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(namesIn);
  return Object.entries(value).flatMap(([key, inner]) => [key, ...namesIn(inner)]);
}

/** Types that a manifest reaches, and fields of theirs that are refused or need another one. */
const REACHED: Readonly<Record<string, readonly string[]>> = {
  Volume: [],
  VolumeProjection: [],
  Container: ["restartPolicyRules", "volumeDevices"],
  ContainerPort: ["hostIP", "hostPort"],
  EnvVarSource: ["fileKeyRef"],
  Probe: [],
  LifecycleHandler: [],
  ResourceFieldSelector: [],
  Toleration: [],
  TopologySpreadConstraint: [],
  VolumeMount: [],
  EphemeralVolumeSource: [],
};

for (const [type, refused] of Object.entries(REACHED)) {
  Deno.test(`every field of ${type} is among the samples`, () => {
    const fields = fieldsOf(type);
    assert.ok(fields.length > 0);
    const sampled = new Set(namesIn(SAMPLES));
    assert.deepEqual(fields.filter((name) => !sampled.has(name)), refused);
  });
}
