/** Which token a request brings. */

import assert from "node:assert/strict";
import { COOKIE, identityOf } from "./identity.ts";
import type { UiSettings } from "./settings.ts";

const SETTINGS = { signIn: "token" } as UiSettings;

const ROWS: readonly (readonly [string, Record<string, string>, string | undefined])[] = [
  ["no header", {}, undefined],
  ["a bearer token", { authorization: "Bearer a.b-c" }, "a.b-c"],
  ["a cookie", { cookie: `x=1; ${COOKIE}=a.b-c; y=2` }, "a.b-c"],
  ["a cookie with padding", { cookie: `${COOKIE}=YWI==` }, "YWI=="],
  ["a cookie with a broken escape", { cookie: `${COOKIE}=%E0%A4%A` }, undefined],
  ["a cookie that is no token", { cookie: `${COOKIE}=a%20b` }, undefined],
  ["a cookie of another name", { cookie: `x${COOKIE}=a.b-c` }, undefined],
  [
    "a bearer token before a cookie",
    { authorization: "Bearer one", cookie: `${COOKIE}=two` },
    "one",
  ],
];

for (const [given, headers, token] of ROWS) {
  Deno.test(`by the own token: ${given}`, async () => {
    const request = new Request("http://localhost/", { headers });
    const none = () => Promise.resolve([]);
    const found = await identityOf(request, { address: "127.0.0.1" }, SETTINGS, none);
    assert.deepEqual(found, token === undefined ? undefined : { kind: "token", token });
  });
}
