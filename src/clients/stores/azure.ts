/** Azure Blob Storage by its REST API, with a shared access signature. */

import { readText } from "../../peers/bounded_text.ts";
import { PortError } from "../../ports/errors.ts";
import { folderName, MOST_PAGES, type ObjectStore, xmlTexts } from "./object_store.ts";

const TIMEOUT_MS = 15_000;
const MOST_BYTES = 16 * 1024 * 1024;
const VERSION = "2023-11-03";

/** Makes the store; `signature` is the query of a shared access signature. */
export function createAzure(
  { account, container, endpoint, signature }: {
    readonly account: string;
    readonly container: string;
    /** Empty for Azure's own. */
    readonly endpoint: string;
    readonly signature: string;
  },
  send: typeof fetch = fetch,
): ObjectStore {
  const base = `${endpoint || `https://${account}.blob.core.windows.net`}/${container}`;
  const ask = async (path: string, query: Record<string, string>): Promise<string> => {
    const all = new URLSearchParams(signature.replace(/^\?/, ""));
    for (const [name, value] of Object.entries(query)) all.set(name, value);
    const answer = await send(`${base}${path}?${all}`, {
      headers: { "x-ms-version": VERSION },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const { text } = await readText(answer, MOST_BYTES);
    if (answer.ok) return text;
    const [code = `status ${answer.status}`] = xmlTexts(text, "Code");
    const kind = answer.status === 404 ? "not found" : "failed";
    throw new PortError(`cannot read container ${container}: ${code}`, kind);
  };
  const pages = async (query: Record<string, string>): Promise<string[]> => {
    const found: string[] = [];
    for (let marker = ""; found.length < MOST_PAGES;) {
      const next: Record<string, string> = marker === "" ? {} : { marker };
      const page = await ask("", { restype: "container", comp: "list", ...query, ...next });
      found.push(page);
      marker = xmlTexts(page, "NextMarker")[0] ?? "";
      if (marker === "") break;
    }
    return found;
  };
  return {
    async folders(prefix) {
      const found = await pages({ prefix, delimiter: "/" });
      return found.flatMap((page) =>
        [...page.matchAll(/<BlobPrefix>(.*?)<\/BlobPrefix>/gs)]
          .flatMap((match) => xmlTexts(match[1] ?? "", "Name").map(folderName))
      );
    },
    async objects(prefix) {
      const found = await pages({ prefix });
      return found.flatMap((page) =>
        [...page.matchAll(/<Blob>(.*?)<\/Blob>/gs)].flatMap((match) => {
          const [key] = xmlTexts(match[1] ?? "", "Name");
          const [time = ""] = xmlTexts(match[1] ?? "", "Last-Modified");
          return key === undefined ? [] : [{ key, modified: isoTime(time) }];
        })
      );
    },
    text: (key) => ask(`/${key.split("/").map(encodeURIComponent).join("/")}`, {}),
  };
}

function isoTime(text: string): string {
  const time = Date.parse(text);
  return Number.isNaN(time) ? "" : new Date(time).toISOString();
}
