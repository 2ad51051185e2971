/**
 * Bodies that arrive at once. Deno.serve writes the head of an answer and a body of more than 256
 * bytes apart, and without TCP_NODELAY the second write waits for the client's delayed
 * acknowledgement: 44 ms for each object over HTTP/2. Pieces below that size go out together
 * with the head.
 */

const PIECE = 250;
/** Above this the pieces cost more than the wait. */
const LIMIT = 256 * 1024;

/** Puts bytes into a stream in pieces. */
export function enqueuePieces(
  controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>,
  bytes: Uint8Array<ArrayBuffer>,
): void {
  const size = bytes.length > LIMIT ? bytes.length : PIECE;
  for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.subarray(at, at + size));
}

/** A text as a body that arrives at once. */
export function promptBody(text: string): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    start(controller) {
      enqueuePieces(controller, new TextEncoder().encode(text));
      controller.close();
    },
  });
}
