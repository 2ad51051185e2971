/** What makes a program ASCII leaves its meaning and its map as they are. */

import assert from "node:assert/strict";
import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";
import ts from "typescript";
import { asciiProgram, type ProgramMap } from "./ascii_program.ts";

const SOURCE = [
  'export const before = "µ…", first = 1;',
  "export const plain = 2;",
  'export const text = `€ ${"𝄞"}`, second = /^[μ€]+$/u.test("€μ");',
].join("\n");

function compiled(source: string): { text: string; map: ProgramMap } {
  const { outputText, sourceMapText } = ts.transpileModule(source, {
    fileName: "a.ts",
    compilerOptions: { target: ts.ScriptTarget.ES2022, sourceMap: true },
  });
  const text = outputText.replace(/\/\/# sourceMappingURL=.*/, "");
  return { text, map: JSON.parse(sourceMapText ?? "") };
}

Deno.test("a program that was made ASCII has the same values", async () => {
  const program = compiled(SOURCE);
  const ascii = asciiProgram(program);
  assert.match(ascii.text, /^[\0-\x7f]*$/);
  const load = async (text: string) => ({
    ...await import(`data:text/javascript,${encodeURIComponent(text)}`),
  });
  assert.deepEqual(await load(ascii.text), await load(program.text));
});

Deno.test("a name is still found where the source has it", () => {
  const program = compiled(SOURCE);
  const ascii = asciiProgram(program);
  const placeOf = ({ text, map }: typeof program, name: string) => {
    const lines = text.split("\n");
    const line = lines.findIndex((one) => one.includes(name));
    const column = lines[line]?.indexOf(name) ?? -1;
    return originalPositionFor(new TraceMap(map), { line: line + 1, column });
  };
  for (const name of ["before", "first", "plain", "text", "second"]) {
    assert.deepEqual(placeOf(ascii, name), placeOf(program, name), name);
    assert.equal(placeOf(ascii, name).source, "a.ts", name);
  }
});

Deno.test("a character inside String.raw is refused: its escape would be shown", () => {
  const program = compiled("export const text = String.raw`µ`;");
  assert.throws(() => asciiProgram(program), /String\.raw/);
});
