/** Which token a request brings. */

import assert from "node:assert/strict";
import { COOKIE, identityOf } from "./identity.ts";
import { parseNetwork } from "./networks.ts";
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

const PROXY = {
  signIn: "proxy",
  proxy: {
    networks: [parseNetwork("127.0.0.0/8")],
    secret: "right",
    userHeader: "x-user",
    groupsHeader: "x-groups",
  },
} as unknown as UiSettings;

const BEHIND: readonly (readonly [string, Record<string, string>, string, string | undefined])[] = [
  ["the right secret", { "x-proxy-secret": "right" }, "127.0.0.1", "anna"],
  ["another secret of that length", { "x-proxy-secret": "wrong" }, "127.0.0.1", undefined],
  ["the beginning of the secret", { "x-proxy-secret": "rig" }, "127.0.0.1", undefined],
  ["no secret", {}, "127.0.0.1", undefined],
  ["an address that is not listed", { "x-proxy-secret": "right" }, "192.0.2.1", undefined],
  [
    "a name of Kubernetes itself",
    { "x-proxy-secret": "right", "x-user": "system:admin" },
    "127.0.0.1",
    undefined,
  ],
];

for (const [given, more, address, user] of BEHIND) {
  Deno.test(`by a proxy: ${given}`, async () => {
    const headers = { "x-user": "anna", "x-groups": "dba, system:masters", ...more };
    const request = new Request("http://localhost/", { headers });
    const found = await identityOf(request, { address }, PROXY, () => Promise.resolve([]));
    const want = user === undefined ? undefined : { kind: "proxy", user, groups: ["dba"] };
    assert.deepEqual(found, want);
  });
}
