/**
 * Asks the operator's debug API. What it answers is not trusted to be brief or quick; a missing
 * operator is said so, and the pages show what Kubernetes alone knows.
 */

import { readText } from "../../peers/bounded_text.ts";
import { kindOfStatus, PortError } from "../../ports/errors.ts";

const TIMEOUT_MS = 10_000;
const MOST_BYTES = 32 * 1024 * 1024;

export interface OperatorClient {
  /** The JSON of a page. @throws PortError `not found` as the operator says, `unavailable` where it cannot be asked */
  get(path: string): Promise<unknown>;
  post(path: string, body: unknown): Promise<unknown>;
}

/** Makes the client of the operator at an address such as `http://postgres-operator`. */
export function createOperatorClient(url: string, send: typeof fetch = fetch): OperatorClient {
  const ask = async (path: string, init: RequestInit) => {
    let answer: Response;
    try {
      answer = await send(url + path, {
        ...init,
        redirect: "error",
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
    } catch {
      throw new PortError(
        `the operator cannot be asked at ${url} (OPERATOR_API_URL)`,
        "unavailable",
      );
    }
    const { text, whole } = await readText(answer, MOST_BYTES);
    if (!whole) throw new PortError(`the operator's answer to ${path} is too long`, "too large");
    const value = parsed(text);
    if (answer.ok) return value;
    const why = (value as { error?: unknown } | undefined)?.error;
    const sentence = typeof why === "string" ? why : `the operator answered ${answer.status}`;
    throw new PortError(sentence, kindOfStatus(answer.status));
  };
  return {
    get: (path) => ask(path, {}),
    post: (path, body) =>
      ask(path, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      }),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** One part of a path. */
export function part(text: string): string {
  return encodeURIComponent(text);
}
