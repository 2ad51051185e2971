import assert from "node:assert/strict";
import { newPassword } from "./passwords.ts";

Deno.test("a password has 64 letters and digits, and each is another one", () => {
  const made = Array.from({ length: 200 }, () => newPassword().reveal());
  for (const password of made) assert.match(password, /^[A-Za-z0-9]{64}$/);
  assert.equal(new Set(made).size, made.length);
});

/** Bytes of a generator that gives the same ones at every run. */
function repeatable(): (into: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer> {
  let state = 0x2545f491;
  return (into) =>
    into.map(() => {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      return state >>> 24;
    });
}

Deno.test("no letter is likelier than another: bytes beyond a whole alphabet are thrown away", () => {
  const counts = new Map<string, number>();
  const random = repeatable();
  for (let made = 0; made < 4000; made++) {
    for (const letter of newPassword(random).reveal()) {
      counts.set(letter, (counts.get(letter) ?? 0) + 1);
    }
  }
  assert.equal(counts.size, 62);
  // Were they kept, eight letters would come a quarter more often than the others.
  const [least, most] = [Math.min(...counts.values()), Math.max(...counts.values())];
  assert.ok(most / least < 1.15, `${least} to ${most}`);
});
