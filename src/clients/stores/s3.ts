/** S3 and what speaks like it; requests are signed by aws4fetch. */

import { AwsClient } from "aws4fetch";
import type { Sensitive } from "../../lib/sensitive.ts";
import { PortError } from "../../ports/errors.ts";
import { readText } from "../../peers/bounded_text.ts";
import { folderName, MOST_PAGES, type ObjectStore, xmlTexts } from "./object_store.ts";

const TIMEOUT_MS = 15_000;
const MOST_BYTES = 16 * 1024 * 1024;

/** Keys that sign requests. */
export interface S3Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: Sensitive;
  readonly sessionToken?: Sensitive;
}

export interface S3Options {
  readonly bucket: string;
  readonly region: string;
  /** Empty for Amazon's own. */
  readonly endpoint: string;
  readonly keys: () => Promise<S3Keys>;
}

/** Makes the store. */
export function createS3(options: S3Options, send: typeof fetch = fetch): ObjectStore {
  const { bucket, region, endpoint } = options;
  // Names with dots do not fit the certificate of a host name, and own servers seldom have one each.
  const base = endpoint !== ""
    ? `${endpoint}/${bucket}`
    : bucket.includes(".")
    ? `https://s3.${region}.amazonaws.com/${bucket}`
    : `https://${bucket}.s3.${region}.amazonaws.com`;
  const ask = async (path: string): Promise<string> => {
    const { accessKeyId, secretAccessKey, sessionToken } = await options.keys();
    const client = new AwsClient({
      accessKeyId,
      secretAccessKey: secretAccessKey.reveal(),
      ...(sessionToken === undefined ? {} : { sessionToken: sessionToken.reveal() }),
      region,
      service: "s3",
      retries: 0,
    });
    const request = await client.sign(base + path);
    const answer = await send(request, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    const { text } = await readText(answer, MOST_BYTES);
    if (answer.ok) return text;
    const [code = `status ${answer.status}`] = xmlTexts(text, "Code");
    throw new PortError(
      `cannot read bucket ${bucket}: ${code}`,
      answer.status === 404 ? "not found" : "failed",
    );
  };
  const pages = async (query: Record<string, string>): Promise<string[]> => {
    const found: string[] = [];
    for (let token = ""; found.length < MOST_PAGES;) {
      const next: Record<string, string> = token === "" ? {} : { "continuation-token": token };
      const page = await ask(`/?${new URLSearchParams({ "list-type": "2", ...query, ...next })}`);
      found.push(page);
      token = xmlTexts(page, "NextContinuationToken")[0] ?? "";
      if (token === "") break;
    }
    return found;
  };
  return {
    async folders(prefix) {
      const found = await pages({ prefix, delimiter: "/" });
      return found.flatMap((page) => commonPrefixes(page).map(folderName));
    },
    async objects(prefix) {
      const found = await pages({ prefix });
      return found.flatMap((page) => {
        const keys = xmlTexts(page, "Key");
        const times = xmlTexts(page, "LastModified");
        return keys.map((key, index) => ({ key, modified: times[index] ?? "" }));
      });
    },
    text: (key) => ask(`/${key.split("/").map(encodeURIComponent).join("/")}`),
  };
}

/** The prefix that was asked for stands in an element of the same name, outside of these. */
function commonPrefixes(page: string): string[] {
  return [...page.matchAll(/<CommonPrefixes>(.*?)<\/CommonPrefixes>/gs)]
    .flatMap((match) => xmlTexts(match[1] ?? "", "Prefix"));
}
