/** A two-way channel of bytes, whatever carries them (dev cluster, kubelet layer). */
import type { Duplex } from "node:stream";
import { drained } from "./upgrade.ts";

/** Bytes to and from a peer. Listeners are set before anything arrives. */
export interface ByteChannel {
  send(bytes: Uint8Array<ArrayBuffer>): void;
  /** Resolves when most of what was sent has gone, or the peer has. */
  drained(): Promise<void>;
  onBytes(listener: (bytes: Uint8Array) => void): void;
  /** Called once, however it ends. */
  onClose(listener: () => void): void;
  close(): void;
}

/** Binary messages of a WebSocket, taken as one stream of bytes. */
export function webSocketChannel(socket: WebSocket): ByteChannel {
  return {
    send(bytes) {
      if (socket.readyState === WebSocket.OPEN) socket.send(bytes);
    },
    drained: () => drained(socket),
    onBytes(listener) {
      socket.onmessage = ({ data }) => listener(new Uint8Array(data as ArrayBuffer));
    },
    onClose(listener) {
      socket.onclose = listener;
    },
    close: () => socket.close(),
  };
}

/** A connection that was upgraded to another protocol. */
export function duplexChannel(stream: Duplex): ByteChannel {
  stream.on("error", () => stream.destroy());
  return {
    send(bytes) {
      if (stream.writable) stream.write(bytes);
    },
    async drained() {
      if (!stream.writable || !stream.writableNeedDrain) return;
      await new Promise<void>((resolve) => {
        const settle = () => {
          stream.off("drain", settle);
          stream.off("close", settle);
          resolve();
        };
        stream.on("drain", settle);
        stream.on("close", settle);
      });
    },
    onBytes(listener) {
      stream.on("data", (bytes: Uint8Array) => listener(bytes));
    },
    onClose(listener) {
      stream.once("close", listener);
    },
    close: () => void stream.end(),
  };
}
