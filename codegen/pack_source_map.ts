/**
 * Packs the source map of the bundle for the program: without the texts of sources, compressed. The
 * program reads it when somebody takes a profile. Run by `deno task bundle`.
 */

const [from, to] = Deno.args;
if (from === undefined || to === undefined) {
  throw new Error("usage: pack_source_map.ts MAP OUTPUT");
}
const { sourcesContent: _texts, ...map } = JSON.parse(await Deno.readTextFile(from));
const packed = new Blob([JSON.stringify(map)]).stream().pipeThrough(new CompressionStream("gzip"));
await Deno.writeFile(to, packed);
await Deno.remove(from);
