/**
 * Code that production does not reach is dead, whatever tests do with it. Seen from the entries,
 * every declaration has to be reached, and every method has to be called by its name somewhere.
 */

import assert from "node:assert/strict";
import ts from "typescript";

const ROOT = new URL("..", import.meta.url);

/** Where production begins. */
const ENTRIES = [
  "src/main.ts",
  "codegen/main.ts",
  "codegen/bundle.ts",
  "src/ui/browser/main.tsx",
  "src/ui/browser/build.ts",
  // Loaded by the code generator by its path.
  "src/clients/kube/rbac.ts",
];
/** Trees in which nothing may be left over. */
const TREES = ["src", "codegen"];
/** Folders that hold nothing but what tests are made of. */
const TESTS_ONLY = ["testdata", "testing"];

/** Methods that production never calls by name, and why they are there all the same. */
const UNCALLED: Readonly<Record<string, string>> = {
  "EventRecorder.drained": "a test has to know when nothing is on its way any more",
  "KubeClient.createSubresource": "scenarios ask for tokens and evict pods with the same client",
  "Metrics.facts": "the reference page of metrics is made of them",
  "Options.socket": "the PostgreSQL client calls it",
  "PassRing.idle": "a test has to know when everything is written down",
  "VirtualClock.moveTo": "the suites in memory stop the clock between two timers",
  "VirtualClock.nextMs": "the same",
  "Workers.aside": "the suite of bad peers waits until so many passes hang",
};

/** A name at the top of a file, and what it stands for. */
interface Declaration {
  readonly file: string;
  readonly name: string;
  readonly nodes: ts.Node[];
}

interface Source {
  readonly file: string;
  readonly declared: Map<string, Declaration>;
  /** By local name: the file that it comes from and its name there; `*` is all of the file. */
  readonly imported: Map<string, Origin>;
  /** What runs when the file is loaded. */
  readonly statements: ts.Node[];
}

interface Origin {
  readonly file: string;
  readonly name: string;
}

async function* filesOf(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(new URL(`${folder}/`, ROOT))) {
    const path = `${folder}/${name}`;
    if (isDirectory && !TESTS_ONLY.includes(name)) yield* filesOf(path);
    else if (/\.tsx?$/.test(name) && !/_test\.ts$|\.fixture\.ts$/.test(name)) yield path;
  }
}

function pathOf(file: string, specifier: ts.Node | undefined): string | undefined {
  if (specifier === undefined || !ts.isStringLiteral(specifier)) return undefined;
  if (!specifier.text.startsWith(".")) return undefined;
  return new URL(specifier.text, `file:///${file}`).pathname.slice(1);
}

/** Reads one file; only what it declares and imports at its top. */
function sourceOf(file: string, text: string): Source {
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const source: Source = { file, declared: new Map(), imported: new Map(), statements: [] };
  const declare = (name: string, node: ts.Node) => {
    const before = source.declared.get(name)?.nodes ?? [];
    source.declared.set(name, { file, name, nodes: [...before, node] });
  };
  for (const statement of tree.statements) {
    if (ts.isImportDeclaration(statement)) takeImport(source, statement);
    else if (ts.isVariableStatement(statement)) {
      for (const one of statement.declarationList.declarations) {
        for (const name of namesOf(one.name)) declare(name, one);
      }
    } else if (isNamed(statement)) declare(statement.name?.text ?? "default", statement);
    else source.statements.push(statement);
  }
  return source;
}

function takeImport({ file, imported }: Source, statement: ts.ImportDeclaration): void {
  const from = pathOf(file, statement.moduleSpecifier);
  const clause = statement.importClause;
  if (from === undefined || clause === undefined) return;
  if (clause.name !== undefined) imported.set(clause.name.text, { file: from, name: "default" });
  const bindings = clause.namedBindings;
  if (bindings === undefined) return;
  if (ts.isNamespaceImport(bindings)) imported.set(bindings.name.text, { file: from, name: "*" });
  else {
    for (const { name, propertyName } of bindings.elements) {
      imported.set(name.text, { file: from, name: (propertyName ?? name).text });
    }
  }
}

function namesOf(name: ts.BindingName): string[] {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((one) => ts.isOmittedExpression(one) ? [] : namesOf(one.name));
}

type Named =
  | ts.FunctionDeclaration
  | ts.ClassDeclaration
  | ts.InterfaceDeclaration
  | ts.TypeAliasDeclaration;

function isNamed(node: ts.Node): node is Named {
  return ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node) ||
    ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node);
}

/** What the entries lead to. */
interface Reached {
  readonly declarations: ReadonlySet<Declaration>;
  /** Names after a dot, in a destructuring or in brackets, wherever production has them. */
  readonly members: ReadonlySet<string>;
}

function reach(sources: ReadonlyMap<string, Source>, entries: readonly string[]): Reached {
  const [declarations, members, loaded] = [new Set<Declaration>(), new Set<string>(), new Set()];
  const open: { source: Source; node: ts.Node }[] = [];

  function load(file: string): Source | undefined {
    const source = sources.get(file);
    if (source === undefined || loaded.has(file)) return source;
    loaded.add(file);
    open.push(...source.statements.map((node) => ({ source, node })));
    return source;
  }

  function take({ file, name }: Origin): void {
    const source = load(file);
    if (source === undefined) return;
    const all = name === "*" ? [...source.declared.values()] : [source.declared.get(name)];
    for (const found of all) {
      if (found === undefined || declarations.has(found)) continue;
      declarations.add(found);
      open.push(...found.nodes.map((node) => ({ source, node })));
    }
    const origin = source.imported.get(name);
    if (origin !== undefined) take(origin);
  }

  /** Everything that a node names. */
  function visit(source: Source, node: ts.Node): void {
    for (const origin of loadedBy(source.file, node)) take(origin);
    const member = memberIn(node);
    if (member !== undefined) members.add(member);
    else if (ts.isIdentifier(node) && !isNameOfMember(node)) {
      if (source.declared.has(node.text)) take({ file: source.file, name: node.text });
      const origin = source.imported.get(node.text);
      if (origin !== undefined) take(origin);
    }
    if (ts.isPropertyAccessExpression(node)) {
      members.add(node.name.text);
      visit(source, node.expression);
    } else ts.forEachChild(node, (child) => visit(source, child));
  }

  for (const entry of entries) take({ file: entry, name: "*" });
  for (let next = open.pop(); next !== undefined; next = open.pop()) visit(next.source, next.node);
  return { declarations, members };
}

/** The name of a field or method where it is declared; it reads nothing. */
function isNameOfMember(node: ts.Identifier): boolean {
  const { parent } = node;
  return (ts.isPropertyAssignment(parent) || ts.isClassElement(parent) ||
    ts.isTypeElement(parent) ||
    ts.isMethodDeclaration(parent)) && parent.name === node;
}

/** `{ name }` and `["name"]`. */
function memberIn(node: ts.Node): string | undefined {
  if (ts.isBindingElement(node)) {
    const name = node.propertyName ?? node.name;
    return ts.isIdentifier(name) ? name.text : undefined;
  }
  if (!ts.isElementAccessExpression(node)) return undefined;
  return ts.isStringLiteral(node.argumentExpression) ? node.argumentExpression.text : undefined;
}

/** What `import("…")` and `export … from "…"` lead to. */
function loadedBy(file: string, node: ts.Node): Origin[] {
  if (ts.isExportDeclaration(node)) {
    const from = pathOf(file, node.moduleSpecifier);
    return from === undefined ? [] : [{ file: from, name: "*" }];
  }
  if (!ts.isCallExpression(node) || node.expression.kind !== ts.SyntaxKind.ImportKeyword) return [];
  const from = pathOf(file, node.arguments[0]);
  if (from === undefined) return [];
  const used = ts.isAwaitExpression(node.parent) ? node.parent.parent : node.parent;
  if (!ts.isVariableDeclaration(used) || !ts.isObjectBindingPattern(used.name)) {
    return [{ file: from, name: "*" }];
  }
  return used.name.elements.map(({ name, propertyName }) => ({
    file: from,
    name: (propertyName ?? name).getText(),
  }));
}

/** Methods of a declaration, by name. */
function methodsOf({ nodes }: Declaration): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node) => {
    const isMethod = ts.isMethodSignature(node) ||
      (ts.isMethodDeclaration(node) || ts.isGetAccessor(node)) && ts.isClassLike(node.parent) ||
      ts.isPropertySignature(node) && node.type !== undefined && ts.isFunctionTypeNode(node.type);
    if (isMethod && (ts.isIdentifier(node.name) || ts.isPrivateIdentifier(node.name))) {
      found.push(node.name.text);
    }
    ts.forEachChild(node, visit);
  };
  nodes.forEach(visit);
  return found;
}

/** What no entry leads to: `file: name`, and `Interface.method` where nothing calls it. */
function unreached(texts: ReadonlyMap<string, string>, entries: readonly string[]): string[] {
  const sources = new Map([...texts].map(([file, text]) => [file, sourceOf(file, text)]));
  const { declarations, members } = reach(sources, entries);
  return [...sources.values()].flatMap(({ file, declared }) =>
    [...declared.values()].flatMap((one) => {
      if (!declarations.has(one)) return [`${file}: ${one.name}`];
      if (file.endsWith(".gen.ts")) return [];
      return methodsOf(one).filter((name) => !members.has(name)).map((name) =>
        `${one.name}.${name}`
      );
    })
  );
}

Deno.test("production calls every declaration and every method that it has", async () => {
  const texts = new Map<string, string>();
  for (const tree of TREES) {
    for await (const path of filesOf(tree)) {
      texts.set(path, await Deno.readTextFile(new URL(path, ROOT)));
    }
  }
  assert.ok(texts.size > 100, "found no sources");
  const found = unreached(texts, ENTRIES);
  assert.deepEqual(found.filter((one) => !Object.hasOwn(UNCALLED, one)), []);
  const stale = Object.keys(UNCALLED).filter((one) => !found.includes(one));
  assert.deepEqual(stale, [], "production calls these by now");
});

const CASES: readonly { name: string; files: Record<string, string>; want: readonly string[] }[] = [
  {
    name: "a function that nobody imports",
    files: {
      "a.ts": `import { b } from "./b.ts"; b();`,
      "b.ts": `export function b() {} export function c() {}`,
    },
    want: ["b.ts: c"],
  },
  {
    name: "two that call each other alone",
    files: { "a.ts": `x();`, "b.ts": `export function b() { c(); } export function c() { b(); }` },
    want: ["b.ts: b", "b.ts: c"],
  },
  {
    name: "a method that nobody calls",
    files: { "a.ts": `interface A { used(): void; left(): void } declare const a: A; a.used();` },
    want: ["A.left"],
  },
  {
    name: "nothing of what is loaded late, renamed or a type",
    files: {
      "a.ts":
        `import { b as c, type D } from "./b.ts"; const d: D = c; f(d); const { e } = await import("./e.ts"); e();
        function f(_: unknown) {}`,
      "b.ts": `export const b = 1; export type D = number;`,
      "e.ts": `export function e() {}`,
    },
    want: [],
  },
];

for (const { name, files, want } of CASES) {
  Deno.test(`the search for dead code finds ${name}`, () => {
    assert.deepEqual(unreached(new Map(Object.entries(files)), ["a.ts"]), want);
  });
}
