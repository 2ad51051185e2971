/** Addresses in networks. */

import assert from "node:assert/strict";
import { isIn, parseNetwork } from "./networks.ts";

const CASES: readonly [string, string, boolean][] = [
  ["10.0.0.0/8", "10.255.0.1", true],
  ["10.0.0.0/8", "11.0.0.1", false],
  ["10.1.2.3", "10.1.2.3", true],
  ["10.1.2.3", "10.1.2.4", false],
  ["10.0.0.0/8", "::ffff:10.1.2.3", true],
  ["0.0.0.0/0", "192.0.2.1", true],
  ["0.0.0.0/0", "2001:db8::1", false],
  ["fd00::/8", "fd12:3456::1", true],
  ["fd00::/8", "fe80::1", false],
  ["::1", "::1", true],
  ["2001:db8::/32", "2001:db8:0:0:0:0:0:1", true],
  ["10.0.0.0/8", "", false],
  ["10.0.0.0/8", "10.1.2", false],
];

for (const [network, address, wanted] of CASES) {
  Deno.test(`${address || "nothing"} is ${wanted ? "" : "not "}in ${network}`, () => {
    assert.equal(isIn([parseNetwork(network)!], address), wanted);
  });
}

for (
  const text of [
    "",
    "10.0.0.0/33",
    "10.0.0",
    "256.0.0.1",
    "fd00::/129",
    "1::2::3",
    "x",
    "10.0.0.0/",
  ]
) {
  Deno.test(`${JSON.stringify(text)} is no network`, () => {
    assert.equal(parseNetwork(text), undefined);
  });
}

Deno.test("nobody is in no network", () => assert.equal(isIn([], "127.0.0.1"), false));
