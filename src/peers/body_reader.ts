/**
 * Reads the bytes of an HTTP body through one small buffer. Asked without one, the platform takes a
 * fresh 64 KiB for each piece that arrives, of however few bytes: 16 MiB for an answer of 1 MiB.
 */

export interface BodyReader {
  /** The next bytes, good until the next call; undefined at the end. */
  read(): Promise<Uint8Array | undefined>;
  /** Wants no more; a read under way ends. */
  cancel(): void;
}

const BUFFER_BYTES = 16 * 1024;

/** Begins to read a body. */
export function openBody(body: ReadableStream<Uint8Array>): BodyReader {
  return bytesReader(body) ?? piecesReader(body);
}

/** Undefined where the stream does not fill buffers: one that a program made, not the network. */
function bytesReader(body: ReadableStream<Uint8Array>): BodyReader | undefined {
  const reader = byobReader(body);
  if (reader === undefined) return undefined;
  let buffer = new ArrayBuffer(BUFFER_BYTES);
  return {
    async read() {
      const { done, value } = await reader.read(new Uint8Array(buffer));
      if (done) return undefined;
      // The stream takes the buffer and gives it back as another object.
      buffer = value.buffer;
      return value;
    },
    cancel: () => void reader.cancel().catch(() => {}),
  };
}

function byobReader(
  body: ReadableStream<Uint8Array>,
): ReadableStreamBYOBReader | undefined {
  try {
    return body.getReader({ mode: "byob" });
  } catch (error) {
    if (error instanceof TypeError && !body.locked) return undefined;
    throw error;
  }
}

function piecesReader(body: ReadableStream<Uint8Array>): BodyReader {
  const reader = body.getReader();
  return {
    read: async () => (await reader.read()).value,
    cancel: () => void reader.cancel().catch(() => {}),
  };
}
