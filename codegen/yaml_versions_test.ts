/**
 * kubectl and Helm read YAML 1.1, where an unquoted off, no or 1:30 is no text. What we ship means the
 * same to both.
 */
import assert from "node:assert/strict";
import { parseAllDocuments } from "yaml";

const ROOT = new URL("..", import.meta.url).pathname;

function* yamlFiles(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(`${ROOT}${folder}`)) {
    const path = `${folder}/${name}`;
    // Templates are no YAML before they are rendered.
    if (isDirectory && name !== "templates") yield* yamlFiles(path);
    else if (/\.ya?ml$/.test(name)) yield path;
  }
}

function read(text: string, version: "1.1" | "1.2"): unknown {
  return parseAllDocuments(text, { version }).map((document) => document.toJS());
}

for (const folder of ["crds", "manifests", "charts/postgres-operator"]) {
  Deno.test(`every file below ${folder} means the same in YAML 1.1 and 1.2`, () => {
    const files = [...yamlFiles(folder)];
    assert.ok(files.length > 2);
    for (const file of files) {
      const text = Deno.readTextFileSync(`${ROOT}${file}`);
      assert.deepEqual(read(text, "1.1"), read(text, "1.2"), file);
    }
  });
}
