/**
 * Lint rules that hold the architecture: pure layers stay pure, only clients talk to peers, and
 * names that people choose are looked up among an object's own.
 * The table of layers is in `docs/architecture.md`, "Dependency rules".
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
  "src/ports/observation.ts",
  "src/ports/requests.ts",
  "src/kubernetes/",
];

/** Folders that may open connections. */
const TALKERS = ["src/clients/", "src/operator/", "src/main.ts", "src/debug/server.ts"];

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
const PEER_GLOBALS = new Set(["fetch", "WebSocket"]);

type Node = Deno.lint.Node;

/** The part of `path` from `src/` on, or undefined for tests and for files outside `src`. */
function sourcePath(path: string): string | undefined {
  const at = path.replaceAll("\\", "/").lastIndexOf("/src/");
  const inside = at < 0 ? undefined : path.slice(at + 1);
  return inside?.endsWith("_test.ts") ? undefined : inside;
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
