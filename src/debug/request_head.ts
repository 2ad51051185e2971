/** Reads the head of an HTTP/1.1 request and says what may be answered. Pure. */

/** A request that is refused, with the status that says why. */
export interface Refusal {
  readonly status: 400 | 403 | 413 | 431 | 503;
  readonly why: string;
}

/** Which names a server is asked by: everything, or only names of this machine. */
export type HostRule = "any" | "loopback";

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/i;
const REQUEST_LINE = /^([A-Z]{1,16}) (\S+) HTTP\/1\.[01]$/;
const HEADER_LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/;

/** What a page is asked with is never more than this; nothing reads it. */
const MOST_BODY_BYTES = 16 * 1024;
const PLAN_PATH = /^\/clusters\/[^/]+\/[^/]+\/plan\/?$/;

/** Whose body is read; that of others is dropped. */
export interface BodyRule {
  reads(request: Pick<Request, "method" | "url">): boolean;
  readonly mostBytes: number;
  /** Bodies in memory at once; whoever comes then is told to try again. */
  readonly atOnce: number;
}

/** The debug API: what would be done for a manifest? */
export const PLAN_BODIES: BodyRule = {
  reads: ({ method, url }) => method === "POST" && PLAN_PATH.test(new URL(url).pathname),
  mostBytes: 256 * 1024,
  atOnce: 2,
};

/** Makes a request of the lines before the empty one; a body is not a part of it. */
export function parseHead(
  head: string,
  hosts: HostRule,
  bodies: BodyRule = PLAN_BODIES,
): Request | Refusal {
  const [first = "", ...lines] = head.split("\r\n");
  const [, method, target = ""] = REQUEST_LINE.exec(first) ?? [];
  if (method === undefined) return bad("the request line is not understood");
  const headers = headersOf(lines);
  if (headers === undefined) return bad("a header is not understood");
  // Asked by another name, it is a page of somebody else that a browser has open.
  const host = headers.get("host") ?? "";
  if (hosts === "loopback" && !LOOPBACK.test(host.replace(/:\d+$/, ""))) {
    return { status: 403, why: "ask by localhost or a loopback address" };
  }
  const url = urlOf(target, host);
  if (url === undefined) return bad("the address is not understood");
  const most = bodies.reads({ method, url }) ? bodies.mostBytes : MOST_BODY_BYTES;
  if (bodyBytes(headers) > most) return { status: 413, why: "the body is too large" };
  try {
    return new Request(url, { method, headers });
  } catch {
    return bad("the request is not understood");
  }
}

function bad(why: string): Refusal {
  return { status: 400, why };
}

function headersOf(lines: readonly string[]): Headers | undefined {
  const headers = new Headers();
  for (const line of lines) {
    const [, name, value = ""] = HEADER_LINE.exec(line) ?? [];
    if (name === undefined) return undefined;
    try {
      headers.append(name, value);
    } catch {
      return undefined;
    }
  }
  return headers;
}

/** How many bytes follow the head; Infinity where it does not say so in a number. */
export function bodyBytes(headers: Headers): number {
  const length = headers.get("content-length") ?? "0";
  return headers.has("transfer-encoding") || !/^\d+$/.test(length) ? Infinity : Number(length);
}

/** Only the path counts; the host is whoever was asked. */
function urlOf(target: string, host: string): string | undefined {
  const path = target.startsWith("/") ? target : URL.parse(target)?.pathname;
  if (path === undefined) return undefined;
  const base = URL.canParse(`http://${host}`) ? `http://${host}` : "http://localhost";
  return base.replace(/\/$/, "") + path;
}
