import { deepStrictEqual as equal } from "node:assert/strict";
import type { Node, TopologySpreadConstraint } from "../objects/placement.ts";
import type { Pod, PodSpec } from "../objects/pod.ts";
import { misfit } from "./fit.ts";
import { bestNode } from "./rank.ts";

function node(name: string, labels: Record<string, string> = {}, spec: Node["spec"] = {}): Node {
  const conditions = [{ type: "Ready", status: "True" }];
  const metadata = { name, labels: { "kubernetes.io/hostname": name, ...labels } };
  return { metadata, spec, status: { conditions } };
}

function pod(name: string, spec: Partial<PodSpec> = {}, owner?: string): Pod {
  const ownerReferences = owner === undefined
    ? []
    : [{ apiVersion: "apps/v1", kind: "StatefulSet", name: owner, uid: owner, controller: true }];
  const metadata = { name, uid: name, namespace: "ns", labels: { app: "db" }, ownerReferences };
  return { metadata, spec: { containers: [], ...spec } };
}

function spread(whenUnsatisfiable: string, topologyKey = "zone"): TopologySpreadConstraint {
  const labelSelector = { matchLabels: { app: "db" } };
  return { maxSkew: 1, topologyKey, whenUnsatisfiable, labelSelector };
}

const prefersSsd: Partial<PodSpec> = {
  affinity: {
    nodeAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [{
        weight: 10,
        preference: { matchExpressions: [{ key: "disk", operator: "In", values: ["ssd"] }] },
      }],
    },
  },
};

const rathersApart: Partial<PodSpec> = {
  affinity: {
    podAntiAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [{
        weight: 10,
        podAffinityTerm: {
          labelSelector: { matchLabels: { app: "db" } },
          topologyKey: "kubernetes.io/hostname",
        },
      }],
    },
  },
};

Deno.test("the best node is preferred, then without siblings, then empty", () => {
  const [a, b] = [node("a"), node("b")];
  const rows: [string, Pod, Node[], Pod[], string][] = [
    ["any", pod("p"), [a, b], [], "a"],
    ["fewest pods", pod("p"), [a, b], [pod("q", { nodeName: "a" })], "b"],
    [
      "a sibling counts more than many others",
      pod("p", {}, "set"),
      [a, b],
      [
        pod("q", { nodeName: "a" }, "set"),
        pod("r", { nodeName: "b" }),
        pod("s", { nodeName: "b" }),
      ],
      "b",
    ],
    [
      "a preferred label counts more than siblings",
      pod("p", prefersSsd, "set"),
      [node("a", { disk: "ssd" }), b],
      [pod("q", { nodeName: "a" }, "set")],
      "a",
    ],
    ["preferred distance", pod("p", rathersApart), [a, b], [pod("q", { nodeName: "a" })], "b"],
    [
      "a taint that is rather avoided",
      pod("p"),
      [node("a", {}, { taints: [{ key: "old", effect: "PreferNoSchedule" }] }), b],
      [pod("q", { nodeName: "b" })],
      "b",
    ],
    [
      "a wished spread over zones",
      pod("p", { topologySpreadConstraints: [spread("ScheduleAnyway")] }),
      [node("a", { zone: "1" }), node("b", { zone: "2" })],
      [pod("q", { nodeName: "a" })],
      "b",
    ],
  ];
  for (const [given, of, nodes, pods, want] of rows) {
    equal(bestNode(of, nodes, pods, nodes)?.metadata.name, want, given);
  }
});

Deno.test("a required spread and the distance that others want keep a pod off a node", () => {
  const zones = [node("a", { zone: "1" }), node("b", { zone: "2" })];
  const strict = pod("p", { topologySpreadConstraints: [spread("DoNotSchedule")] });
  const there = [pod("q", { nodeName: "a" })];
  equal(zones.map((it) => misfit(strict, it, there, zones) === undefined), [false, true]);
  equal(misfit(strict, node("c"), there, [...zones, node("c")])?.includes("spread"), true);
  const ending = { ...there[0]!, metadata: { ...there[0]!.metadata, deletionTimestamp: "now" } };
  equal(misfit(strict, zones[0]!, [ending], zones), undefined);
  const terms = [{
    labelSelector: { matchLabels: { app: "db" } },
    topologyKey: "kubernetes.io/hostname",
  }];
  const hermit = pod("q", {
    nodeName: "a",
    affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms } },
  });
  equal(zones.map((it) => misfit(pod("p"), it, [hermit], zones) === undefined), [false, true]);
});
