/** What a person may say on the command line of the demo. */

/** The demo's options. */
export interface DemoOptions {
  /** Stay up after the first answer, until Ctrl-C. */
  readonly keep: boolean;
  /** Start the web UI beside the operator, and stay up. */
  readonly ui: boolean;
  /** A compiled operator to run instead of the source. */
  readonly operator?: string;
  readonly help: boolean;
}

/** The text of `--help`. */
export const USAGE = `Usage: deno task demo [--keep] [--ui] [--operator PATH]

Starts a small Kubernetes on loopback addresses of this machine and the operator beside it,
makes a PostgreSQL cluster from manifests/minimal-postgres-manifest.yaml and asks it for its
version. Needs Debian and root; says first which Debian packages it is going to install.

  --keep            leave everything running until Ctrl-C
  --ui              start the web UI, too, and leave everything running
  --operator PATH   run this operator binary instead of src/main.ts
  --help            this text
`;

/**
 * Reads the arguments.
 *
 * @throws Error naming an argument that is not known.
 */
export function parseDemoOptions(args: readonly string[]): DemoOptions {
  let keep = false;
  let ui = false;
  let help = false;
  let operator: string | undefined;
  for (let at = 0; at < args.length; at++) {
    const [name, value] = (args[at] ?? "").split(/=(.*)/s);
    if (name === "--keep") keep = true;
    else if (name === "--ui") ui = true;
    else if (name === "--help" || name === "-h") help = true;
    else if (name === "--operator") {
      operator = value ?? args[++at];
      if (!operator) throw new Error("cannot run the demo: --operator needs a path");
    } else throw new Error(`cannot run the demo: unknown argument ${args[at]}`);
  }
  return { keep: keep || ui, ui, help, ...(operator === undefined ? {} : { operator }) };
}
