/**
 * The files of the web pages, out of the binary: nothing is read from disk, and nothing is unpacked
 * before somebody opens a page. Every answer forbids what the pages do not need: scripts, styles
 * and connections of other hosts, inline scripts and styles, frames.
 */

/** What a page is for: `dashboard` only shows; `ui` signs people in and may write. */
export type PageMode = "dashboard" | "ui";

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  "index.html": "text/html; charset=utf-8",
  "app.js": "text/javascript; charset=utf-8",
  "app.css": "text/css; charset=utf-8",
  "icon.svg": "image/svg+xml",
};

/** Headers of every answer to a browser. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; " +
    "img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; " +
    "frame-ancestors 'none'; require-trusted-types-for 'script'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
};

/** One file as it is sent. */
interface Asset {
  readonly zipped: Uint8Array<ArrayBuffer>;
  readonly tag: string;
}

/**
 * Answers for a file of the pages; undefined where there is none of that name.
 * @param name `app.js`; `index.html` is the page itself
 */
export async function answerAsset(
  name: string,
  mode: PageMode,
  request: Request,
): Promise<Response | undefined> {
  const type = Object.hasOwn(CONTENT_TYPES, name) ? CONTENT_TYPES[name] : undefined;
  if (type === undefined) return undefined;
  const { zipped, tag } = await assetOf(name);
  const etag = `"${tag}-${mode}"`;
  const headers = new Headers({
    ...PAGE_HEADERS,
    "content-type": type,
    "cache-control": "no-cache",
    etag,
  });
  if (request.headers.get("if-none-match") === etag) {
    return new Response(null, { status: 304, headers });
  }
  if (name === "index.html") {
    const text = await unzipped(zipped);
    return new Response(text.replace("{mode}", mode), { headers });
  }
  if (!/\bgzip\b/.test(request.headers.get("accept-encoding") ?? "")) {
    return new Response(await unzipped(zipped), { headers });
  }
  headers.set("content-encoding", "gzip");
  return new Response(zipped, { headers });
}

async function assetOf(name: string): Promise<Asset> {
  const { ASSETS } = await import("./assets.gen.ts");
  const { base64, tag } = ASSETS[name as keyof typeof ASSETS];
  return { zipped: Uint8Array.fromBase64(base64), tag };
}

function unzipped(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const stream = new Response(bytes).body!.pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).text();
}
