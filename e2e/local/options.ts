/** What a person may say on the command line of the local environment. */

/** Options of `deno task local`. */
export interface LocalOptions {
  /** Build the operator anew; where an environment is up already, exchange it there and end. */
  readonly rebuild: boolean;
  /** Port of this machine that the debug API is forwarded to. */
  readonly port: number;
  /** Take everything down as soon as it works. */
  readonly once: boolean;
  /** Where the cluster comes from; `kind` when it is on the path, unless told. */
  readonly on: "kind" | "devcluster" | undefined;
  readonly help: boolean;
}

/** The text of `--help`. */
export const USAGE =
  `Usage: deno task local [--rebuild-operator] [--port N] [--once] [--on kind|devcluster]

A cluster on this machine with the operator in it as a Pod, by the manifests of this tree: in kind
where kind and docker are there, else in the dev cluster, whose pods are processes (Debian and root).
Makes a PostgreSQL cluster in the namespace test, forwards the operator's debug API, and stays up
until Ctrl-C. A cluster of kind outlives it; kind delete cluster --name postgres-operator removes it.

  --rebuild-operator    build the operator anew; where the environment is up already, exchange the
                        operator in it, and end
  --port N              where on this machine the debug API is (8080)
  --once                take everything down as soon as it works
  --on kind|devcluster  where to, instead of what is found
  --help                this text
`;

/**
 * Reads the arguments.
 *
 * @throws Error naming an argument that is not known, or a value that makes no sense.
 */
export function parseLocalOptions(args: readonly string[]): LocalOptions {
  let [rebuild, once, help] = [false, false, false];
  let port = 8080;
  let on: LocalOptions["on"];
  for (let at = 0; at < args.length; at++) {
    const [name, given] = (args[at] ?? "").split(/=(.*)/s);
    const value = () => given ?? args[++at] ?? "";
    if (name === "--rebuild-operator") rebuild = true;
    else if (name === "--once") once = true;
    else if (name === "--help" || name === "-h") help = true;
    else if (name === "--port") port = portOf(value());
    else if (name === "--on") on = placeOf(value());
    else throw new Error(`unknown argument ${args[at]}; --help says what there is`);
  }
  return { rebuild, port, once, on, help };
}

function portOf(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65536) return port;
  throw new Error(`--port must be a port such as 8080, not ${JSON.stringify(text)}`);
}

function placeOf(text: string): "kind" | "devcluster" {
  if (text === "kind" || text === "devcluster") return text;
  throw new Error(`--on is kind or devcluster, not ${JSON.stringify(text)}`);
}
