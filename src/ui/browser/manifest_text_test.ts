/** Single fields of a manifest as text. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { changedPaths, type Json, pathsOf } from "../changed_paths.ts";
import { fieldAt, readText, withField } from "./manifest_text.ts";

const TEXT = `# the shop's orders
apiVersion: acid.zalan.do/v1
kind: postgresql
metadata:
  name: acid-orders
spec:
  teamId: acid
  volume:
    size: 10Gi # grows
  numberOfInstances: 2
`;

const CASES: readonly (readonly [readonly string[], Json | undefined, readonly string[]])[] = [
  [["spec", "numberOfInstances"], 3, ["spec.numberOfInstances"]],
  [["spec", "volume", "size"], "20Gi", ["spec.volume.size"]],
  [["spec", "volume", "iops"], 4000, ["spec.volume.iops"]],
  [["spec", "postgresql", "version"], "18", ["spec.postgresql.version"]],
  [["spec", "resources", "limits", "cpu"], "1", ["spec.resources.limits.cpu"]],
  [["spec", "users"], { app: ["createdb"] }, ["spec.users.app"]],
  [["spec", "teamId"], undefined, ["spec.teamId"]],
  [["spec", "volume", "size"], undefined, ["spec.volume"]],
];

for (const [path, value, changed] of CASES) {
  Deno.test(`${path.join(".")} becomes ${JSON.stringify(value)}, and nothing else changes`, () => {
    const next = withField(TEXT, path, value);
    const { manifest } = readText(next);
    assert.deepEqual(fieldAt(manifest, path), value);
    assert.deepEqual(pathsOf(changedPaths(readText(TEXT).manifest, manifest) ?? {}), changed);
    assert.ok(next.startsWith("# the shop's orders\n"));
  });
}

Deno.test("a section that holds nothing, a word or a list gives way to the field", () => {
  for (const section of ["", "null", "7", "[a]"]) {
    const next = withField(`spec:\n  volume: ${section}\n`, ["spec", "volume", "size"], "1Gi");
    assert.deepEqual(readText(next).manifest, { spec: { volume: { size: "1Gi" } } });
  }
});

Deno.test("a text that is no YAML says why", () => {
  assert.match(readText("a: [").problem ?? "", /Flow sequence/);
});

const text = fc.string({ unit: "binary" });

Deno.test("any text in any field is that text again, and changes that field alone", () => {
  fc.assert(fc.property(text, fc.constantFrom(...CASES.map(([path]) => path)), (value, path) => {
    const { manifest } = readText(withField(TEXT, path, value));
    assert.equal(fieldAt(manifest, path), value);
    const changes = pathsOf(changedPaths(readText(TEXT).manifest, manifest) ?? {});
    assert.ok(changes.every((each) => each.startsWith(path.slice(0, 2).join("."))), changes.join());
  }));
});
