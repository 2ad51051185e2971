/** Reads the source map that is packed beside a released program. */

import { type PackedMap, placesBy } from "./places.ts";

/** Written by `deno task bundle`; in a bundle every module has the bundle's own address. */
const BUNDLE = "operator.js";

/** A lookup of places that reads the map once, when it is first needed. */
export function packedPlaces(): () => Promise<ReturnType<typeof placesBy>> {
  let places: Promise<ReturnType<typeof placesBy>> | undefined;
  return () => places ??= readMap().then(placesBy);
}

async function readMap(): Promise<Parameters<typeof placesBy>[0]> {
  if (!import.meta.url.endsWith(`/${BUNDLE}`)) return undefined;
  try {
    const packed = await Deno.readFile(new URL(`./${BUNDLE}.map.gz`, import.meta.url));
    const text = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    return { bundle: BUNDLE, map: await new Response(text).json() as PackedMap };
  } catch (error) {
    // Without the map a profile has the names of the minified program, which is better than none.
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
