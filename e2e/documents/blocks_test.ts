/** Every command in the documents is run by a test, or says what it needs. */
import assert from "node:assert/strict";
import { type Block, blocksOf, countText } from "./blocks.ts";
import { documentPaths, readDocument } from "./documents.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

function allBlocks(): Block[] {
  return documentPaths().flatMap((path) => blocksOf(path, readDocument(path)));
}

Deno.test("every command in the documents is run, or marked with what it needs", () => {
  const blocks = allBlocks();
  assert.ok(blocks.length > 15, "found too few blocks of commands");
  for (const { treatment, commands, document, line } of blocks) {
    assert.ok(commands.length > 0, `${document}:${line} holds no command`);
    if (treatment.kind !== "ran-by") continue;
    const test = Deno.readTextFileSync(`${ROOT}${treatment.file}`);
    for (const command of commands) {
      const task = /\btask (\S+)$/.exec(command)?.[1] ?? command;
      assert.ok(test.includes(`task ${task}`), `${treatment.file} does not run: ${command}`);
    }
  }
  Deno.stdout.writeSync(new TextEncoder().encode(`${countText(blocks)}\n`));
});

Deno.test("most of what the documents tell to run needs nothing but this tree", () => {
  const blocks = allBlocks();
  const count = (some: readonly Block[]) =>
    some.reduce((sum, { commands }) => sum + commands.length, 0);
  const marked = blocks.filter(({ treatment }) => treatment.kind === "needs");
  assert.ok(count(marked) * 4 < count(blocks), countText(blocks));
});

Deno.test("commands are found as they are written", () => {
  const text = [
    "```sh on=fresh",
    "# what follows is one command",
    "a --b \\",
    "  c    # why",
    "",
    "d &",
    "```",
    "  ```console needs=docker",
    "  e#f",
    "  ```",
    "```ts",
    "no();",
    "```",
  ].join("\n");
  assert.deepEqual(
    blocksOf("x.md", text).map(({ line, commands, treatment }) => ({ line, commands, treatment })),
    [
      { line: 2, commands: ["a --b c", "d &"], treatment: { kind: "run", on: "fresh" } },
      { line: 9, commands: ["e#f"], treatment: { kind: "needs", what: "docker", on: "operator" } },
    ],
  );
});

const WRONG: readonly [words: string, said: RegExp][] = [
  ["needs=luck", /^x\.md:1: needs= is one of aws, az/],
  ["on=moon", /^x\.md:1: on= is one of operator, fresh, stub/],
  ["skip", /^x\.md:1: skip means nothing here/],
];

for (const [words, said] of WRONG) {
  Deno.test(`a block that says ${words} is refused`, () => {
    assert.throws(() => blocksOf("x.md", `\`\`\`sh ${words}\na\n\`\`\`\n`), (error: Error) => {
      assert.match(error.message, said);
      return true;
    });
  });
}
