/** What the UI needs of a bucket: it lists and reads, and never writes. */

/** One object of a bucket. */
export interface StoredObject {
  readonly key: string;
  /** When it was written, as ISO 8601. */
  readonly modified: string;
}

export interface ObjectStore {
  /** Names of the folders directly below a prefix, which ends in a slash. */
  folders(prefix: string): Promise<string[]>;
  objects(prefix: string): Promise<StoredObject[]>;
  text(key: string): Promise<string>;
}

/** Pages of a listing that are read; more are left out. */
export const MOST_PAGES = 50;

/** The folder's own name out of its prefix: `spilo/acid-a/` → `acid-a`. */
export function folderName(prefix: string): string {
  return prefix.replace(/\/$/, "").split("/").at(-1) ?? "";
}

/** Texts of all elements of a name in XML without nested elements of that name. */
export function xmlTexts(xml: string, element: string): string[] {
  const pattern = new RegExp(`<${element}>([^<]*)</${element}>`, "g");
  return [...xml.matchAll(pattern)].map((match) => unescaped(match[1] ?? ""));
}

const ENTITIES: Readonly<Record<string, string>> = {
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  amp: "&",
};

function unescaped(text: string): string {
  return text.replaceAll(
    /&(?:#x([0-9a-f]+)|#(\d+)|(lt|gt|quot|apos|amp));/gi,
    (_, hex?: string, decimal?: string, name?: string) =>
      name === undefined
        ? String.fromCodePoint(hex === undefined ? Number(decimal) : parseInt(hex, 16))
        : ENTITIES[name.toLowerCase()] ?? "",
  );
}
