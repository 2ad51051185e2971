/** The command line of `kubectl pg`, as text to options; pure. */

/** Flags that every command takes. */
const COMMON: Readonly<Record<string, FlagKind>> = {
  namespace: "value",
  context: "value",
  kubeconfig: "value",
  output: "value",
  help: "switch",
};

/** A letter may stand for one flag of a command and for another of the next. */
const SHORT: Readonly<Record<string, readonly string[]>> = {
  n: ["namespace"],
  o: ["output"],
  h: ["help"],
  f: ["follow", "file"],
  A: ["all-namespaces"],
  c: ["command"],
};

/** The name of a command and its arguments; flags of all commands may stand before the name. */
export function commandAndArguments(
  args: readonly string[],
): { readonly name: string | undefined; readonly rest: readonly string[] } {
  for (let at = 0; at < args.length; at++) {
    const argument = args[at] ?? "";
    if (!argument.startsWith("-")) {
      return { name: argument, rest: [...args.slice(0, at), ...args.slice(at + 1)] };
    }
    const [, long, letter] = /^(?:--([a-z-]+)|-([A-Za-z]))$/.exec(argument) ?? [];
    const flag = long ?? SHORT[letter ?? ""]?.[0] ?? "";
    if (COMMON[flag] === "value") at++;
  }
  return {
    name: args.some((one) => one === "-h" || one === "--help") ? "help" : args[0],
    rest: [],
  };
}

export type FlagKind = "switch" | "value";

export interface Options {
  readonly words: readonly string[];
  readonly switches: ReadonlySet<string>;
  readonly values: ReadonlyMap<string, string>;
  /** What stands after `--`. */
  readonly rest: readonly string[];
}

/** Reads the arguments of a command whose own flags are `flags`; a text says what is wrong. */
export function parseOptions(
  args: readonly string[],
  flags: Readonly<Record<string, FlagKind>>,
): Options | string {
  const known = { ...COMMON, ...flags };
  const words: string[] = [];
  const switches = new Set<string>();
  const values = new Map<string, string>();
  for (let at = 0; at < args.length; at++) {
    const argument = args[at] ?? "";
    if (argument === "--") return { words, switches, values, rest: args.slice(at + 1) };
    const [, long, short, given] = /^(?:--([a-z][a-z-]*)|-([A-Za-z]))(?:=(.*))?$/s.exec(argument) ??
      [];
    const name = long ?? SHORT[short ?? ""]?.find((one) => Object.hasOwn(known, one));
    if (long === undefined && short === undefined) {
      if (argument.startsWith("-") && argument !== "-") return `unknown flag ${argument}`;
      words.push(argument);
      continue;
    }
    const kind = name === undefined || !Object.hasOwn(known, name) ? undefined : known[name];
    if (name === undefined || kind === undefined) return `unknown flag ${argument.split("=")[0]}`;
    if (kind === "switch") {
      if (given !== undefined) return `--${name} takes no value`;
      switches.add(name);
      continue;
    }
    const value = given ?? args[++at];
    if (value === undefined || value === "") return `--${name} needs a value`;
    values.set(name, value);
  }
  return { words, switches, values, rest: [] };
}
