/** The dashboard's files, without a socket. */

import assert from "node:assert/strict";
import { dashboardRoutes } from "./dashboard.ts";
import { Hono } from "hono";

function app() {
  return new Hono({ strict: false }).route("/ui", dashboardRoutes(() => undefined));
}

Deno.test("every file of the page is there, with its type and rules for the browser", async () => {
  for (
    const [path, type] of [
      ["/ui/", "text/html; charset=utf-8"],
      ["/ui/app.js", "text/javascript; charset=utf-8"],
      ["/ui/app.css", "text/css; charset=utf-8"],
      ["/ui/icon.svg", "image/svg+xml"],
    ]
  ) {
    const response = await app().request(path!);
    assert.equal(response.status, 200, path);
    assert.equal(response.headers.get("content-type"), type);
    const policy = response.headers.get("content-security-policy") ?? "";
    assert.match(policy, /default-src 'none'/);
    assert.doesNotMatch(policy, /unsafe|\*|https?:/);
    assert.equal(response.headers.get("x-content-type-options"), "nosniff");
    assert.ok((await response.text()).length > 100, path);
  }
});

Deno.test("the page has no script or style in it and names its files by relative addresses", async () => {
  const text = await (await app().request("/ui/")).text();
  assert.match(text, /<meta name="page-mode" content="dashboard">/);
  assert.doesNotMatch(text, /<style|style=|<script(?![^>]*src=)|\son\w+=/);
  const addresses = [...text.matchAll(/(?:src|href)="([^"]*)"/g)].map((match) => match[1]);
  assert.deepEqual(addresses, ["icon.svg", "app.css", "app.js"]);
});

Deno.test("an address without the slash at its end leads to the one with it, by a relative path", async () => {
  const response = await app().request("/ui");
  assert.equal(response.status, 302);
  assert.equal(response.headers.get("location"), "ui/");
});

Deno.test("a file is sent packed where the browser can unpack it, and not again when it has it", async () => {
  const headers = { "accept-encoding": "gzip, br" };
  const response = await app().request("/ui/app.js", { headers });
  assert.equal(response.headers.get("content-encoding"), "gzip");
  const bytes = new Uint8Array(await response.arrayBuffer());
  assert.deepEqual([...bytes.slice(0, 2)], [0x1f, 0x8b]);
  const again = await app().request("/ui/app.js", {
    headers: { "if-none-match": response.headers.get("etag") ?? "" },
  });
  assert.equal(again.status, 304);
});

for (const path of ["/ui/constructor", "/ui/..%2fconfig", "/ui/app.js.map", "/ui/assets.gen.ts"]) {
  Deno.test(`there is no ${path}`, async () => {
    assert.equal((await app().request(path)).status, 404);
  });
}

Deno.test("HEAD opens no stream", async () => {
  const response = await app().request("/ui/live", { method: "HEAD" });
  assert.equal(response.status, 200);
  assert.equal(response.body, null);
});
