/** Requests to the server that sent the page; addresses are relative, so any sub-path will do. */

/** What the page is for; the server writes it into the page. */
export const MODE = document.querySelector<HTMLMetaElement>('meta[name="page-mode"]')?.content;

/** Where the answers in JSON are, seen from the page. */
export const BASE = MODE === "dashboard" ? "../" : "./";

/** What is wrong with one field, in the words of whoever refused it. */
export interface FieldProblem {
  readonly path: string;
  readonly message: string;
}

/** A request that was refused or did not arrive. */
export class ApiError extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly fields: readonly FieldProblem[] = [],
  ) {
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
  const { error, fields } = refusalIn(text);
  throw new ApiError(
    error ?? `the server answered ${response.status}`,
    response.status,
    fields,
  );
}

function refusalIn(text: string): { error?: string; fields: FieldProblem[] } {
  try {
    const { error, fields } = JSON.parse(text) as { error?: unknown; fields?: unknown };
    return {
      ...(typeof error === "string" ? { error } : {}),
      fields: Array.isArray(fields) ? fields as FieldProblem[] : [],
    };
  } catch {
    return { fields: [] };
  }
}

/** One part of a path. */
export function part(text: string): string {
  return encodeURIComponent(text);
}
