import assert from "node:assert/strict";
import { installedPostgresMajors } from "./packages.ts";
import {
  ensureMajor,
  linkUnpackedMajors,
  runnableMajors,
  unpackedMajor,
} from "./postgres_majors.ts";

Deno.test("what is installed can be run, beside what was unpacked, in order", () => {
  const majors = runnableMajors();
  assert.deepEqual(majors, [...majors].sort((a, b) => Number(a) - Number(b)));
  assert.equal(new Set(majors).size, majors.length);
  for (const major of installedPostgresMajors()) assert.ok(majors.includes(major), major);
});

Deno.test("an unpacked version is shown where Debian would have it, unless Debian has it", () => {
  for (const line of linkUnpackedMajors()) {
    const major = /ln -s (\S+) \S+;/.exec(line)?.[1]?.split("/").at(-1) ?? "";
    assert.match(line, new RegExp(`^\\[ -e /usr/lib/postgresql/${major} \\] \\|\\| `));
    assert.ok(line.includes(`${unpackedMajor(major)}/usr/lib/postgresql/${major}`));
  }
});

Deno.test("a version that no Debian release has cannot be had", async () => {
  const said: string[] = [];
  assert.equal(await ensureMajor("9", (line) => said.push(line)), false);
  assert.deepEqual(said, []);
});
