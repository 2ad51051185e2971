import assert from "node:assert/strict";
import { type Attempt, retryPauseMs } from "./retry.ts";

const first: Attempt = { method: "GET", status: 500, retryAfter: null, number: 1, random: 0 };

for (
  const [name, attempt, want] of [
    ["429 waits as long as the server asks", { status: 429, retryAfter: "3" }, 3000],
    ["429 without a header waits a second", { status: 429 }, 1000],
    ["429 is repeated for writes too", { method: "POST", status: 429, retryAfter: "1" }, 1000],
    ["429 spreads clients", { status: 429, retryAfter: "1", random: 1 }, 1200],
    ["429 gives up after ten attempts", { status: 429, number: 10 }, undefined],
    ["a very long Retry-After is cut", { status: 429, retryAfter: "3600" }, 30_000],
    ["503 with Retry-After is repeated for writes", {
      method: "PATCH",
      status: 503,
      retryAfter: "2",
    }, 2000],
    ["500 is repeated for reads", {}, 100],
    ["pauses grow", { number: 3 }, 400],
    ["reads give up after four attempts", { number: 4 }, undefined],
    ["500 is not repeated for writes", { method: "POST" }, undefined],
    ["no answer is repeated for reads", { status: 0 }, 100],
    ["no answer is not repeated for writes", { method: "DELETE", status: 0 }, undefined],
    ["403 is final", { status: 403 }, undefined],
    ["404 is final", { status: 404 }, undefined],
    ["409 is final", { method: "PUT", status: 409 }, undefined],
  ] as const satisfies readonly (readonly [string, Partial<Attempt>, number | undefined])[]
) {
  Deno.test(name, () => assert.equal(retryPauseMs({ ...first, ...attempt }), want));
}
