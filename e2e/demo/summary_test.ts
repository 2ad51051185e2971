import assert from "node:assert/strict";
import { summaryLines } from "./summary.ts";

Deno.test("the summary shows members, roles and commands, and never the password", () => {
  const lines = summaryLines({
    answer: {
      version: "PostgreSQL 15.20",
      roles: [{ name: "zalando", memberOf: "" }, { name: "foo", memberOf: "a, b" }],
    },
    members: [{ name: "acid-0", role: "master", address: "127.130.1.1" }],
    login: {
      host: "127.130.100.2",
      port: 5432,
      database: "foo",
      user: "zalando",
      password: "pw7!",
    },
    cluster: "acid",
    kubeconfig: "/tmp/x/kubeconfig",
  });
  const text = lines.join("\n");
  assert.ok(lines.includes("MEMBER  ROLE    ADDRESS"), text);
  assert.ok(lines.includes("acid-0  master  127.130.1.1"), text);
  assert.ok(lines.includes("foo         a, b"), text);
  assert.match(
    text,
    /psql "host=127\.130\.100\.2 port=5432 dbname=foo user=zalando sslmode=require"/,
  );
  assert.match(text, /secret zalando\.acid\.credentials\.postgresql\.acid\.zalan\.do/);
  assert.doesNotMatch(text, /pw7!/);
});
