/**
 * Keeps pages of other sites from writing in the name of somebody who is signed in. A request that
 * changes something has to come from our own pages, as the browser itself says, or carry what a
 * foreign page cannot add without being asked first. Pure.
 */

/** What is wrong with a request, in words; undefined where it may go on. */
export function crossSiteFault(request: Request): string | undefined {
  if (["GET", "HEAD"].includes(request.method)) return undefined;
  const { headers } = request;
  const site = headers.get("sec-fetch-site");
  if (site !== null && site !== "same-origin") return "the request comes from another site";
  const origin = headers.get("origin");
  // The browser has compared already, with the address that it sees: a proxy may ask by another.
  if (site === null && origin !== null && !isOwnOrigin(origin, headers, request.url)) {
    return `the request comes from a page of ${origin}`;
  }
  // A form of another site can send neither this type nor this header without a preflight.
  const type = headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  const types = ["application/json", "application/merge-patch+json"];
  if (request.method !== "DELETE" && !types.includes(type ?? "")) {
    return "the body must be application/json";
  }
  return undefined;
}

/** A proxy may ask by another name than the browser did, and says so in headers of its own. */
function isOwnOrigin(origin: string, headers: Headers, url: string): boolean {
  const host = URL.parse(origin)?.host;
  const names = [headers.get("x-forwarded-host"), headers.get("host"), URL.parse(url)?.host];
  return host !== undefined && names.includes(host);
}
