/**
 * `deno task docs [DOCUMENT…]`: runs every command of the documents that is not marked otherwise, each
 * block in a copy of this tree and on a cluster, as a reader would. Ends with the count.
 */
import { type Block, blocksOf, countText, NEEDS, type Place } from "./blocks.ts";
import { documentPaths, readDocument } from "./documents.ts";
import { type Ground, startGround } from "./places.ts";
import { run, works } from "../local/programs.ts";
import { freePort } from "../support/operator_process.ts";
import { runToEnd, runUnderDebugger, runUntilUp, type Surroundings } from "./running.ts";
import { copyTree, type Tree } from "./tree.ts";

/** Ports that the documents name; that of the web UI is a setting, and a free one here. */
const PORTS = [8080, 9229];

const ROOT = new URL("../../", import.meta.url).pathname;

/** Where blocks run; clusters that only are looked at are shared. */
interface Stage {
  readonly tree: Tree;
  readonly shared: Map<Place, Ground>;
}

async function main(args: readonly string[]): Promise<number> {
  const paths = documentPaths().filter((path) => args.length === 0 || args.includes(path));
  const blocks = paths.flatMap((path) => blocksOf(path, readDocument(path)));
  for (const port of PORTS) Deno.listen({ hostname: "127.0.0.1", port }).close();
  // The operator's Pod runs what is built.
  await run([Deno.execPath(), "task", "bundle"], { cwd: ROOT });
  const directory = await Deno.makeTempDir({ prefix: "documents-" });
  const stage: Stage = { tree: await copyTree(directory), shared: new Map() };
  let [passed, failed, marked] = [0, 0, 0];
  try {
    for (const block of blocks) {
      const started = Date.now();
      const result = await runBlock(stage, block).catch((error: Error) => error);
      const name = `${block.document}:${block.line}`;
      const seconds = `${((Date.now() - started) / 1000).toFixed(0)} s`;
      if (result === "marked") {
        marked += block.commands.length;
        say(`marked   ${name}  ${wordsOf(block)}`);
      } else if (result instanceof Error) {
        failed += block.commands.length;
        say(`FAILED   ${name}  ${result.message}`);
      } else {
        passed += block.commands.length;
        say(`ran      ${name}  ${block.commands.length} commands, ${seconds}`);
      }
    }
  } finally {
    for (const ground of stage.shared.values()) await ground.stop();
    await Deno.remove(directory, { recursive: true });
  }
  say(countText(blocks));
  say(`${passed} passed, ${failed} failed, ${marked} not run here`);
  return failed === 0 ? 0 : 1;
}

function wordsOf({ treatment }: Block): string {
  if (treatment.kind === "needs") return `needs ${treatment.what}`;
  return treatment.kind === "ran-by" ? `run by ${treatment.file}` : "";
}

async function runBlock(stage: Stage, block: Block): Promise<"ran" | "marked"> {
  const { treatment } = block;
  if (treatment.kind === "ran-by") return "marked";
  if (treatment.kind === "needs") {
    const probe = NEEDS[treatment.what];
    if (probe === undefined || !await works(...probe)) return "marked";
  }
  const place = treatment.kind === "debugger" ? "stub" : treatment.on;
  const ground = await groundFor(stage, place);
  try {
    await Deno.copyFile(ground.kubeconfig, `${stage.tree.home}/.kube/config`);
    const around = surroundings(stage.tree, ground);
    const text = inOurWords(block.text, ground);
    if (treatment.kind === "debugger") await runUnderDebugger(text, around);
    else if (treatment.kind !== "runs-on") await runToEnd(text, around);
    else {
      // There is an operator already: one more looks after none of its clusters.
      const env = { ...around.env, CONTROLLER_ID: "documents" };
      for (const command of block.commands) {
        await runUntilUp(inOurWords(command, ground), { ...around, env });
      }
    }
    await ground.check();
  } finally {
    if (place === "fresh") await ground.stop();
  }
  return "ran";
}

async function groundFor({ shared, tree }: Stage, place: Place): Promise<Ground> {
  const known = shared.get(place);
  if (known !== undefined) return known;
  const ground = await startGround(place, tree.directory);
  if (place !== "fresh") shared.set(place, ground);
  return ground;
}

function surroundings({ directory, home, path }: Tree, { kubeconfig }: Ground): Surroundings {
  const cached = (name: string) => `${Deno.env.get("HOME")}/${name}`;
  const env = {
    HOME: home,
    PATH: path,
    KUBECONFIG: kubeconfig,
    NO_COLOR: "1",
    EDITOR: "true",
    SERVER_PORT: String(freePort()),
    DENO_DIR: Deno.env.get("DENO_DIR") ?? cached(".cache/deno"),
    GOCACHE: cached(".cache/go-build"),
    npm_config_cache: cached(".npm"),
  };
  return { directory, env };
}

/** Words that stand for something of the reader's. */
function inOurWords(text: string, { kubeconfig, words }: Ground): string {
  let ours = text.replaceAll(/\bFILE\b/g, kubeconfig)
    .replaceAll("/tmp/devcluster-…/kubeconfig", kubeconfig);
  for (const [theirs, here] of Object.entries(words)) ours = ours.replaceAll(theirs, here);
  return ours;
}

function say(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}

if (import.meta.main) Deno.exit(await main(Deno.args));
