/**
 * The diagram of rooms in `docs/architecture.md` has an arrow for every import between rooms, except
 * those that a longer way shows already.
 */

import assert from "node:assert/strict";
import { importsOf } from "./testing/imports.ts";

const ROOT = new URL("..", import.meta.url);
const PAGE = "docs/architecture.md";

type Graph = Map<string, Set<string>>;

/** `src/cluster/plan/a.ts` is in `plan`, `src/lib/a.ts` in `lib`, `src/main.ts` in `main`. */
function roomOf(path: string): string | undefined {
  const [, first = "", second = "", third] = path.split("/");
  if (first.endsWith(".ts")) return first.slice(0, -3);
  if (first === "testing") return undefined;
  if (first !== "cluster") return first;
  return third === undefined ? second.slice(0, -3) : second;
}

async function* sources(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(new URL(`${folder}/`, ROOT))) {
    const path = `${folder}/${name}`;
    if (isDirectory) yield* sources(path);
    else if (name.endsWith(".ts") && !name.endsWith("_test.ts")) yield path;
  }
}

async function importedRooms(): Promise<Graph> {
  const graph: Graph = new Map();
  for await (const from of sources("src")) {
    const room = roomOf(from);
    if (room === undefined) continue;
    const others = graph.get(room) ?? new Set();
    graph.set(room, others);
    for (const specifier of importsOf(await Deno.readTextFile(new URL(from, ROOT)))) {
      if (!specifier.startsWith(".")) continue;
      const to = roomOf(new URL(specifier, `file:///${from}`).pathname.slice(1));
      if (to !== undefined && to !== room) others.add(to);
    }
  }
  return graph;
}

/** True where a way of two or more arrows leads from one room to another. */
function longWay(graph: Graph, from: string, to: string): boolean {
  const seen = new Set<string>();
  const open = [...graph.get(from) ?? []].filter((room) => room !== to);
  for (let room = open.pop(); room !== undefined; room = open.pop()) {
    if (room === to) return true;
    if (seen.has(room)) continue;
    seen.add(room);
    open.push(...graph.get(room) ?? []);
  }
  return false;
}

function arrowsOf(graph: Graph): string[] {
  return [...graph].flatMap(([from, others]) =>
    [...others].filter((to) => !longWay(graph, from, to)).map((to) => `${from} --> ${to}`)
  ).sort();
}

/** Arrows of the page, `a --> b & c` as two. */
function drawnArrows(page: string): string[] {
  const [, diagram = ""] = /```mermaid\n([^`]*)```/.exec(page) ?? [];
  return [...diagram.matchAll(/^ *(\w+) --> (.+)$/gm)].flatMap(([, from, to = ""]) =>
    to.split(" & ").map((room) => `${from} --> ${room}`)
  ).sort();
}

Deno.test("the diagram of rooms shows the arrows that the imports have", async () => {
  const page = await Deno.readTextFile(new URL(PAGE, ROOT));
  const drawn = drawnArrows(page);
  assert.ok(drawn.length > 10, `${PAGE} has no diagram`);
  assert.deepEqual(drawn, arrowsOf(await importedRooms()));
});

Deno.test("an arrow that a longer way shows is left out", () => {
  const graph: Graph = new Map([["a", new Set(["b", "c"])], ["b", new Set(["c"])], [
    "c",
    new Set(),
  ]]);
  assert.deepEqual(arrowsOf(graph), ["a --> b", "b --> c"]);
});
