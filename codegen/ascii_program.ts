/** Writes a program without characters beyond ASCII, and moves the columns of its source map. Pure. */

import { decodedMappings, encodedMap, TraceMap } from "@jridgewell/trace-mapping";

export type ProgramMap = ReturnType<typeof encodedMap>;

/** A file of JavaScript and its source map. */
export interface Program {
  readonly text: string;
  readonly map: ProgramMap;
}

/** `µ` becomes `\u00b5`: so many characters more for each UTF-16 unit. */
const GROWTH = "\\u0000".length - 1;

/**
 * Escapes what is not ASCII, as strings, templates and patterns of JavaScript allow it.
 * @throws where `String.raw` would show the escape as it is written
 */
export function asciiProgram({ text, map }: Program): Program {
  if (/String\.raw\s*`[^`]*[^\0-\x7f]/.test(text)) {
    throw new Error("cannot escape a character that is not ASCII inside String.raw");
  }
  const lines = text.split("\n");
  const traced = new TraceMap(map);
  const mappings = decodedMappings(traced).map((segments, index) => {
    const wide = [...(lines[index] ?? "").matchAll(/[^\0-\x7f]/g)].map((match) => match.index);
    if (wide.length === 0) return segments;
    return segments.map(([column, ...rest]) => {
      const before = wide.filter((at) => at < column).length;
      return [column + before * GROWTH, ...rest] as typeof segments[number];
    });
  });
  const moved = new TraceMap({ ...encodedMap(traced), mappings: mappings as never });
  return { text: text.replaceAll(/[^\0-\x7f]/g, escaped), map: encodedMap(moved) };
}

function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
