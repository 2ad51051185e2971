import assert from "node:assert/strict";
import { type DemoOptions, parseDemoOptions } from "./options.ts";

const rows: [string[], DemoOptions | RegExp][] = [
  [[], { keep: false, ui: false, help: false }],
  [["--ui"], { keep: true, ui: true, help: false }],
  [["--keep"], { keep: true, ui: false, help: false }],
  [["--operator", "dist/op"], { keep: false, ui: false, help: false, operator: "dist/op" }],
  [["--operator=dist/op", "--keep"], { keep: true, ui: false, help: false, operator: "dist/op" }],
  [["-h"], { keep: false, ui: false, help: true }],
  [["--operator"], /--operator needs a path/],
  [["--kepp"], /unknown argument --kepp/],
];

for (const [args, want] of rows) {
  Deno.test(`parseDemoOptions reads ${JSON.stringify(args)}`, () => {
    if (want instanceof RegExp) assert.throws(() => parseDemoOptions(args), want);
    else assert.deepEqual(parseDemoOptions(args), want);
  });
}
