/** Requests to the server that sent the page; addresses are relative, so any sub-path will do. */

/** What the page is for; the server writes it into the page. */
export const MODE = document.querySelector<HTMLMetaElement>('meta[name="page-mode"]')?.content;

/** Where the answers in JSON are, seen from the page. */
export const BASE = MODE === "dashboard" ? "../" : "./";

/** A request that was refused or did not arrive. */
export class ApiError extends Error {
  constructor(message: string, readonly status: number) {
    super(message);
  }
}

/** Asks for JSON. @throws ApiError with the server's own words */
export async function ask<T>(path: string, init: RequestInit = {}): Promise<T> {
  let response: Response;
  try {
    response = await fetch(BASE + path, { ...init, headers: { ...init.headers } });
  } catch {
    throw new ApiError("the server cannot be reached", 0);
  }
  const text = await response.text();
  if (response.ok) return (text === "" ? null : JSON.parse(text)) as T;
  throw new ApiError(errorIn(text) ?? `the server answered ${response.status}`, response.status);
}

function errorIn(text: string): string | undefined {
  try {
    const { error } = JSON.parse(text) as { error?: unknown };
    return typeof error === "string" ? error : undefined;
  } catch {
    return undefined;
  }
}

/** One part of a path. */
export function part(text: string): string {
  return encodeURIComponent(text);
}
