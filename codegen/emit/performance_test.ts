import assert from "node:assert/strict";
import { emitPerformancePage } from "./performance.ts";

Deno.test("the page shows every figure with its unit, and goals where there are some", () => {
  const figures = [
    { what: "start to ready", unit: "ms", value: 281.4, goal: 300 },
    { what: "requests", unit: "", value: 0 },
    { what: "memory", unit: "MiB", value: 58.256 },
  ];
  const page = emitPerformancePage(JSON.stringify({
    release: "1.2.3",
    where: "a binary on 2 cores",
    groups: [{ title: "Idle", figures }],
  }));
  assert.match(page, /for release 1\.2\.3: a binary on 2 cores\./);
  const table = page.slice(page.indexOf("## Idle"));
  assert.equal(
    table,
    [
      "## Idle",
      "",
      "|                | measured  | goal, at most |",
      "| -------------- | --------- | ------------- |",
      "| start to ready | 281 ms    | 300 ms        |",
      "| requests       | 0         |               |",
      "| memory         | 58.26 MiB |               |",
      "",
    ].join("\n"),
  );
});
