/**
 * Names of functions as the source has them. A released program is one minified file; the map that
 * was packed beside it leads back.
 */

import { GREATEST_LOWER_BOUND, originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";
import type { Frame } from "./sampler.ts";
import type { SourcePlace } from "./pprof.ts";

/** A source map as `deno task bundle` packs it: no texts of sources. */
export type PackedMap = ConstructorParameters<typeof TraceMap>[0];

/**
 * Makes a lookup of places. `map` belongs to the file `bundle`; without one the places are those
 * that V8 knows.
 */
export function placesBy(
  map: { readonly map: PackedMap; readonly bundle: string } | undefined,
): (frame: Frame) => SourcePlace {
  const traced = map && { ...map, map: new TraceMap(map.map) };
  return (frame) => {
    const { functionName, url, lineNumber, columnNumber } = frame;
    if (traced === undefined || !url.endsWith(traced.bundle)) return plainPlace(frame);
    const found = originalPositionFor(traced.map, {
      line: lineNumber + 1,
      column: columnNumber,
      bias: GREATEST_LOWER_BOUND,
    });
    if (found.source === null) return plainPlace(frame);
    const file = shortened(found.source);
    // A function without a name is known by its place.
    const name = functionName === "" ? `${file}:${found.line}` : found.name ?? functionName;
    return { name, file, line: found.line };
  };
}

function plainPlace({ functionName, url, lineNumber }: Frame): SourcePlace {
  const file = shortened(url);
  const line = lineNumber + 1;
  return { name: functionName === "" ? `${file}:${line}` : functionName, file, line };
}

/** `file:///somewhere/src/a.ts` → `src/a.ts`; `…/npm/registry.npmjs.org/hono/4/…` → `hono/4/…`. */
function shortened(url: string): string {
  const found = /(?:^|\/)((?:src|e2e)\/.*)$/.exec(url) ?? /registry\.npmjs\.org\/(.*)$/.exec(url);
  return found?.[1] ?? url;
}
