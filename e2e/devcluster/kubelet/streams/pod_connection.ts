/** Writing to and closing connections into pods, which may end at any time. */
import type { Connection } from "../runtime.ts";

/** Writes to a connection that others may write to as well. */
export async function writeTo(connection: Connection, bytes: Uint8Array): Promise<void> {
  const writer = connection.writable.getWriter();
  try {
    await writer.write(bytes);
  } finally {
    writer.releaseLock();
  }
}

/** Closes a connection that its peer may have closed. */
export function closeQuietly(connection: Connection): void {
  try {
    connection.close();
  } catch {
    // Closed already.
  }
}
