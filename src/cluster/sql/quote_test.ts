import assert from "node:assert/strict";
import fc from "fast-check";
import { identifier, identifiers, literal, nameProblem, textArray } from "./quote.ts";

/** Reads a quoted name as PostgreSQL's lexer does; undefined where it does not end with the text. */
function readIdentifier(text: string): string | undefined {
  const match = /^"((?:[^"]|"")*)"$/s.exec(text);
  return match?.[1]?.replaceAll('""', '"');
}

/** Reads a string constant under either value of standard_conforming_strings. */
function readLiteral(text: string, conforming: boolean): string | undefined {
  const escapes = text.startsWith("E") || !conforming;
  const body = text.replace(/^E/, "");
  const pattern = escapes ? /^'((?:[^'\\]|''|\\.)*)'$/s : /^'((?:[^']|'')*)'$/s;
  const inner = pattern.exec(body)?.[1]?.replaceAll("''", "'");
  return escapes ? inner?.replace(/\\(.)/gs, "$1") : inner;
}

const text = fc.string({ unit: "grapheme", maxLength: 60 }).filter((value) =>
  !value.includes("\0") && value.isWellFormed()
);
const hostile = fc.oneof(text, fc.string({ unit: fc.constantFrom(..."'\"\\$;-- E\n") }));

Deno.test("a quoted name reads as the name, whatever it holds", () => {
  fc.assert(fc.property(hostile, (name) => {
    if (nameProblem(name) !== undefined) assert.throws(() => identifier(name), RangeError);
    else assert.equal(readIdentifier(identifier(name)), name);
  }));
});

Deno.test("a string constant reads as the text under either setting of the server", () => {
  fc.assert(fc.property(hostile, (value) => {
    assert.equal(readLiteral(literal(value), true), value);
    assert.equal(readLiteral(literal(value), false), value);
  }));
});

const PROBLEMS: readonly [string, string | undefined][] = [
  ["app", undefined],
  ["", "it is empty"],
  ["a\0b", "it contains a zero byte"],
  ["\ud800", "it is no valid Unicode text"],
  ["x".repeat(63), undefined],
  ["x".repeat(64), "it has 64 bytes, more than 63"],
  ["ä".repeat(31), undefined],
  ["ä".repeat(32), "it has 64 bytes, more than 63"],
];

for (const [name, want] of PROBLEMS) {
  Deno.test(`nameProblem of ${JSON.stringify(name)} is ${want}`, () => {
    assert.equal(nameProblem(name), want);
  });
}

Deno.test("lists of names and texts are separated by commas", () => {
  assert.equal(identifiers(["a", 'b"c']), '"a", "b""c"');
  assert.equal(textArray(["a", "b'c", "d\\"]), "ARRAY['a', 'b''c', E'd\\\\']::pg_catalog.text[]");
});
