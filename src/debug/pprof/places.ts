/**
 * Names of functions as the source has them. A released program is minified; the maps that were
 * packed beside it lead back.
 */

import { GREATEST_LOWER_BOUND, originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";
import type { Frame } from "./sampler.ts";
import type { SourcePlace } from "./pprof.ts";

/** A source map as `deno task bundle` packs it: no texts of sources. */
export type PackedMap = ConstructorParameters<typeof TraceMap>[0];

/** Makes a lookup of places. `maps` has the source map of each file of the program by its name. */
export function placesBy(
  maps: Readonly<Record<string, PackedMap>>,
): (frame: Frame) => SourcePlace {
  const traced = new Map<string, TraceMap>();
  const mapOf = (file: string) => {
    const map = Object.hasOwn(maps, file) ? maps[file] : undefined;
    const known = traced.get(file);
    if (map === undefined || known !== undefined) return known;
    const made = new TraceMap(map);
    traced.set(file, made);
    return made;
  };
  return (frame) => {
    const { functionName, url, lineNumber, columnNumber } = frame;
    const map = mapOf(url.slice(url.lastIndexOf("/") + 1));
    if (map === undefined) return plainPlace(frame);
    const found = originalPositionFor(map, {
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
