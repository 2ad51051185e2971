/**
 * Imports run one way. Seen from every folder, the files and folders in it form a tree or a lattice,
 * never a circle: so there is an order in which the code can be read. A circle of files is a circle
 * of entries in the folder that holds them all, so one rule covers files and folders.
 */

import assert from "node:assert/strict";
import { importsOf } from "./testing/imports.ts";

/** Trees that are held to it. */
const TREES = ["src", "codegen", "e2e"];

/** Folders that hold nothing but what tests are made of. */
const TESTS_ONLY = ["testdata", "testing"];

const ROOT = new URL("..", import.meta.url);

/** One import, both ends as paths from the root of the repository. */
interface Import {
  readonly from: string;
  readonly to: string;
}

/** By folder: entry → the entries beside it that it imports, with one import as an example. */
type Levels = Map<string, Map<string, Map<string, Import>>>;

/** Puts every import at the folder in which its two ends part. */
function levelsOf(imports: readonly Import[]): Levels {
  const levels: Levels = new Map();
  for (const one of imports) {
    const [from, to] = [one.from.split("/"), one.to.split("/")];
    const depth = from.findIndex((name, index) => name !== to[index]);
    if (depth < 0) continue;
    const folder = from.slice(0, depth).join("/");
    const entries = levels.get(folder) ?? new Map();
    levels.set(folder, entries);
    const others = entries.get(from[depth] ?? "") ?? new Map();
    entries.set(from[depth] ?? "", others);
    if (!others.has(to[depth] ?? "")) others.set(to[depth] ?? "", one);
  }
  return levels;
}

/** The first circle in a folder as the imports that make it; undefined where there is none. */
function circleIn(entries: Map<string, Map<string, Import>>): Import[] | undefined {
  const done = new Set<string>();
  function walk(
    entry: string,
    trail: readonly string[],
    taken: readonly Import[],
  ): Import[] | undefined {
    const at = trail.indexOf(entry);
    if (at >= 0) return taken.slice(at);
    if (done.has(entry)) return undefined;
    for (const [next, one] of entries.get(entry) ?? []) {
      const found = walk(next, [...trail, entry], [...taken, one]);
      if (found !== undefined) return found;
    }
    done.add(entry);
    return undefined;
  }
  for (const entry of entries.keys()) {
    const found = walk(entry, [], []);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What is wrong, one line a circle. */
function circles(imports: readonly Import[]): string[] {
  return [...levelsOf(imports)].flatMap(([folder, entries]) => {
    const circle = circleIn(entries);
    if (circle === undefined) return [];
    return [`${folder}: ${circle.map(({ from, to }) => `${from} imports ${to}`).join(", ")}`];
  });
}

async function* sources(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(new URL(`${folder}/`, ROOT))) {
    const path = `${folder}/${name}`;
    if (isDirectory && !TESTS_ONLY.includes(name)) yield* sources(path);
    else if (name.endsWith(".ts") && !/_test\.ts$|\.fixture\.ts$/.test(name)) yield path;
  }
}

async function importsIn(tree: string): Promise<Import[]> {
  const found: Import[] = [];
  for await (const from of sources(tree)) {
    for (const specifier of importsOf(await Deno.readTextFile(new URL(from, ROOT)))) {
      if (!specifier.startsWith(".")) continue;
      found.push({ from, to: new URL(specifier, `file:///${from}`).pathname.slice(1) });
    }
  }
  return found;
}

for (const tree of TREES) {
  Deno.test(`files and folders of ${tree} do not import each other in circles`, async () => {
    const imports = await importsIn(tree);
    assert.ok(imports.length > 20, `found no imports in ${tree}`);
    assert.deepEqual(circles(imports), []);
  });
}

const CASES: readonly { name: string; imports: readonly [string, string][]; wrong: number }[] = [
  { name: "two files", imports: [["a/x.ts", "a/y.ts"], ["a/y.ts", "a/x.ts"]], wrong: 1 },
  {
    name: "two folders by way of different files",
    imports: [["p/a/x.ts", "p/b/y.ts"], ["p/b/z.ts", "p/a/w.ts"]],
    wrong: 1,
  },
  {
    name: "a folder and a file beside it",
    imports: [["p/x.ts", "p/a/y.ts"], ["p/a/z.ts", "p/x.ts"]],
    wrong: 1,
  },
  {
    name: "three entries",
    imports: [["a/x.ts", "a/y.ts"], ["a/y.ts", "a/z.ts"], ["a/z.ts", "a/x.ts"]],
    wrong: 1,
  },
  {
    name: "nothing where one entry is reached on two ways",
    imports: [["a/x.ts", "a/y.ts"], ["a/x.ts", "a/z.ts"], ["a/y.ts", "a/z.ts"]],
    wrong: 0,
  },
];

for (const { name, imports, wrong } of CASES) {
  Deno.test(`the search for circles finds ${name}`, () => {
    assert.equal(circles(imports.map(([from, to]) => ({ from, to }))).length, wrong);
  });
}
