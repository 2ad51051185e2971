/** The documents whose commands are run. */

const ROOT = new URL("../../", import.meta.url).pathname;
const FOLDERS = ["", "docs/", "docs/adr/", "docs/reference/", "charts/postgres-operator/"];

/** Paths from the root of all documents for people. */
export function documentPaths(): string[] {
  return FOLDERS.flatMap((folder) =>
    [...Deno.readDirSync(`${ROOT}${folder}`)]
      .filter(({ isFile, name }) => isFile && name.endsWith(".md"))
      .map(({ name }) => `${folder}${name}`)
  ).sort();
}

/** The text of one. */
export function readDocument(path: string): string {
  return Deno.readTextFileSync(`${ROOT}${path}`);
}
