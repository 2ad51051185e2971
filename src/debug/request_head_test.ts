import assert from "node:assert/strict";
import { type HostRule, parseHead } from "./request_head.ts";

function show(head: string, hosts: HostRule = "any"): string {
  const parsed = parseHead(head.replaceAll("\n", "\r\n"), hosts);
  return parsed instanceof Request ? `${parsed.method} ${parsed.url}` : String(parsed.status);
}

for (
  const [head, want] of [
    ["GET /status HTTP/1.1\nHost: a:8080", "GET http://a:8080/status"],
    ["HEAD /status?x=1 HTTP/1.0", "HEAD http://localhost/status?x=1"],
    ["POST /status HTTP/1.1\nhost: a\nContent-Length: 0", "POST http://a/status"],
    ["GET http://other/status HTTP/1.1\nHost: a", "GET http://a/status"],
    ["GET / HTTP/1.1\nHost: not a host", "GET http://localhost/"],
    ["GET /a b HTTP/1.1\nHost: a", "400"],
    ["GET / HTTP/2\nHost: a", "400"],
    ["", "400"],
    ["TRACE / HTTP/1.1\nHost: a", "400"],
    ["GET / HTTP/1.1\nHost : a", "400"],
    ["GET / HTTP/1.1\n folded: a", "400"],
    ["POST / HTTP/1.1\nHost: a\nContent-Length: 5", "POST http://a/"],
    ["POST / HTTP/1.1\nHost: a\nContent-Length: 50000", "413"],
    ["POST / HTTP/1.1\nHost: a\nContent-Length: -5", "413"],
    [
      "POST /clusters/a/b/plan HTTP/1.1\nHost: a\nContent-Length: 262144",
      "POST http://a/clusters/a/b/plan",
    ],
    ["POST /clusters/a/b/plan HTTP/1.1\nHost: a\nContent-Length: 262145", "413"],
    ["PUT /clusters/a/b/plan HTTP/1.1\nHost: a\nContent-Length: 50000", "413"],
    ["POST / HTTP/1.1\nHost: a\nContent-Length: 5, 5", "413"],
    ["POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked", "413"],
  ] as const
) {
  Deno.test(`the head ${JSON.stringify(head)} gives ${want}`, () => {
    assert.equal(show(head), want);
  });
}

for (
  const [host, answered] of [
    ["localhost", true],
    ["localhost:8080", true],
    ["LOCALHOST:8080", true],
    ["127.0.0.1:8080", true],
    ["[::1]:8080", true],
    ["evil.example", false],
    ["127.0.0.1.evil.example", false],
    ["localhost.evil.example:8080", false],
    ["evil.example:127.0.0.1", false],
    ["", false],
  ] as const
) {
  Deno.test(`on a loopback address the Host ${host || "that is empty"} is ${answered ? "answered" : "refused"}`, () => {
    const asked = show(`GET / HTTP/1.1\nHost: ${host}`, "loopback");
    assert.equal(asked !== "403", answered);
  });
}
