/**
 * Lint rules that hold the architecture: pure layers stay pure, only clients talk to peers, facts
 * travel as data, names that people choose are looked up among an object's own, and files and
 * functions stay small. The table of layers is in `docs/architecture.md`, "Dependency rules".
 */

/** Folders whose code only computes: same arguments, same result. */
const PURE = [
  "src/lib/",
  "src/api/",
  "src/config/",
  "src/cluster/effective/",
  "src/cluster/desired/",
  "src/cluster/sql/",
  "src/cluster/plan/",
  "src/cluster/events.ts",
  "src/cluster/subject.ts",
  "src/cluster/pass/brake.ts",
  "src/cluster/pass/due.ts",
  "src/cluster/pass/follow_up.ts",
  "src/cluster/pass/memory.ts",
  "src/cluster/pass/others.ts",
  "src/cluster/pass/outcome.ts",
  "src/cluster/pass/status.ts",
  "src/ports/observation.ts",
  "src/ports/requests.ts",
  "src/kubernetes/",
];

/** Folders that may open connections. */
const TALKERS = [
  "src/clients/",
  "src/operator/",
  "src/main.ts",
  "src/debug/server.ts",
  "src/ui/browser/",
  "src/debug/tls_listener.ts",
];

const IMPURE_GLOBALS = new Set([
  "Deno",
  "fetch",
  "console",
  "setTimeout",
  "setInterval",
  "queueMicrotask",
  "crypto",
  "WebSocket",
  "performance",
]);
/** What of `node:crypto` gives the same result for the same arguments. */
const PURE_CRYPTO = new Set(["createHash", "createHmac", "pbkdf2Sync", "timingSafeEqual"]);

/** Most lines of a function and of a file that people write. */
const MOST_LINES = { function: 70, file: 400 };
/** Functions that are longer still, with the lines that they may have: they only get shorter. */
const LONG_FUNCTIONS: Readonly<Record<string, number>> = {
  "e2e/devcluster/client/client.ts": 75,
  "e2e/devcluster/kubelet/spdy_port_forward.ts": 105,
  "e2e/devcluster/network/tcp_proxy.ts": 74,
};

/** Where texts of peers are turned into kinds of failures. */
const READERS_OF_TEXTS = ["src/clients/", "src/peers/", "src/lib/"];

/** Ways to look into a text. */
const LOOKS_INTO = /^(startsWith|endsWith|includes|indexOf|match|matchAll|search|split)$/;
/** Names of texts that are made for people. */
const FOR_PEOPLE = /^(message|reason|reasons|failure)$/;

const PEER_GLOBALS = new Set(["fetch", "WebSocket"]);

type Node = Deno.lint.Node;

const ROOT = new URL("..", import.meta.url).pathname;

/** The path from the root of the repository on, or undefined for tests. */
function pathOf(file: string): string | undefined {
  const path = file.replaceAll("\\", "/");
  return path.startsWith(ROOT) && !path.endsWith("_test.ts") ? path.slice(ROOT.length) : undefined;
}

/** The same for files of `src` alone. */
function sourcePath(file: string): string | undefined {
  const path = pathOf(file);
  return path?.startsWith("src/") ? path : undefined;
}

function within(path: string | undefined, folders: readonly string[]): boolean {
  return path !== undefined && folders.some((folder) => path.startsWith(folder));
}

/** True where an identifier reads a global: not a property name, key, type or declaration. */
function readsGlobal(node: Node & { parent?: Node }): boolean {
  const parent = node.parent as (Node & Record<string, unknown>) | undefined;
  if (parent === undefined) return true;
  if (parent.type === "MemberExpression") return parent.object === node;
  if (parent.type === "Property") return parent.value === node && parent.key !== node;
  if (parent.type === "CallExpression" || parent.type === "NewExpression") return true;
  return !/^TS|Pattern$|Declarator$|Specifier$|Definition$|Function|ImportAttribute/.test(
    parent.type,
  );
}

/** The last name of what an expression reads: `error.message` is `message`. */
function nameOf(node: Node | undefined): string | undefined {
  if (node?.type === "Identifier") return node.name;
  if (node?.type !== "MemberExpression" || node.property.type !== "Identifier") return undefined;
  return node.property.name;
}

const plugin: Deno.lint.Plugin = {
  name: "architecture",
  rules: {
    "own-names": {
      create(context) {
        if (sourcePath(context.filename) === undefined) return {};
        return {
          BinaryExpression(node) {
            if (node.operator !== "in" || node.left.type === "Literal") return;
            context.report({
              node,
              message: "`in` finds names such as constructor in every object",
              hint: "use Object.hasOwn, a Map, or ownValue of src/lib/own_value.ts",
            });
          },
        };
      },
    },
    "pure-layers": {
      create(context) {
        if (!within(sourcePath(context.filename), PURE)) return {};
        const report = (node: Node, what: string) =>
          context.report({
            node,
            message: `a pure layer may not use ${what}`,
            hint: "take it as an argument, or move the code to a client",
          });
        return {
          Identifier(node) {
            if (IMPURE_GLOBALS.has(node.name) && readsGlobal(node)) report(node, node.name);
          },
          AwaitExpression: (node) => report(node, "await"),
          ImportDeclaration(node) {
            if (!node.source.value.startsWith("node:")) return;
            for (const { type, local, ...rest } of node.specifiers) {
              const imported = (rest as { imported?: { name?: string } }).imported?.name;
              const known = node.source.value === "node:crypto" && type === "ImportSpecifier";
              if (known && PURE_CRYPTO.has(imported ?? local.name)) continue;
              report(node, `${local.name} of ${node.source.value}`);
            }
          },
          NewExpression(node) {
            const { callee } = node;
            if (callee.type === "Identifier" && callee.name === "Date" && !node.arguments.length) {
              report(node, "the current time");
            }
          },
          CallExpression(node) {
            const { callee } = node;
            if (callee.type !== "MemberExpression") return;
            const { object, property } = callee;
            if (object.type !== "Identifier" || property.type !== "Identifier") return;
            const name = `${object.name}.${property.name}`;
            if (name === "Date.now" || name === "Math.random") report(node, name);
          },
        };
      },
    },
    "facts-are-data": {
      create(context) {
        const path = sourcePath(context.filename);
        if (path === undefined || within(path, READERS_OF_TEXTS)) return {};
        const report = (node: Node, message: string) => context.report({ node, message });
        return {
          CallExpression(node) {
            const { callee } = node;
            if (callee.type !== "MemberExpression" || callee.property.type !== "Identifier") return;
            const { name } = callee.property;
            const [first] = node.arguments;
            const read = LOOKS_INTO.test(name)
              ? callee.object
              : /^(test|exec)$/.test(name)
              ? first
              : undefined;
            const names = [nameOf(read), LOOKS_INTO.test(name) ? nameOf(first) : undefined];
            const text = names.find((one) => one !== undefined && FOR_PEOPLE.test(one));
            if (text === undefined) return;
            report(
              node,
              `${text} is for people: carry the fact beside it (an id, a kind, a field)`,
            );
          },
          TSAsExpression(node) {
            if (nameOf(node.expression) !== "error") return;
            if (node.typeAnnotation.type !== "TSTypeLiteral") return;
            report(node, "ask src/ports/errors.ts for the kind of an error, do not cast it");
          },
        };
      },
    },
    "small-parts": {
      create(context) {
        const path = pathOf(context.filename);
        if (path === undefined || path.endsWith(".gen.ts")) return {};
        const lineOf = (offset: number) =>
          context.sourceCode.text.slice(0, offset).split("\n").length;
        const most = LONG_FUNCTIONS[path] ?? MOST_LINES.function;
        const check = (node: Node & { range: [number, number] }) => {
          const lines = lineOf(node.range[1]) - lineOf(node.range[0]) + 1;
          if (lines <= most) return;
          const message = `a function has at most ${most} lines, this one has ${lines}`;
          context.report({ node, message, hint: "give its parts names" });
        };
        return {
          FunctionDeclaration: check,
          FunctionExpression: check,
          ArrowFunctionExpression: check,
          "Program:exit"(node) {
            const lines = context.sourceCode.text.trimEnd().split("\n").length;
            if (lines <= MOST_LINES.file) return;
            const message = `a file has at most ${MOST_LINES.file} lines, this one has ${lines}`;
            context.report({ node, message });
          },
        };
      },
    },
    "only-clients-talk": {
      create(context) {
        const path = sourcePath(context.filename);
        if (path === undefined || within(path, TALKERS)) return {};
        return {
          Identifier(node) {
            if (PEER_GLOBALS.has(node.name) && readsGlobal(node)) {
              context.report({ node, message: `only src/clients may use ${node.name}` });
            }
          },
          MemberExpression(node) {
            const { object, property } = node;
            if (
              object.type === "Identifier" && object.name === "Deno" &&
              property.type === "Identifier" && /^(connect|connectTls|listen)$/.test(property.name)
            ) context.report({ node, message: `only src/clients may use Deno.${property.name}` });
          },
        };
      },
    },
  },
};

export default plugin;
