/** One route of the UI's JSON, and how its parts are read. */

import type { Asking } from "../context.ts";
import { UiError } from "../errors.ts";

/** What a route is asked with. */
export interface Asked {
  readonly values: Readonly<Record<string, string>>;
  readonly request: Request;
}

export interface Route {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** With placeholders as Hono writes them. */
  readonly path: string;
  readonly handle: (asking: Asking, asked: Asked) => Promise<Response>;
}

/** Namespace and name of a path. */
export function clusterOf({ values }: Asked): { namespace: string; name: string } {
  const { namespace = "", name = "" } = values;
  return { namespace, name };
}

/** A body that is an object. @throws UiError 400 */
export async function objectBody(request: Request): Promise<Record<string, unknown>> {
  let body: unknown;
  try {
    body = await request.json();
  } catch {
    throw new UiError("the body is no JSON", 400);
  }
  if (typeof body === "object" && body !== null && !Array.isArray(body)) {
    return body as Record<string, unknown>;
  }
  throw new UiError("the body must be an object", 400);
}

/** True where the address asks to try without storing. */
export function isTrial(request: Request): boolean {
  return new URL(request.url).searchParams.get("dryRun") === "All";
}
