import assert from "node:assert/strict";
import { acceptSocks, type SocksPeer } from "./socks_handshake.ts";

const ACCOUNT = { username: "tunnel", password: "secret" };

/** A peer that says these bytes, some at a time, and keeps what it is told. */
function peerOf(said: number[], atOnce = said.length): SocksPeer & { readonly told: number[] } {
  const told: number[] = [];
  let position = 0;
  return {
    told,
    read(buffer) {
      const bytes = said.slice(position, position + Math.min(atOnce, buffer.length));
      buffer.set(bytes);
      position += bytes.length;
      return Promise.resolve(bytes.length === 0 ? null : bytes.length);
    },
    write(bytes) {
      told.push(...bytes);
      return Promise.resolve(bytes.length);
    },
  };
}

function text(value: string): number[] {
  return [value.length, ...new TextEncoder().encode(value)];
}

const GREETING = [5, 2, 0, 2];
const LOG_IN = [1, ...text("tunnel"), ...text("secret")];
const TO_NAME = [5, 1, 0, 3, ...text("kubernetes.default"), 25, 43];
const TO_IPV4 = [5, 1, 0, 1, 127, 0, 0, 1, 25, 43];
const TO_IPV6 = [5, 1, 0, 4, ...Array(15).fill(0), 1, 25, 43];
const WELCOME = [5, 2, 1, 0, 5, 0, 0, 1, 0, 0, 0, 0, 0, 0];

for (const [name, to] of [["name", TO_NAME], ["IPv4", TO_IPV4], ["IPv6", TO_IPV6]] as const) {
  for (const atOnce of [1, 3, 100]) {
    Deno.test(`who logs in is let in, by ${name}, ${atOnce} bytes at a time`, async () => {
      const peer = peerOf([...GREETING, ...LOG_IN, ...to], atOnce);
      await acceptSocks(peer, ACCOUNT);
      assert.deepEqual(peer.told, WELCOME);
    });
  }
}

for (
  const [name, said, told] of [
    ["no log-in", [5, 1, 0], [5, 0xff]],
    ["HTTP", [...new TextEncoder().encode("GET / HTTP/1.1\r\n".repeat(9))], [5, 0xff]],
    ["another password", [...GREETING, 1, ...text("tunnel"), ...text("secreT")], [5, 2, 1, 1]],
    ["another user", [...GREETING, 1, ...text("root"), ...text("secret")], [5, 2, 1, 1]],
    ["an empty password", [...GREETING, 1, ...text("tunnel"), 0], [5, 2, 1, 1]],
    ["a bind", [...GREETING, ...LOG_IN, 5, 2, 0, 1, 0, 0, 0, 0, 0, 0], [5, 2, 1, 0]],
    ["an unknown address", [...GREETING, ...LOG_IN, 5, 1, 0, 9], [5, 2, 1, 0]],
    ["half a greeting", [5], []],
    ["half a password", [...GREETING, 1, ...text("tunnel"), 6, 115], [5, 2]],
  ] as [string, number[], number[]][]
) {
  Deno.test(`who comes with ${name} is turned away`, async () => {
    const peer = peerOf(said);
    await assert.rejects(acceptSocks(peer, ACCOUNT));
    assert.deepEqual(peer.told, told);
  });
}
