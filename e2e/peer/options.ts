/** What may be said on the command line of the peer's suite. */

export interface PeerOptions {
  /** Folder of a checkout of the peer's repository. */
  readonly path: string;
  /** Names of tests; all of them when empty. */
  readonly tests: readonly string[];
  /** Runs those too that the suite itself skips. */
  readonly forced: boolean;
  readonly help: boolean;
}

/** The text of `--help`. */
export const USAGE = `Usage: deno task peer-suite --path CHECKOUT [--forced] [TEST …]

Runs the end-to-end suite of the Zalando operator against this one, on the dev cluster, whose pods are
processes (Debian and root). CHECKOUT is a folder with a checkout of its repository; names of tests
choose some of them, --forced runs those too that the suite itself skips. Fetches the Python packages
that the suite requires.
`;

/** Reads the arguments. @throws Error naming what is wrong */
export function parsePeerOptions(args: readonly string[]): PeerOptions {
  const tests: string[] = [];
  let [path, help, forced] = ["", false, false];
  for (let at = 0; at < args.length; at++) {
    const [name = "", given] = (args[at] ?? "").split(/=(.*)/s);
    if (name === "--path") path = given ?? args[++at] ?? "";
    else if (name === "--help" || name === "-h") help = true;
    else if (name === "--forced") forced = true;
    else if (name.startsWith("-")) {
      throw new Error(`unknown argument ${name}; --help says what there is`);
    } else tests.push(name);
  }
  if (path === "" && !help) throw new Error("--path must name a checkout of the peer's repository");
  return { path, tests, forced, help };
}
