/** What a request asks for, read from its method, path and query as kube-apiserver does. */

export interface RequestInfo {
  /** Kubernetes verb: get, list, watch, create, update, patch, delete, deletecollection; for other paths the method. */
  verb: string;
  path: string;
  query: URLSearchParams;
  /** Unset for paths outside /api and /apis. */
  resource?: {
    group: string;
    version: string;
    plural: string;
    namespace: string;
    name: string;
    subresource: string;
    /** What follows the subresource in the path. */
    rest: string[];
  };
}

const NAMESPACE_SUBRESOURCES = new Set(["status", "finalize"]);

/** Go's ParseBool: Python clients send `True`. */
export function isTrue(value: string | null): boolean {
  return value !== null && ["1", "t", "T", "true", "TRUE", "True"].includes(value);
}

/** Reads a request's method and URL. */
export function requestInfo(method: string, url: URL): RequestInfo {
  const query = url.searchParams;
  const parts = url.pathname.split("/").filter((part) => part !== "").map(decodeURIComponent);
  const target = resourceTarget(parts);
  if (!target) return { verb: method.toLowerCase(), path: url.pathname, query };
  return { verb: verbOf(method, target.name, query), path: url.pathname, query, resource: target };
}

function resourceTarget(parts: string[]): RequestInfo["resource"] {
  const [prefix, ...rest] = parts;
  let group = "";
  if (prefix === "apis") group = rest.shift() ?? "";
  else if (prefix !== "api") return undefined;
  const version = rest.shift();
  if (!version || rest.length === 0 || (prefix === "apis" && !group)) return undefined;
  let namespace = "";
  if (rest[0] === "namespaces" && rest.length > 2 && !NAMESPACE_SUBRESOURCES.has(rest[2]!)) {
    namespace = rest[1]!;
    rest.splice(0, 2);
  } else if (rest[0] === "namespaces" && group === "" && rest[1]) {
    namespace = rest[1];
  }
  const [plural, name = "", subresource = "", ...after] = rest;
  return { group, version, plural: plural!, namespace, name, subresource, rest: after };
}

function verbOf(method: string, name: string, query: URLSearchParams): string {
  switch (method) {
    case "POST":
      return "create";
    case "PUT":
      return "update";
    case "PATCH":
      return "patch";
    case "DELETE":
      return name ? "delete" : "deletecollection";
    default:
      if (isTrue(query.get("watch"))) return "watch";
      return name ? "get" : "list";
  }
}
