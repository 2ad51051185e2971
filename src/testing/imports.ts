/** Reads the imports of a source text. */

const IMPORT =
  /^(?:import|export)\b[^;]*?\bfrom\s+"([^"]+)"|^import\s+"([^"]+)"|\bimport\(\s*"([^"]+)"/gms;

/** Modules that a text imports, as written. */
export function importsOf(text: string): string[] {
  return [...text.matchAll(IMPORT)].map(([, from, bare, lazy]) => from ?? bare ?? lazy ?? "");
}
