/** Base64 as Kubernetes uses it for the data of Secrets: of the bytes of UTF-8 text. */

/** Encodes text. */
export function encodeBase64(text: string): string {
  const bytes = new TextEncoder().encode(text);
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

const ASCII = /^[\0-\x7f]*$/;

/** Decodes to text; undefined where the input is no base64 or its bytes are no UTF-8. */
export function decodeBase64(encoded: string): string | undefined {
  try {
    const raw = atob(encoded);
    // Most texts are ASCII, whose bytes are its characters.
    if (ASCII.test(raw)) return raw;
    const bytes = Uint8Array.from(raw, (char) => char.charCodeAt(0));
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
