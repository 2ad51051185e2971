import assert from "node:assert/strict";
import type { NodeAffinity } from "../../../kubernetes/types.gen.ts";
import { cluster } from "../../../testing/cluster_fixture.ts";
import { config } from "../../../testing/config_fixture.ts";
import { newFindings } from "../findings.ts";
import { resolveScheduling, warnOfScheduling } from "./scheduling.ts";

const EXPRESSION = { key: "disk", operator: "In" as const, values: ["ssd"] };
const READY = { key: "status", operator: "In" as const, values: ["ready"] };
const FIELDS = [{ key: "metadata.name", operator: "In", values: ["n1"] }];

function terms(nodeAffinity: NodeAffinity | undefined) {
  return nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
}

function required(...nodeSelectorTerms: object[]): NodeAffinity {
  return { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } };
}

Deno.test("resolveScheduling merges the readiness label into the manifest's node affinity", () => {
  const manifest = required({ matchExpressions: [EXPRESSION], matchFields: FIELDS });
  const rows = [
    { merge: "OR", given: undefined, want: [{ matchExpressions: [READY] }] },
    {
      merge: "OR",
      given: manifest,
      want: [
        { matchExpressions: [EXPRESSION], matchFields: FIELDS },
        { matchExpressions: [READY] },
      ],
    },
    // The field selector gets lost, as in pods that run already.
    { merge: "AND", given: manifest, want: [{ matchExpressions: [EXPRESSION, READY] }] },
    {
      merge: "",
      given: manifest,
      want: [{ matchExpressions: [EXPRESSION], matchFields: FIELDS }],
    },
  ];
  for (const { merge, given, want } of rows) {
    const settings = config({
      nodeReadinessLabel: { status: "ready" },
      nodeReadinessLabelMerge: merge,
    });
    const { spec } = cluster({ spec: given === undefined ? {} : { nodeAffinity: given } });
    assert.deepEqual(terms(resolveScheduling(spec, settings).nodeAffinity), want, merge);
  }
});

Deno.test("resolveScheduling keeps preferred node affinity beside the readiness label", () => {
  const preferred = [{ weight: 1, preference: { matchExpressions: [EXPRESSION] } }];
  const { spec } = cluster({
    spec: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: preferred } },
  });
  const settings = config({ nodeReadinessLabel: { status: "ready" } });
  const { nodeAffinity } = resolveScheduling(spec, settings);
  assert.deepEqual(nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution, preferred);
  assert.deepEqual(terms(nodeAffinity), [{ matchExpressions: [READY] }]);
});

Deno.test("resolveScheduling orders several readiness labels by name", () => {
  const settings = config({ nodeReadinessLabel: { z: "1", a: "2" } });
  const [term] = terms(resolveScheduling(cluster().spec, settings).nodeAffinity)!;
  assert.deepEqual(term!.matchExpressions!.map(({ key }) => key), ["a", "z"]);
});

Deno.test("resolveScheduling takes the manifest's tolerations before the configured one", () => {
  const settings = config({ toleration: { key: "pg", operator: "Exists", effect: "" } });
  const own = [{ key: "own", operator: "Exists" as const }];
  const { spec } = cluster({ spec: { tolerations: own } });
  assert.deepEqual(resolveScheduling(spec, settings).tolerations, own);
  assert.deepEqual(resolveScheduling(cluster().spec, settings).tolerations, [
    { key: "pg", operator: "Exists" },
  ]);
  assert.deepEqual(resolveScheduling(cluster().spec, config()).tolerations, []);
});

Deno.test("resolveScheduling takes priority, scheduler and anti-affinity from their sources", () => {
  const settings = config({
    podPriorityClassName: "low",
    enablePodAntiaffinity: true,
    podAntiaffinityPreferredDuringScheduling: true,
    podAntiaffinityTopologyKey: "zone",
  });
  const plain = resolveScheduling(cluster().spec, settings);
  assert.equal(plain.priorityClassName, "low");
  assert.equal(plain.schedulerName, undefined);
  assert.deepEqual(plain.antiAffinity, { topologyKey: "zone", strength: "preferred" });
  const { spec } = cluster({ spec: { podPriorityClassName: "high", schedulerName: "mine" } });
  const own = resolveScheduling(spec, config());
  assert.equal(own.priorityClassName, "high");
  assert.equal(own.schedulerName, "mine");
  assert.equal(own.antiAffinity, undefined);
});

Deno.test("warnOfScheduling tells of constraints and fields without effect", () => {
  const settings = config({
    nodeReadinessLabel: { status: "ready" },
    nodeReadinessLabelMerge: "AND",
  });
  const constraint = {
    maxSkew: 1,
    topologyKey: "zone",
    whenUnsatisfiable: "DoNotSchedule" as const,
  };
  const { spec } = cluster({
    spec: {
      nodeAffinity: required({ matchExpressions: [EXPRESSION], matchFields: FIELDS }),
      topologySpreadConstraints: [
        constraint,
        { ...constraint, labelSelector: { matchLabels: { a: "b" } } },
      ],
    },
  });
  const findings = newFindings();
  warnOfScheduling(spec, settings, findings);
  assert.deepEqual(findings.notices.map(({ message }) => message), [
    "spec.topologySpreadConstraints[0] has no labelSelector: it counts no pods",
    "spec.nodeAffinity: matchFields are dropped by node_readiness_label_merge AND",
  ]);
  const quiet = newFindings();
  warnOfScheduling(cluster().spec, settings, quiet);
  assert.deepEqual(quiet.notices, []);
});
