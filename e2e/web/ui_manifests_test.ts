/** Random manifests that the API server and the operator take, opened in the web UI and saved. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { changedPaths, type Json, patched, pathsOf } from "../../src/ui/changed_paths.ts";
import { editable, editOf, type Manifest } from "../../src/ui/browser/manifest.ts";
import { readText, textOf, withField } from "../../src/ui/browser/manifest_text.ts";
import { manifests } from "../conformance/random_manifests.ts";

const RUNS = 500;

/** As the API server gives it. */
function stored(manifest: unknown): Manifest {
  const { metadata, ...rest } = JSON.parse(JSON.stringify(manifest)) as Manifest;
  return { ...rest, metadata: { ...metadata, uid: "u", resourceVersion: "7" } };
}

Deno.test("a valid manifest that is opened and saved unchanged sends nothing", () => {
  fc.assert(
    fc.property(manifests, (manifest) => {
      const before = stored(manifest);
      const edit = editOf(before, readText(textOf(editable(before))).manifest);
      assert.deepEqual(edit, { patch: undefined, paths: [], problem: undefined });
    }),
    { numRuns: RUNS },
  );
});

/** Places of single values in a manifest's spec. */
function leaves(value: Json, path: readonly string[] = ["spec"]): (readonly string[])[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [path];
  return Object.entries(value).flatMap(([key, each]) => leaves(each, [...path, key]));
}

Deno.test("a single change of a valid manifest touches one path, and makes what was written", () => {
  fc.assert(
    fc.property(manifests, fc.nat(), fc.string(), (manifest, place, value) => {
      const before = stored(manifest);
      const all = leaves(before.spec as Json);
      const path = all[place % all.length]!;
      const text = withField(textOf(editable(before)), path, `changed ${value}`);
      const { patch, paths, problem } = editOf(before, readText(text).manifest);
      assert.equal(problem, undefined);
      assert.equal(paths.length, 1, paths.join(", "));
      const wanted = changedPaths(editable(before), readText(text).manifest);
      assert.deepEqual(pathsOf(wanted!), paths);
      const after = patched(editable(before), wanted!);
      assert.deepEqual(editable(after as unknown as Manifest), readText(text).manifest);
      assert.deepEqual(patch!["metadata"] as Json, { resourceVersion: "7" });
    }),
    { numRuns: RUNS },
  );
});
