/**
 * An object store that speaks S3, for archives of pods: objects in memory, one key, and a signature
 * that has to be right.
 */
import { AwsV4Signer } from "aws4fetch";

/** Who may ask. */
export interface S3Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** A store that listens on a loopback address. */
export interface S3Server {
  readonly endpoint: string;
  /** Bucket, a slash and the key of every object. */
  names(): string[];
  /** While true every request is answered with 503. */
  down: boolean;
  stop(): Promise<void>;
}

interface Stored {
  readonly content: Uint8Array<ArrayBuffer>;
  readonly at: string;
}

/** Entries of one page of a list. */
const PAGE = 100;

/** Starts a store. */
export function startS3Server(keys: S3Keys): S3Server {
  const stored = new Map<string, Stored>();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      if (store.down) return new Response("down", { status: 503 });
      const body = await request.bytes();
      if (await isSigned(request, body, keys)) return answer(request, body, stored);
      return new Response("refused", { status: 403 });
    },
  );
  const store: S3Server = {
    endpoint: `http://127.0.0.1:${server.addr.port}`,
    names: () => [...stored.keys()],
    down: false,
    stop: () => server.shutdown(),
  };
  return store;
}

function answer(
  request: Request,
  body: Uint8Array<ArrayBuffer>,
  stored: Map<string, Stored>,
): Response {
  const url = new URL(request.url);
  const name = decodeURIComponent(url.pathname.slice(1));
  if (request.method === "PUT") {
    stored.set(name, { content: body, at: new Date().toISOString() });
    return new Response(null);
  }
  if (request.method !== "GET") return new Response(null, { status: 405 });
  if (!name.includes("/")) return list(name, url.searchParams, stored);
  const found = stored.get(name);
  return found === undefined ? new Response(null, { status: 404 }) : new Response(found.content);
}

function list(bucket: string, query: URLSearchParams, stored: Map<string, Stored>): Response {
  const prefix = `${bucket}/${query.get("prefix") ?? ""}`;
  const after = query.get("continuation-token") ?? "";
  const all = [...stored].filter(([name]) => name.startsWith(prefix) && name > after)
    .sort(([a], [b]) => a < b ? -1 : 1);
  const page = all.slice(0, PAGE);
  const contents = page.map(([name, { at, content }]) =>
    `<Contents><Key>${name.slice(bucket.length + 1)}</Key><LastModified>${at}</LastModified>` +
    `<Size>${content.length}</Size></Contents>`
  );
  const next = all.length > page.length
    ? `<NextContinuationToken>${page.at(-1)?.[0]}</NextContinuationToken>`
    : "";
  return new Response(
    `<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">` +
      `${contents.join("")}${next}</ListBucketResult>`,
    { headers: { "content-type": "application/xml" } },
  );
}

/** Signs the request as its sender should have, and compares. */
async function isSigned(
  request: Request,
  body: Uint8Array<ArrayBuffer>,
  keys: S3Keys,
): Promise<boolean> {
  const { headers } = request;
  const given = headers.get("authorization") ?? "";
  const region = /Credential=[^/]+\/\d+\/([^/]+)\/s3/.exec(given)?.[1] ?? "";
  const digest = headers.get("x-amz-content-sha256") ?? "";
  const signed = await new AwsV4Signer({
    ...keys,
    service: "s3",
    region,
    method: request.method,
    url: request.url,
    headers: { "x-amz-content-sha256": digest },
    datetime: headers.get("x-amz-date") ?? "",
  }).sign();
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", body)).toHex();
  return hash === digest && signed.headers.get("authorization") === given;
}
