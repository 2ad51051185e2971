/**
 * The connection under a SQL session, with limits: who writes a manifest chooses the image, and with
 * it what answers here. The driver would take in whatever comes, and derive a key with as many
 * iterations as the server asks for, which holds up everything else. So TLS is begun here, and what
 * the server says is looked at before the driver sees it.
 *
 * https://www.postgresql.org/docs/current/protocol-flow.html, protocol-message-formats.html
 */

import type { Buffer } from "node:buffer";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";

export interface SocketLimits {
  readonly connectTimeoutMs: number;
  /** Bytes that one connection takes from the server. */
  readonly maxBytes: number;
}

/** Told when the certificate ends that a server has shown. */
export type CertificateSeen = (until: Date) => void;

/** Iterations that a server may ask for when somebody logs in: some tens of milliseconds. */
export const MOST_LOGIN_ITERATIONS = 100_000;
/** Messages that one connection takes; each of our statements is answered by one row. */
const MOST_MESSAGES = 100_000;

const SSL_REQUEST = new Uint8Array([0, 0, 0, 8, 4, 210, 22, 47]);
const YES = "S".charCodeAt(0);
const AUTHENTICATION = "R".charCodeAt(0);
const SASL_CONTINUE = 11;
const HEAD_BYTES = 5;

/** Connects over TLS, whose certificate is not checked. @throws Error in the system's words */
export async function openSocket(
  { host, port }: { readonly host: string; readonly port: number },
  limits: SocketLimits,
  certificateSeen: CertificateSeen = () => {},
): Promise<TLSSocket> {
  const plain = connectTcp({ host, port });
  plain.on("error", () => {});
  const timer = setTimeout(
    () => plain.destroy(new Error(`no connection within ${limits.connectTimeoutMs / 1000} s`)),
    limits.connectTimeoutMs,
  );
  try {
    await happened(plain, "connect");
    plain.write(SSL_REQUEST);
    const [answer] = await happened(plain, "data") as [Buffer];
    // More than the one byte would be taken for a part of what is encrypted.
    if (answer.length !== 1 || answer[0] !== YES) throw new Error("the server does not speak TLS");
    plain.removeAllListeners("data");
    const name = isIP(host) === 0 ? { servername: host } : {};
    const socket = connectTls({ socket: plain, rejectUnauthorized: false, ...name });
    await happened(socket, "secureConnect");
    const until = new Date(socket.getPeerCertificate().valid_to);
    if (!Number.isNaN(until.getTime())) certificateSeen(until);
    return guarded(socket, limits);
  } catch (error) {
    plain.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** Waits for an event; an error or the end of the connection comes first, or never. */
function happened(socket: Socket, event: string): Promise<unknown[]> {
  return new Promise((resolve, reject) => {
    const done = (settle: () => void) => {
      socket.off(event, onEvent).off("error", onError).off("close", onClose);
      settle();
    };
    const onEvent = (...values: unknown[]) => done(() => resolve(values));
    const onError = (error: Error) => done(() => reject(error));
    const onClose = () => done(() => reject(new Error("the server closed the connection")));
    socket.on(event, onEvent).on("error", onError).on("close", onClose);
  });
}

/** A connection that ends when the server says too much, or what would hold up everything else. */
function guarded(socket: TLSSocket, { maxBytes }: SocketLimits): TLSSocket {
  const look = createGuard(maxBytes);
  const emit = socket.emit.bind(socket) as (event: string, ...values: unknown[]) => boolean;
  let refused = false;
  socket.emit = (event: string | symbol, ...values: unknown[]): boolean => {
    if (event !== "data") return emit(event as string, ...values);
    const problem = refused ? undefined : look(values[0] as Uint8Array);
    if (problem !== undefined) {
      refused = true;
      socket.destroy(new Error(problem));
    }
    return refused || emit(event, ...values);
  };
  return socket;
}

/** Looks at the bytes of a server one after the other; says what is wrong with them. */
export function createGuard(maxBytes: number): (chunk: Uint8Array) => string | undefined {
  let [bytes, messages] = [0, 0];
  /** Of the message that is under way: its beginning, and how much of it is still to come. */
  let head: number[] = [];
  let rest = 0;
  let login: number[] | undefined;
  /** One message's end; undefined where all is well. */
  const ended = (): string | undefined => {
    const problem = login && problemOfLogin(login);
    login = undefined;
    return problem;
  };
  return (chunk) => {
    bytes += chunk.length;
    if (bytes > maxBytes) return `the server sent more than ${maxBytes} bytes`;
    for (let at = 0; at < chunk.length;) {
      if (rest === 0) {
        head.push(chunk[at++] ?? 0);
        if (head.length < HEAD_BYTES) continue;
        rest = lengthOf(head) - 4;
        login = head[0] === AUTHENTICATION ? [] : undefined;
        head = [];
        if (rest < 0 || rest > maxBytes) return "the server sent a message of an impossible length";
        if (++messages > MOST_MESSAGES) {
          return `the server sent more than ${MOST_MESSAGES} messages`;
        }
      } else {
        const part = chunk.subarray(at, at + rest);
        login?.push(...part.subarray(0, LOGIN_BYTES - login.length));
        at += part.length;
        rest -= part.length;
      }
      if (rest === 0 && head.length === 0) {
        const problem = ended();
        if (problem !== undefined) return problem;
      }
    }
    return undefined;
  };
}

/** More than any step of a login has. */
const LOGIN_BYTES = 1024;

function lengthOf(head: readonly number[]): number {
  const [, a = 0, b = 0, c = 0, d = 0] = head;
  return a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d;
}

/** RFC 5802: `r=…,s=…,i=4096`. */
function problemOfLogin(body: readonly number[]): string | undefined {
  if (lengthOf([0, ...body.slice(0, 4)]) !== SASL_CONTINUE) return undefined;
  const text = String.fromCharCode(...body.slice(4));
  const given = text.split(",").filter((part) => part.startsWith("i="));
  const asked = given.map((part) => Number.parseInt(part.slice(2)));
  if (asked.length > 0 && asked.every((count) => count > 0 && count <= MOST_LOGIN_ITERATIONS)) {
    return undefined;
  }
  return `the server asks for more than ${MOST_LOGIN_ITERATIONS} iterations to log in`;
}
