/**
 * Bundles the program into a folder: `main.js`, what it loads when it needs it, and the source maps
 * of all, packed. Run by `deno task bundle`; the folder is made anew.
 *
 * - A compiled program keeps all its files in memory. So the largest library, which most operators
 *   never load, is packed; a small file in its place unpacks it.
 * - Commands and libraries that not every operator uses stay files of their own.
 * - The text is ASCII: V8 keeps such a text with one byte a character, and any other with two.
 * - Maps come without the texts of sources. The program reads them when somebody takes a profile.
 */

import { asciiProgram, type ProgramMap } from "./ascii_program.ts";

const PACKED_MAPS = "source_maps.json.gz";

/** The file of `src/clients/kube/connection/client_node.ts`, and what it gives to others. */
const LIBRARY = { file: /^client_node-.*\.js$/, packed: "client_node.js.gz", gives: "KubeConfig" };

async function main([folder]: readonly string[]): Promise<void> {
  if (folder === undefined) throw new Error("usage: bundle.ts FOLDER");
  await Deno.remove(folder, { recursive: true }).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
  await bundle("--code-splitting", "--sourcemap=external", "--outdir", folder, "src/main.ts");
  const maps: Record<string, ProgramMap> = {};
  for (const { name } of [...Deno.readDirSync(folder)]) {
    const path = `${folder}/${name}`;
    if (LIBRARY.file.test(name)) await packLibrary(folder, path);
    else if (name.endsWith(".js")) maps[name] = await finish(path);
  }
  await writePacked(`${folder}/${PACKED_MAPS}`, JSON.stringify(maps));
  // Fails where the library is no file of its own any more.
  await Deno.stat(`${folder}/${LIBRARY.packed}`);
}

async function bundle(...args: string[]): Promise<void> {
  const all = ["bundle", "--platform", "deno", "--minify", ...args];
  const { success } = await new Deno.Command(Deno.execPath(), { args: all }).spawn().status;
  if (!success) Deno.exit(1);
}

async function writePacked(path: string, text: string): Promise<void> {
  const packed = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  await Deno.writeFile(path, packed);
}

/** Packs the library with what it shares with other files, and puts what unpacks it in its place. */
async function packLibrary(folder: string, path: string): Promise<void> {
  const whole = `${path}.whole`;
  await bundle("--output", whole, path);
  const { packed, gives } = LIBRARY;
  const text = await Deno.readTextFile(whole);
  await writePacked(`${folder}/${packed}`, `${withPlace(text)}\n//# sourceURL=${packed}\n`);
  await Deno.writeTextFile(path, unpacking(packed, gives));
  await Promise.all([whole, `${path}.map`].map((file) => Deno.remove(file)));
}

/** What asks for its own address, to find modules of Node by, gets one of a file. */
function withPlace(text: string): string {
  return text.replaceAll("import.meta.url", '"file:///"');
}

/** A module that unpacks another one when it is loaded. A `data:` address has to be ASCII: Base64. */
function unpacking(packed: string, gives: string): string {
  return `const packed=await Deno.readFile(new URL("./${packed}",import.meta.url));` +
    `const text=new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));` +
    `const bytes=new Uint8Array(await new Response(text).arrayBuffer());` +
    `export const{${gives}}=await import("data:text/javascript;base64,"+bytes.toBase64());\n`;
}

/** Makes one file ASCII and takes its map away, which it gives. */
async function finish(path: string): Promise<ProgramMap> {
  const { sourcesContent: _texts, ...map } = JSON.parse(await Deno.readTextFile(`${path}.map`));
  const program = asciiProgram({ text: await Deno.readTextFile(path), map });
  await Deno.writeTextFile(path, program.text);
  await Deno.remove(`${path}.map`);
  return program.map;
}

if (import.meta.main) await main(Deno.args);
