/** The token of a workload of Google Cloud, from where Google's own clients look for it. */

import { readText } from "../../peers/bounded_text.ts";
import { PortError } from "../../ports/errors.ts";

/** What the token is asked with. */
export interface TokenSources {
  readonly send: typeof fetch;
  readonly now: () => number;
}

const TIMEOUT_MS = 10_000;
/** Credentials that end are exchanged so long before. */
const EARLY_MS = 5 * 60_000;

const METADATA =
  "http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/token";

/** The token of the machine's or workload's service account. */
export function googleToken({ send, now }: TokenSources): () => Promise<string> {
  return kept(now, async () => {
    const answer = await send(METADATA, {
      headers: { "metadata-flavor": "Google" },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).catch(() => undefined);
    const body = answer?.ok ? (await readText(answer, 64 * 1024)).text : "";
    const { access_token: value, expires_in: seconds } = parsed(body);
    if (typeof value !== "string") {
      throw new PortError(
        "the metadata server of Google Cloud gives no token for the bucket",
        "unavailable",
      );
    }
    return { value, endsMs: now() + Number(seconds ?? 0) * 1000 };
  });
}

function parsed(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}

/** Keeps what has an end until shortly before it. */
function kept<T>(
  now: () => number,
  ask: () => Promise<{ readonly value: T; readonly endsMs: number }>,
): () => Promise<T> {
  let known: { readonly value: T; readonly endsMs: number } | undefined;
  return async () => {
    if (known === undefined || !(known.endsMs - now() > EARLY_MS)) known = await ask();
    return known.value;
  };
}
