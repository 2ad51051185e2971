/** Which requests may change something, by what the browser says of them. */

import assert from "node:assert/strict";
import { crossSiteFault } from "./cross_site.ts";

const JSON_TYPE = { "content-type": "application/json" };

function fault(method: string, headers: Record<string, string>): string | undefined {
  const all = { host: "ui.example.org", ...headers };
  return crossSiteFault(
    new Request("http://ui.example.org/create-cluster", { method, headers: all }),
  );
}

const GOOD: readonly [string, Record<string, string>][] = [
  ["GET", { "sec-fetch-site": "cross-site" }],
  ["POST", { ...JSON_TYPE, "sec-fetch-site": "same-origin" }],
  ["POST", { ...JSON_TYPE, origin: "http://ui.example.org" }],
  ["POST", {
    ...JSON_TYPE,
    origin: "https://pg.example.org",
    "x-forwarded-host": "pg.example.org",
  }],
  ["POST", { "content-type": "application/json; charset=utf-8" }],
  ["DELETE", {}],
];

const BAD: readonly [string, Record<string, string>][] = [
  ["POST", {}],
  ["POST", { "content-type": "text/plain" }],
  ["POST", { "content-type": "application/x-www-form-urlencoded" }],
  ["POST", { ...JSON_TYPE, "sec-fetch-site": "cross-site" }],
  ["POST", { ...JSON_TYPE, "sec-fetch-site": "same-site" }],
  ["POST", { ...JSON_TYPE, origin: "http://evil.example.org" }],
  ["POST", { ...JSON_TYPE, origin: "http://ui.example.org.evil.org" }],
  ["POST", { ...JSON_TYPE, origin: "http://ui.example.org:81" }],
  ["POST", { ...JSON_TYPE, origin: "null" }],
  ["DELETE", { origin: "http://evil.example.org" }],
  ["PATCH", { ...JSON_TYPE, "sec-fetch-site": "cross-site" }],
];

for (const [method, headers] of GOOD) {
  Deno.test(`${method} with ${JSON.stringify(headers)} may go on`, () => {
    assert.equal(fault(method, headers), undefined);
  });
}

for (const [method, headers] of BAD) {
  Deno.test(`${method} with ${JSON.stringify(headers)} is refused`, () => {
    assert.equal(typeof fault(method, headers), "string");
  });
}
