/** Requests and answers in the shapes of the Kubernetes API. */

import type { ResourceInfo } from "../../src/ports/resources.gen.ts";

/** One request. */
export interface Asked {
  readonly verb: "get" | "list" | "watch" | "create" | "update" | "patch" | "delete";
  readonly resource: ResourceInfo;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
  readonly query: URLSearchParams;
}

/** A `Status`; with a name where it is about an object. */
export function status(code: number, reason: string, message: string, name?: string) {
  const details = name === undefined ? {} : { details: { name } };
  return {
    apiVersion: "v1",
    kind: "Status",
    metadata: {},
    status: "Failure",
    code,
    reason,
    message,
    ...details,
  };
}

/** An answer with a JSON body. */
export function answer(
  code: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(JSON.stringify(body), {
    status: code,
    headers: { "content-type": "application/json", ...headers },
  });
}
