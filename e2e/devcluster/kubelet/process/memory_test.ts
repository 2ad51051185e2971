import assert from "node:assert/strict";
import { memoryLimitMb } from "./memory.ts";

const rows: [string | undefined, number | undefined][] = [
  ["500Mi", 500],
  ["1.5Gi", 1536],
  ["512M", 488],
  ["1073741824", 1024],
  ["much", undefined],
  [undefined, undefined],
];

for (const [memory, want] of rows) {
  Deno.test(`a memory limit of ${memory} is ${want} MiB`, () => {
    const limits: Record<string, string> = memory === undefined ? {} : { memory };
    const pod = {
      metadata: { name: "a" },
      spec: { containers: [{ name: "postgres", resources: { limits } }] },
    };
    assert.equal(memoryLimitMb(pod, "postgres"), want);
  });
}
