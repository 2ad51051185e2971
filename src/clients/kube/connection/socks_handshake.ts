/**
 * The server's part of a SOCKS 5 handshake with user name and password. Whoever cannot say both is
 * turned away before anything is carried. Layer: client of the API server.
 *
 * https://www.rfc-editor.org/rfc/rfc1928, https://www.rfc-editor.org/rfc/rfc1929
 */

import { timingSafeEqual } from "node:crypto";

/** What the handshake is held over. */
export interface SocksPeer {
  read(buffer: Uint8Array): Promise<number | null>;
  write(bytes: Uint8Array): Promise<number>;
}

/** Who may come in; each at most 255 bytes. */
export interface SocksAccount {
  readonly username: string;
  readonly password: string;
}

const VERSION = 5;
const AUTH_VERSION = 1;
const METHOD = { password: 2, none: 0xff };
const CONNECT = 1;
/** Bytes of an address by its type; a name says its own length. */
const ADDRESS_BYTES: Readonly<Record<number, number>> = { 1: 4, 4: 16 };
const NAME = 3;
const PORT_BYTES = 2;
const SUCCEEDED = new Uint8Array([VERSION, 0, 0, 1, 0, 0, 0, 0, 0, 0]);

/** Lets the peer in; where it wants to go is not asked. @throws Error for any other peer */
export async function acceptSocks(peer: SocksPeer, account: SocksAccount): Promise<void> {
  const [version = 0, count = 0] = await readExactly(peer, 2);
  const methods = await readExactly(peer, count);
  if (version !== VERSION || !methods.includes(METHOD.password)) {
    await writeAll(peer, new Uint8Array([VERSION, METHOD.none]));
    throw new Error("the tunnel was not asked for a log-in");
  }
  await writeAll(peer, new Uint8Array([VERSION, METHOD.password]));
  const said = await readAccount(peer);
  const right = isSame(said.username, account.username) && isSame(said.password, account.password);
  await writeAll(peer, new Uint8Array([AUTH_VERSION, right ? 0 : 1]));
  if (!right) throw new Error("another program asked the tunnel");
  await readDestination(peer);
  await writeAll(peer, SUCCEEDED);
}

async function readAccount(peer: SocksPeer) {
  const [, nameBytes = 0] = await readExactly(peer, 2);
  const username = await readExactly(peer, nameBytes);
  const [passwordBytes = 0] = await readExactly(peer, 1);
  return { username, password: await readExactly(peer, passwordBytes) };
}

async function readDestination(peer: SocksPeer): Promise<void> {
  const [version, command, , type = 0] = await readExactly(peer, 4);
  if (version !== VERSION || command !== CONNECT) throw new Error("the tunnel only connects");
  const length = type === NAME ? (await readExactly(peer, 1))[0] : ADDRESS_BYTES[type];
  if (length === undefined) throw new Error(`the tunnel knows no address of type ${type}`);
  await readExactly(peer, length + PORT_BYTES);
}

function isSame(said: Uint8Array, expected: string): boolean {
  const wanted = new TextEncoder().encode(expected);
  return said.length === wanted.length && timingSafeEqual(said, wanted);
}

async function readExactly(peer: SocksPeer, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let filled = 0; filled < length;) {
    const count = await peer.read(bytes.subarray(filled));
    if (count === null) throw new Error("the connection ended in the handshake");
    filled += count;
  }
  return bytes;
}

async function writeAll(peer: SocksPeer, bytes: Uint8Array): Promise<void> {
  for (let sent = 0; sent < bytes.length;) sent += await peer.write(bytes.subarray(sent));
}
