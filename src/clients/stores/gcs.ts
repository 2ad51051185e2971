/** Google Cloud Storage by its JSON API, with the token of the machine's service account. */

import { readText } from "../../peers/bounded_text.ts";
import { PortError } from "../../ports/errors.ts";
import { folderName, MOST_PAGES, type ObjectStore } from "./object_store.ts";

const TIMEOUT_MS = 15_000;
const MOST_BYTES = 16 * 1024 * 1024;
const SERVER = "https://storage.googleapis.com";

interface Page {
  readonly prefixes?: readonly string[];
  readonly items?: readonly { readonly name: string; readonly updated: string }[];
  readonly nextPageToken?: string;
}

/** Makes the store. `token` gives a bearer token. */
export function createGcs(
  { bucket, endpoint, token }: {
    readonly bucket: string;
    /** Empty for Google's own. */
    readonly endpoint: string;
    readonly token: () => Promise<string>;
  },
  send: typeof fetch = fetch,
): ObjectStore {
  const base = `${endpoint || SERVER}/storage/v1/b/${encodeURIComponent(bucket)}/o`;
  const ask = async (path: string): Promise<string> => {
    const answer = await send(base + path, {
      headers: { authorization: `Bearer ${await token()}` },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const { text } = await readText(answer, MOST_BYTES);
    if (answer.ok) return text;
    const kind = answer.status === 404 ? "not found" : "failed";
    throw new PortError(`cannot read bucket ${bucket}: status ${answer.status}`, kind);
  };
  const pages = async (query: Record<string, string>): Promise<Page[]> => {
    const found: Page[] = [];
    for (let token = ""; found.length < MOST_PAGES;) {
      const next: Record<string, string> = token === "" ? {} : { pageToken: token };
      const page = JSON.parse(await ask(`?${new URLSearchParams({ ...query, ...next })}`)) as Page;
      found.push(page);
      token = page.nextPageToken ?? "";
      if (token === "") break;
    }
    return found;
  };
  return {
    async folders(prefix) {
      const found = await pages({ prefix, delimiter: "/" });
      return found.flatMap(({ prefixes = [] }) => prefixes.map(folderName));
    },
    async objects(prefix) {
      const found = await pages({ prefix });
      return found.flatMap(({ items = [] }) =>
        items.map(({ name, updated }) => ({ key: name, modified: updated }))
      );
    },
    text: (key) => ask(`/${encodeURIComponent(key)}?alt=media`),
  };
}
