/**
 * `deno task codegen [generate | pull]` and `deno task verify-codegen`. The only part of codegen that
 * touches files, processes and the network.
 *
 * generate  writes every file of `outputs.ts`
 * verify    compares in memory, lists stale files, exits 1 when there is one
 * pull      reads the OpenAPI of the cluster that a kubeconfig names and writes `inputs/kubernetes.json`
 */
import { type Format, generate, readModel, type Sources, staleFiles } from "./generate.ts";
import { INPUTS } from "./outputs.ts";
import type { RbacTables } from "./emit/rbac.ts";
import { parseKubeconfig } from "./kubeconfig.ts";
import { pullKubernetes } from "./pull.ts";

const USAGE = `usage: codegen [generate | verify] [--root DIR]
       codegen pull --kubeconfig FILE [--root DIR]`;

/** Where messages go. */
export interface Terminal {
  print: (text: string) => void;
  complain: (text: string) => void;
}

/** Runs one command in the project at `--root` and returns the exit code. */
export async function main(args: readonly string[], terminal: Terminal): Promise<number> {
  const [command = "generate", ...rest] = args;
  const options = parseOptions(rest);
  const root = options.get("--root") ?? new URL("..", import.meta.url).pathname;
  switch (command) {
    case "generate":
      return await writeAll(root, terminal);
    case "verify":
      return await verify(root, terminal);
    case "pull":
      return await pull(root, options, terminal);
    default:
      terminal.complain(`unknown command ${command}\n${USAGE}`);
      return 2;
  }
}

function parseOptions(args: readonly string[]): Map<string, string> {
  const options = new Map<string, string>();
  for (let i = 0; i < args.length; i += 2) {
    const [name, value] = [args[i]!, args[i + 1]];
    if (!name.startsWith("--") || value === undefined) throw new Error(USAGE);
    options.set(name, value);
  }
  return options;
}

async function writeAll(root: string, { print }: Terminal): Promise<number> {
  const sources = sourcesIn(root);
  for (const { path, text } of await generate(await readModel(sources), format)) {
    if (await sources.read(path) === text) continue;
    await Deno.mkdir(`${root}/${path.slice(0, path.lastIndexOf("/"))}`, { recursive: true });
    await Deno.writeTextFile(`${root}/${path}`, text);
    print(`wrote ${path}`);
  }
  return 0;
}

async function verify(root: string, { complain }: Terminal): Promise<number> {
  const stale = await staleFiles(sourcesIn(root), format);
  if (stale.length === 0) return 0;
  complain(`stale, run \`deno task codegen\`:\n${stale.map((path) => `  ${path}`).join("\n")}`);
  return 1;
}

async function pull(
  root: string,
  options: ReadonlyMap<string, string>,
  { print, complain }: Terminal,
): Promise<number> {
  const kubeconfig = options.get("--kubeconfig");
  if (!kubeconfig) {
    complain(USAGE);
    return 2;
  }
  const cluster = parseKubeconfig(await Deno.readTextFile(kubeconfig), (path) => {
    const absolute = path.startsWith("/") ? path : `${kubeconfig.replace(/[^/]*$/, "")}${path}`;
    return Deno.readTextFileSync(absolute);
  });
  const model = await pullKubernetes(cluster);
  const text = await format(JSON.stringify(model), "json");
  await Deno.writeTextFile(`${root}/${INPUTS.kubernetes}`, text);
  print(`wrote ${INPUTS.kubernetes} from Kubernetes ${model.version}`);
  return 0;
}

function sourcesIn(root: string): Sources {
  return {
    read: async (path) => {
      try {
        return await Deno.readTextFile(`${root}/${path}`);
      } catch (error) {
        if (error instanceof Deno.errors.NotFound) return undefined;
        throw new Error(`cannot read ${path}`, { cause: error });
      }
    },
    rbac: async () => {
      const path = `${root}/${INPUTS.rbac}`;
      // The time of the last change makes the module loader read an edited file again.
      const { mtime } = await Deno.stat(path);
      return await import(`file://${path}?${mtime?.getTime()}`) as RbacTables;
    },
  };
}

const formatted = new Map<string, Promise<string>>();

/** Formats with `deno fmt`; equal texts once. */
const format: Format = (text, extension) => {
  if (extension === "") return Promise.resolve(text);
  const key = `${extension}\n${text}`;
  const before = formatted.get(key);
  if (before) return before;
  const result = runFormatter(text, extension);
  formatted.set(key, result);
  return result;
};

async function runFormatter(text: string, extension: string): Promise<string> {
  const process = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--no-config", "--line-width", "100", "--ext", extension, "-"],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = process.stdin.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
  const { success, stdout, stderr } = await process.output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(`cannot format generated ${extension}: ${decoder.decode(stderr)}`);
  return decoder.decode(stdout);
}

if (import.meta.main) {
  const encoder = new TextEncoder();
  Deno.exit(
    await main(Deno.args, {
      print: (text) => Deno.stdout.writeSync(encoder.encode(`${text}\n`)),
      complain: (text) => Deno.stderr.writeSync(encoder.encode(`${text}\n`)),
    }),
  );
}
