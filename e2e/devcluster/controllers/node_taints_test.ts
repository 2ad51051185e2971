import { deepStrictEqual as equal } from "node:assert/strict";
import type { Node, Toleration } from "../objects/placement.ts";
import { taintsFor } from "./node_lifecycle.ts";
import { borneForMs } from "./taint_eviction.ts";

Deno.test("a node's taints follow from its state, and those of others stay", () => {
  const others = [{ key: "postgres", effect: "NoExecute" }];
  const node: Node = { metadata: { name: "a" }, spec: { taints: others } };
  const names = (of: Node, ready: string) =>
    taintsFor(of, ready, 0).map(({ key, effect }) => `${key.replace(/.*\//, "")}:${effect}`);
  equal(names(node, "True"), ["postgres:NoExecute"]);
  equal(names(node, "Unknown"), [
    "postgres:NoExecute",
    "unreachable:NoSchedule",
    "unreachable:NoExecute",
  ]);
  const lost = { ...node, spec: { taints: taintsFor(node, "Unknown", 0), unschedulable: true } };
  equal(names(lost, "False"), [
    "postgres:NoExecute",
    "not-ready:NoSchedule",
    "not-ready:NoExecute",
    "unschedulable:NoSchedule",
  ]);
  equal(taintsFor(lost, "Unknown", 9999)[1]?.timeAdded, "1970-01-01T00:00:00Z");
});

Deno.test("a pod bears an evicting taint for as long as its shortest toleration says", () => {
  const taint = { key: "postgres", effect: "NoExecute" };
  const rows: [string, Toleration[], number][] = [
    ["none", [], 0],
    ["another key", [{ key: "other", operator: "Exists" }], 0],
    ["for ever", [{ key: "postgres", operator: "Exists" }], Infinity],
    ["a while", [{ key: "postgres", operator: "Exists", tolerationSeconds: 3 }], 3000],
    [
      "the shortest",
      [{ operator: "Exists" }, { key: "postgres", operator: "Exists", tolerationSeconds: 1 }],
      1000,
    ],
  ];
  for (const [given, tolerations, want] of rows) {
    equal(borneForMs([taint], tolerations), want, given);
  }
  equal(borneForMs([{ key: "postgres", effect: "NoSchedule" }], []), Infinity);
});
