/** What a server may say before the driver sees it. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { createGuard } from "./socket.ts";

function message(type: string, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(5 + body.length);
  bytes[0] = type.charCodeAt(0);
  new DataView(bytes.buffer).setUint32(1, 4 + body.length);
  bytes.set(body, 5);
  return bytes;
}

function login(code: number, text: string): Uint8Array {
  return message("R", new Uint8Array([0, 0, 0, code, ...new TextEncoder().encode(text)]));
}

const OK = message("R", new Uint8Array([0, 0, 0, 0]));
const ROW = message("D", new Uint8Array(100));

const LOGINS: readonly [string, string | undefined][] = [
  ["r=nonce,s=c2FsdA==,i=4096", undefined],
  ["r=nonce,s=c2FsdA==,i=100000", undefined],
  ["r=nonce,s=c2FsdA==,i=100001", "iterations"],
  ["r=nonce,s=c2FsdA==,i=4294967295", "iterations"],
  ["r=nonce,s=c2FsdA==,i=4096,i=999999999", "iterations"],
  ["r=nonce,s=c2FsdA==,i=1e9", undefined],
  ["r=nonce,s=c2FsdA==", "iterations"],
  ["r=nonce,s=c2FsdA==,i=-1", "iterations"],
];

for (const [text, problem] of LOGINS) {
  Deno.test(`a login with ${text} is ${problem === undefined ? "let through" : "ended"}`, () => {
    const found = createGuard(1_000_000)(login(11, text));
    assert.equal(found?.includes(problem ?? "") ?? false, problem !== undefined);
  });
}

Deno.test("the same is found however the bytes are cut", () => {
  const bytes = new Uint8Array([
    ...login(10, "SCRAM-SHA-256"),
    ...login(11, "r=a,s=b,i=9999999"),
    ...OK,
  ]);
  fc.assert(fc.property(fc.integer({ min: 1, max: bytes.length }), (size) => {
    const look = createGuard(1_000_000);
    const found: (string | undefined)[] = [];
    for (let at = 0; at < bytes.length; at += size) found.push(look(bytes.subarray(at, at + size)));
    assert.ok(found.some((problem) => problem?.includes("iterations")));
  }));
});

Deno.test("a server that sends too much is ended: bytes, messages, and a length that cannot be", () => {
  assert.match(
    createGuard(1000)(new Uint8Array([...OK, ...message("D", new Uint8Array(996))])) ?? "",
    /bytes/,
  );
  const look = createGuard(1e9);
  let problem: string | undefined;
  const many = new Uint8Array(Array.from({ length: 1000 }, () => [...ROW]).flat());
  for (let turn = 0; turn < 101 && problem === undefined; turn++) problem = look(many);
  assert.match(problem ?? "", /more than 100000 messages/);
  assert.match(createGuard(1e9)(new Uint8Array([68, 255, 255, 255, 255, 0])) ?? "", /length/);
  assert.match(createGuard(1e9)(new Uint8Array([68, 0, 0, 0, 0, 0])) ?? "", /length/);
});

Deno.test("an ordinary answer is let through whole", () => {
  const look = createGuard(1_000_000);
  for (const bytes of [login(10, "SCRAM-SHA-256"), login(11, "r=a,s=b,i=4096"), OK, ROW, ROW]) {
    assert.equal(look(bytes), undefined);
  }
});
