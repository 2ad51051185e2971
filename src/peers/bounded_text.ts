/**
 * Reads an HTTP answer of a peer that is not trusted to be brief: what goes over the limit is neither
 * kept nor waited for.
 */

export interface BoundedText {
  /** At most as many bytes as were allowed, as UTF-8. */
  readonly text: string;
  /** False where the peer had more to say. */
  readonly whole: boolean;
}

/** Reads a body up to `limitBytes`, and ends the connection where there is more. */
export async function readText(answer: Response, limitBytes: number): Promise<BoundedText> {
  if (answer.body === null) return { text: "", whole: true };
  const reader = answer.body.getReader();
  const decoder = new TextDecoder();
  const parts: string[] = [];
  let left = limitBytes;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return { text: parts.join("") + decoder.decode(), whole: true };
    if (value.length > left) {
      parts.push(decoder.decode(value.subarray(0, left)));
      reader.cancel().catch(() => {});
      return { text: parts.join(""), whole: false };
    }
    left -= value.length;
    parts.push(decoder.decode(value, { stream: true }));
  }
}
