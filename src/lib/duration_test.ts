import assert from "node:assert/strict";
import fc from "fast-check";
import { formatDuration, parseDuration } from "./duration.ts";

const PARSED: readonly [string, number | undefined][] = [
  ["30m", 1_800_000],
  ["5m", 300_000],
  ["1h15m30.5s", 4_530_500],
  ["1.5s", 1500],
  ["300ms", 300],
  ["2us", 0.002],
  ["2µs", 0.002],
  ["1ns", 0.000001],
  [".5s", 500],
  ["1.s", 1000],
  ["0", 0],
  ["+0", 0],
  ["-4s", -4000],
  ["+4s", 4000],
  ["", undefined],
  ["-", undefined],
  [".", undefined],
  [".s", undefined],
  ["30", undefined],
  ["30 m", undefined],
  ["30M", undefined],
  ["1d", undefined],
  ["m", undefined],
  ["1m2", undefined],
  ["--1s", undefined],
  ["3000000h", undefined],
  ["2500000h", 9e12],
];

Deno.test("parseDuration reads what Go reads", () => {
  for (const [text, want] of PARSED) assert.equal(parseDuration(text), want, JSON.stringify(text));
});

const FORMATTED: readonly [number, string][] = [
  [0, "0s"],
  [0.000001, "1ns"],
  [0.0015, "1.5µs"],
  [1.5, "1.5ms"],
  [300, "300ms"],
  [1500, "1.5s"],
  [90_000, "1m30s"],
  [300_000, "5m0s"],
  [3_600_000, "1h0m0s"],
  [-4000, "-4s"],
];

Deno.test("formatDuration prints like Go", () => {
  for (const [ms, want] of FORMATTED) assert.equal(formatDuration(ms), want);
});

Deno.test("a printed duration reads back as the same number of milliseconds", () => {
  fc.assert(fc.property(fc.integer({ min: -1e12, max: 1e12 }), (ms) => {
    const read = parseDuration(formatDuration(ms));
    assert.ok(read !== undefined && Math.abs(read - ms) < 0.01, `${ms} → ${read}`);
  }));
});
