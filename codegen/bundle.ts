/**
 * Bundles the program into a folder: `main.js`, what it loads when it needs it, and the source maps
 * of all, packed. Run by `deno task bundle`; the folder is made anew.
 *
 * - Commands and libraries that not every operator uses stay files of their own.
 * - The text is ASCII: V8 keeps such a text with one byte a character, and any other with two.
 * - Maps come without the texts of sources. The program reads them when somebody takes a profile.
 */

import { asciiProgram, type ProgramMap } from "./ascii_program.ts";

const PACKED_MAPS = "source_maps.json.gz";

async function main([folder]: readonly string[]): Promise<void> {
  if (folder === undefined) throw new Error("usage: bundle.ts FOLDER");
  await Deno.remove(folder, { recursive: true }).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
  const flags = ["--platform", "deno", "--minify", "--code-splitting", "--sourcemap=external"];
  const bundling = new Deno.Command(Deno.execPath(), {
    args: ["bundle", ...flags, "--outdir", folder, "src/main.ts"],
  });
  const { success } = await bundling.spawn().status;
  if (!success) Deno.exit(1);
  const maps: Record<string, ProgramMap> = {};
  for await (const { name } of Deno.readDir(folder)) {
    if (name.endsWith(".js")) maps[name] = await finish(`${folder}/${name}`);
  }
  const text = new Blob([JSON.stringify(maps)]).stream();
  await Deno.writeFile(
    `${folder}/${PACKED_MAPS}`,
    text.pipeThrough(new CompressionStream("gzip")),
  );
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
