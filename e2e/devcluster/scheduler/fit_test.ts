import { deepStrictEqual as equal } from "node:assert/strict";
import type { Node } from "../objects/placement.ts";
import type { Pod, PodSpec } from "../objects/pod.ts";
import { misfit } from "./fit.ts";

function node(name: string, labels: Record<string, string> = {}, spec: Node["spec"] = {}): Node {
  const conditions = [{ type: "Ready", status: "True" }];
  const metadata = { name, labels: { "kubernetes.io/hostname": name, ...labels } };
  return { metadata, spec, status: { conditions } };
}

function pod(name: string, spec: Partial<PodSpec> = {}): Pod {
  const metadata = { name, uid: name, namespace: "ns", labels: { app: "db" } };
  return { metadata, spec: { containers: [], ...spec } };
}

function affinity(operator: string, values?: string[]): Partial<PodSpec> {
  const matchExpressions = [{ key: "ready", operator, ...(values ? { values } : {}) }];
  const nodeSelectorTerms = [{ matchExpressions }];
  return {
    affinity: {
      nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } },
    },
  };
}

function apart(topologyKey: string): Partial<PodSpec> {
  const terms = [{ labelSelector: { matchLabels: { app: "db" } }, topologyKey }];
  const requiredDuringSchedulingIgnoredDuringExecution = terms;
  return { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution } } };
}

Deno.test("misfit says why a pod may not run on a node", () => {
  const tainted = node("a", {}, { taints: [{ key: "postgres", effect: "NoSchedule" }] });
  const tolerations = [{ key: "postgres", operator: "Exists", effect: "NoSchedule" }];
  const rows: [string, Pod, Node, Pod[], RegExp | undefined][] = [
    ["plain", pod("p"), node("a"), [], undefined],
    ["cordoned", pod("p"), node("a", {}, { unschedulable: true }), [], /unschedulable/],
    ["not ready", pod("p"), { metadata: { name: "a" } }, [], /not ready/],
    ["selector", pod("p", { nodeSelector: { x: "y" } }), node("a"), [], /selector/],
    ["selector met", pod("p", { nodeSelector: { x: "y" } }), node("a", { x: "y" }), [], undefined],
    ["affinity", pod("p", affinity("In", ["true"])), node("a"), [], /affinity/],
    [
      "affinity met",
      pod("p", affinity("In", ["true"])),
      node("a", { ready: "true" }),
      [],
      undefined,
    ],
    ["affinity exists", pod("p", affinity("Exists")), node("a"), [], /affinity/],
    ["affinity absent", pod("p", affinity("DoesNotExist")), node("a"), [], undefined],
    ["taint", pod("p"), tainted, [], /untolerated taint \{postgres: \}/],
    ["taint borne", pod("p", { tolerations }), tainted, [], undefined],
    [
      "same host",
      pod("p", apart("kubernetes.io/hostname")),
      node("a"),
      [pod("q", { nodeName: "a" })],
      /anti-affinity/,
    ],
    [
      "other host",
      pod("p", apart("kubernetes.io/hostname")),
      node("b"),
      [pod("q", { nodeName: "a" })],
      undefined,
    ],
    [
      "same zone unknown",
      pod("p", apart("zone")),
      node("a"),
      [pod("q", { nodeName: "a" })],
      undefined,
    ],
  ];
  for (const [given, of, on, pods, want] of rows) {
    const why = misfit(of, on, pods, [node("a"), node("b")]);
    equal(why === undefined ? undefined : want?.test(why), want && true, `${given}: ${why}`);
  }
});
