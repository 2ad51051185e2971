/**
 * Documents name what is there: every relative link and its anchor, every path in backticks, every
 * `deno task` in README, `docs` and the pages beside the code.
 */

import assert from "node:assert/strict";

const ROOT = new URL("../", import.meta.url).pathname;
/** Folders that hold no documents of ours. */
const SKIPPED = new Set([".git", "node_modules", "dist", "testdata", "coverage"]);
/** Made by a build, so it may not be there. */
const BUILT = /^dist\//;

/** All Markdown files below a folder, as paths from the root. */
function* documents(folder = ""): Generator<string> {
  for (const entry of Deno.readDirSync(`${ROOT}${folder}`)) {
    const path = `${folder}${entry.name}`;
    if (entry.isDirectory && !SKIPPED.has(entry.name)) yield* documents(`${path}/`);
    else if (entry.isFile && path.endsWith(".md")) yield path;
  }
}

function exists(path: string): boolean {
  try {
    Deno.statSync(`${ROOT}${path}`);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** The text without blocks of code, whose lines are no prose. */
export function withoutCode(text: string): string {
  return text.replaceAll(/^```.*?^```$/gms, "");
}

/** Targets of relative links, as they are written. */
export function relativeLinks(text: string): string[] {
  const targets = [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)].map((match) =>
    match[1] ?? ""
  );
  return targets.filter((target) => !/^[a-z]+:/.test(target));
}

/** Paths in backticks: of files and folders that stand at the root or below it. */
export function namedPaths(text: string, topLevel: ReadonlySet<string>): string[] {
  const spans = [...withoutCode(text).matchAll(/`([^`\s]+)`/g)].map((match) => match[1] ?? "");
  return spans.filter((span) => {
    const [first = "", ...rest] = span.split("/");
    return rest.length > 0 && topLevel.has(first) && !/[*{<…]/.test(span) && !BUILT.test(span);
  });
}

/** Tasks that a text tells to run. */
export function namedTasks(text: string): string[] {
  return [...text.matchAll(/\bdeno(?:@[\d.]+)? task ([a-z][\w:-]*)/g)].map((match) =>
    match[1] ?? ""
  );
}

/** Anchors of the headings of a document, as GitHub makes them. */
export function anchors(text: string): Set<string> {
  const headings = [...withoutCode(text).matchAll(/^#+ (.+)$/gm)].map((match) => match[1] ?? "");
  return new Set(
    headings.map((heading) =>
      heading.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, "").trim().replaceAll(" ", "-")
    ),
  );
}

function pathOf(document: string, target: string): string {
  return decodeURIComponent(new URL(target, `file:///${document}`).pathname.slice(1));
}

function wrongLink(document: string, target: string): string | undefined {
  const [file = "", anchor] = target.split("#");
  const path = file === "" ? document : pathOf(document, file);
  if (!exists(path)) return `${document} links to ${target}, which is not there`;
  if (anchor === undefined || anchors(Deno.readTextFileSync(`${ROOT}${path}`)).has(anchor)) {
    return undefined;
  }
  return `${document} links to ${target}, but ${path} has no such heading`;
}

Deno.test("every link, path and task that the documents name exists", () => {
  const { tasks } = JSON.parse(Deno.readTextFileSync(`${ROOT}deno.json`)) as {
    tasks: Record<string, string>;
  };
  const topLevel = new Set([...Deno.readDirSync(ROOT)].map(({ name }) => name));
  const wrong: string[] = [];
  let [files, links, paths, commands] = [0, 0, 0, 0];
  for (const document of documents()) {
    const text = Deno.readTextFileSync(`${ROOT}${document}`);
    files++;
    for (const target of relativeLinks(text)) {
      links++;
      wrong.push(...[wrongLink(document, target) ?? []].flat());
    }
    for (const path of namedPaths(text, topLevel)) {
      paths++;
      if (!exists(path)) wrong.push(`${document} names ${path}, which is not there`);
    }
    for (const task of namedTasks(text)) {
      commands++;
      if (!(task in tasks)) wrong.push(`${document} names deno task ${task}, which is not there`);
    }
  }
  assert.ok(files > 5 && links > 10 && paths > 50 && commands > 10, "found too little to check");
  assert.deepEqual(wrong, []);
});

Deno.test("the subjects of a pass stand in the documents in their order", () => {
  const code = Deno.readTextFileSync(`${ROOT}src/cluster/plan/plan_cluster.ts`);
  const entries = /const ENTRIES[^;]*?= \[\n(.*?)^\];/ms.exec(code)?.[1] ?? "";
  const subjects = [...entries.matchAll(/\bsubject: "([^"]+)"/g)].map((match) => match[1]);
  const page = Deno.readTextFileSync(`${ROOT}docs/architecture.md`);
  const rows = [...page.matchAll(/^\| \d+ +\| ([a-z ]+?) +\| `src\/cluster\/plan\//gm)];
  assert.ok(subjects.length > 10, "found no subjects in the code");
  assert.deepEqual(rows.map((match) => match[1]), subjects);
});

Deno.test("links, paths, tasks and anchors are found as they are written", () => {
  const text = "# A *b* `c` (d)\n[x](docs/a.md#b) [y](https://e.org/z.md) `src/a.ts` `Foo/bar` " +
    "`src/*.ts` `src`\nnpx -y deno@2.9.6 task demo; deno task verify-codegen\n" +
    "```\n[no](no.md) `src/no.ts`\n```\n";
  assert.deepEqual(relativeLinks(text), ["docs/a.md#b"]);
  assert.deepEqual(namedPaths(text, new Set(["src", "docs"])), ["src/a.ts"]);
  assert.deepEqual(namedTasks(text), ["demo", "verify-codegen"]);
  assert.deepEqual([...anchors(text)], ["a-b-c-d"]);
});
