/** Reads the source maps that are packed beside a released program. */

import type { PackedMap, placesBy } from "./places.ts";

/** Written by `deno task bundle` into the folder of the program's files. */
const PACKED = "./source_maps.json.gz";

/** A lookup of places that reads the maps once, when they are first needed. */
export function packedPlaces(): () => Promise<ReturnType<typeof placesBy>> {
  let places: Promise<ReturnType<typeof placesBy>> | undefined;
  return () => places ??= readPlaces();
}

async function readPlaces(): Promise<ReturnType<typeof placesBy>> {
  const { placesBy } = await import("./places.ts");
  return placesBy(await readMaps());
}

async function readMaps(): Promise<Readonly<Record<string, PackedMap>>> {
  try {
    const packed = await Deno.readFile(new URL(PACKED, import.meta.url));
    const text = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    return await new Response(text).json();
  } catch (error) {
    // From source there are none; without them a profile has the names that V8 knows.
    if (error instanceof Deno.errors.NotFound) return {};
    throw error;
  }
}
