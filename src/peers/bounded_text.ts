/**
 * Reads an HTTP answer of a peer that is not trusted to be brief: what goes over the limit is neither
 * kept nor waited for.
 */

import { openBody } from "./body_reader.ts";

export interface BoundedText {
  /** At most as many bytes as were allowed, as UTF-8. */
  readonly text: string;
  /** False where the peer had more to say. */
  readonly whole: boolean;
}

/** Reads a body up to `limitBytes`, and ends the connection where there is more. */
export async function readText(answer: Response, limitBytes: number): Promise<BoundedText> {
  if (answer.body === null) return { text: "", whole: true };
  const reader = openBody(answer.body);
  const decoder = new TextDecoder();
  const parts: string[] = [];
  let left = limitBytes;
  for (let bytes = await reader.read(); bytes !== undefined; bytes = await reader.read()) {
    if (bytes.length > left) {
      parts.push(decoder.decode(bytes.subarray(0, left)));
      reader.cancel();
      return { text: parts.join(""), whole: false };
    }
    left -= bytes.length;
    parts.push(decoder.decode(bytes, { stream: true }));
  }
  return { text: parts.join("") + decoder.decode(), whole: true };
}
