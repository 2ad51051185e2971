import assert from "node:assert/strict";
import { comparison } from "./comparison.ts";

const RELEASED = {
  release: "0.9.0",
  where: "somewhere",
  groups: [{ title: "Idle", figures: [{ what: "memory", unit: "MiB", value: 70 }] }],
};

Deno.test("figures stand beside those of the release, and say where they miss a goal", () => {
  const figures = [
    { what: "memory", unit: "MiB", value: 64.5, goal: 60 },
    { what: "requests", unit: "", value: 0, goal: 0 },
    { what: "new one", unit: "ms", value: 281.4 },
  ];
  const lines = comparison({ title: "Idle", figures }, RELEASED).split("\n");
  assert.deepEqual(lines.map((line) => line.split(/ {2,}/).filter((cell) => cell !== "")), [
    [],
    ["Idle", "now", "release 0.9.0", "goal"],
    ["memory", "64.5 MiB", "70 MiB", "above 60 MiB"],
    ["requests", "0", "0"],
    ["new one", "281 ms"],
  ]);
});
