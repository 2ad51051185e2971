/** Manifests that new clusters begin with. */

import assert from "node:assert/strict";
import { type Files, readTemplates } from "./templates.ts";

const FILES: Files = {
  names: (folder) =>
    folder === "/t"
      ? Promise.resolve(["small.yaml", "..data", "big.yml", "notes.txt", "long.yaml", ".hid.yaml"])
      : Promise.reject(new Error("no such folder")),
  text: (path) => Promise.resolve(path.endsWith("long.yaml") ? "a".repeat(300_000) : path),
};

Deno.test("files of a folder that hold YAML are templates, by name", async () => {
  assert.deepEqual(await readTemplates("/t", FILES), [
    { name: "big", text: "/t/big.yml" },
    { name: "small", text: "/t/small.yaml" },
  ]);
});

Deno.test("without a folder there are none", async () => {
  assert.deepEqual(await readTemplates("", FILES), []);
});

Deno.test("a folder that cannot be read is named", async () => {
  await assert.rejects(readTemplates("/x", FILES), /templates in \/x \(OPERATOR_UI_TEMPLATES\)/);
});
