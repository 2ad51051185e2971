/** How figures and times read. */

import assert from "node:assert/strict";
import { age, bytes, clock, count } from "./format.ts";

const NOW = Date.parse("2026-05-04T10:00:00Z");

for (
  const [given, wanted] of [
    [null, "–"],
    [0, "0 B"],
    [1023, "1023 B"],
    [1024, "1.0 KiB"],
    [157_286_400, "150 MiB"],
    [5 * 1024 ** 4, "5.0 TiB"],
    [9000 * 1024 ** 4, "9000 TiB"],
  ] as const
) {
  Deno.test(`${given} bytes read ${wanted}`, () => assert.equal(bytes(given), wanted));
}

for (
  const [seconds, wanted] of [
    [0, "0 s"],
    [-5, "0 s"],
    [89, "89 s"],
    [90, "2 min"],
    [3600, "60 min"],
    [86_400, "24 h"],
    [86_400 * 3, "3 d"],
  ] as const
) {
  Deno.test(`${seconds} seconds ago read ${wanted}`, () => {
    assert.equal(age(new Date(NOW - seconds * 1000).toISOString(), NOW), wanted);
  });
}

Deno.test("a time that is none reads as a dash", () => {
  assert.equal(age("", NOW), "–");
  assert.equal(clock("yesterday", NOW), "–");
});

Deno.test("a time of another day has its date", () => {
  assert.match(clock("2026-05-04T10:00:00Z", NOW), /^\d\d:\d\d:\d\d$/);
  assert.match(clock("2026-05-01T10:00:00Z", NOW), /^2026-0[45]-\d\d \d\d:\d\d:\d\d$/);
});

Deno.test("one of a thing has no plural", () => {
  assert.equal(count(1, "cluster"), "1 cluster");
  assert.equal(count(1000, "cluster"), "1,000 clusters");
});
