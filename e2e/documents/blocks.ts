/**
 * Commands in the documents: fenced blocks of `sh`, and what their first line says about them; pure.
 *
 * ```sh                     run in the tree, on a cluster with the operator in it
 * ```sh on=fresh            run on a cluster of its own with nothing in it
 * ```sh on=stub             run on a cluster whose pods pretend, with an operator beside it
 * ```sh runs-on             each command runs on and on: it is ended once it says that it works
 * ```sh debugger            waits for a debugger, which comes, and then has to end well
 * ```sh ran-by=.ci/run      run by another test, which is that file
 * ```sh needs=docker        needs what not every machine has
 */

/** What a block of commands may need; with what tells whether this machine has it. */
export const NEEDS: Readonly<Record<string, readonly string[] | undefined>> = {
  aws: ["aws", "--version"],
  az: ["az", "version"],
  cluster: undefined,
  "dl.deno.land": undefined,
  docker: ["docker", "info"],
  gcloud: ["gcloud", "version"],
  go: ["go", "version"],
  kind: ["kind", "version"],
  minikube: ["minikube", "version"],
  registry: undefined,
};

const PLACES = ["operator", "fresh", "stub"] as const;
/** Where commands run. */
export type Place = (typeof PLACES)[number];

/** How a block is treated. */
export type Treatment =
  | { readonly kind: "run"; readonly on: Place }
  | { readonly kind: "runs-on"; readonly on: Place }
  | { readonly kind: "debugger" }
  | { readonly kind: "ran-by"; readonly file: string }
  | { readonly kind: "needs"; readonly what: string; readonly on: Place };

/** A block of commands. */
export interface Block {
  readonly document: string;
  /** Of its first command, counted from 1. */
  readonly line: number;
  readonly text: string;
  /** Comments left out, continued lines in one. */
  readonly commands: readonly string[];
  readonly treatment: Treatment;
}

/** Languages whose blocks are commands. */
const COMMANDS = new Set(["sh", "bash", "shell", "console"]);

/**
 * All blocks of commands in a document.
 *
 * @throws Error naming document and line for a word that means nothing.
 */
export function blocksOf(document: string, text: string): Block[] {
  const blocks: Block[] = [];
  const lines = text.split("\n");
  for (let at = 0; at < lines.length; at++) {
    const open = /^( *)```(\S+)?(.*)$/.exec(lines[at] ?? "");
    if (open === null) continue;
    const end = lines.findIndex((line, index) => index > at && line.trim() === "```");
    if (end < 0) throw new Error(`${document}:${at + 1}: the block does not end`);
    const [, indent = "", language = "", words = ""] = open;
    if (COMMANDS.has(language)) {
      const inside = lines.slice(at + 1, end).map((line) => line.slice(indent.length));
      blocks.push({
        document,
        line: at + 2,
        text: inside.join("\n"),
        commands: commandsOf(inside),
        treatment: treatmentOf(words, `${document}:${at + 1}`),
      });
    }
    at = end;
  }
  return blocks;
}

/** Commands without comments; a line that ends with a backslash goes on. */
function commandsOf(lines: readonly string[]): string[] {
  const joined = lines.join("\n").replaceAll(/\s*\\\n\s*/g, " ").split("\n");
  return joined.map((line) => line.replace(/(^|\s+)# .*$/, "").trim()).filter((line) =>
    line !== ""
  );
}

function treatmentOf(words: string, where: string): Treatment {
  const given = new Map(
    words.split(/\s+/).filter((word) => word !== "").map((word) => {
      const [name = "", value = ""] = word.split(/=(.*)/s);
      return [name, value] as const;
    }),
  );
  const take = (name: string) => {
    const value = given.get(name);
    given.delete(name);
    return value;
  };
  const on = PLACES.find((place) => place === (given.get("on") ?? "operator"));
  if (on === undefined) throw new Error(`${where}: on= is one of ${PLACES.join(", ")}`);
  take("on");
  const treatment = kindOf(take, on);
  const [rest] = given.keys();
  if (rest !== undefined) throw new Error(`${where}: ${rest} means nothing here`);
  if (treatment.kind === "needs" && !(treatment.what in NEEDS)) {
    throw new Error(`${where}: needs= is one of ${Object.keys(NEEDS).join(", ")}`);
  }
  return treatment;
}

function kindOf(take: (name: string) => string | undefined, on: Place): Treatment {
  const [what, file] = [take("needs"), take("ran-by")];
  if (what !== undefined) return { kind: "needs", what, on };
  if (file !== undefined) return { kind: "ran-by", file };
  if (take("debugger") !== undefined) return { kind: "debugger" };
  return { kind: take("runs-on") !== undefined ? "runs-on" : "run", on };
}

/** Commands by what becomes of them, as a sentence. */
export function countText(blocks: readonly Block[]): string {
  const counts = new Map<string, number>();
  for (const { treatment, commands } of blocks) {
    const kind = treatment.kind === "needs"
      ? `marked as needing ${treatment.what}`
      : treatment.kind === "ran-by"
      ? `run by ${treatment.file}`
      : "run by deno task docs";
    counts.set(kind, (counts.get(kind) ?? 0) + commands.length);
  }
  const all = blocks.reduce((sum, { commands }) => sum + commands.length, 0);
  const parts = [...counts].sort(([a], [b]) => a < b ? 1 : -1).map(([kind, n]) => `${n} ${kind}`);
  return `${all} commands in ${blocks.length} blocks of the documents: ${parts.join(", ")}`;
}
