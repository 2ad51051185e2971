/** What stands in the place of hidden texts. */

import assert from "node:assert/strict";
import { decodeBase64, encodeBase64 } from "../lib/base64.ts";
import { Sensitive } from "../lib/sensitive.ts";
import { verifierKind } from "../cluster/sql/scram.ts";
import { sealing } from "./seal.ts";
import { toTagged } from "./tagged.ts";

const KEY = new TextEncoder().encode("a key");

function sealed(value: unknown, key = KEY): string {
  const rules = sealing({ key, hashes: new Map() });
  return JSON.stringify(toTagged(value, rules, [{ key: "observed", element: false }]));
}

function object(kind: string, rest: Record<string, unknown>) {
  return { apiVersion: "v1", kind, metadata: { namespace: "a", name: "b" }, ...rest };
}

Deno.test("equal texts get equal marks, and with another key others", () => {
  const pod = (value: string) =>
    object("Pod", { spec: { containers: [{ env: [{ name: "X", value }] }] } });
  assert.equal(sealed(pod("canary")), sealed(pod("canary")));
  assert.notEqual(sealed(pod("canary")), sealed(pod("another")));
  assert.notEqual(sealed(pod("canary")), sealed(pod("canary"), new TextEncoder().encode("b")));
  assert.doesNotMatch(sealed(pod("canary")), /canary/);
});

Deno.test("of a Secret names and dates stay, everything else is hidden", () => {
  const data = { username: encodeBase64("zalando"), password: encodeBase64("canary") };
  const text = sealed(object("Secret", { data, stringData: { token: "canary" } }));
  assert.match(text, new RegExp(encodeBase64("zalando")));
  assert.doesNotMatch(text, /canary/);
  const { password } = JSON.parse(text).data;
  assert.match(decodeBase64(password) ?? "", /^sealed-[0-9a-f]{24}$/);
});

Deno.test("a password in a pooler's user list has the mark that it has elsewhere", () => {
  const list = encodeBase64('"pooler" "canary"\n"monitor" "other"\n');
  const text = sealed(object("Secret", { data: { "userlist.txt": list } }));
  const lines = decodeBase64(JSON.parse(text).data["userlist.txt"]) ?? "";
  const { value } = JSON.parse(sealed(new Sensitive("canary")));
  assert.equal(lines.split("\n")[0], `"pooler" "${value}"`);
  assert.doesNotMatch(lines, /canary|other/);
});

Deno.test("a verifier stays a verifier of its kind", () => {
  const scram = "SCRAM-SHA-256$4096:c2FsdA==$" + `${"A".repeat(43)}=:${"B".repeat(43)}=`;
  for (const verifier of [scram, `md5${"0".repeat(32)}`]) {
    const { value } = JSON.parse(sealed(new Sensitive(verifier)));
    assert.notEqual(value, verifier);
    assert.equal(verifierKind(value), verifierKind(verifier));
  }
});

Deno.test("an empty text stays empty, and a mark stays as it is", () => {
  const { value } = JSON.parse(sealed(new Sensitive("canary")));
  assert.equal(JSON.parse(sealed(new Sensitive(""))).value, "");
  assert.equal(JSON.parse(sealed(new Sensitive(value))).value, value);
});

Deno.test("of a rule of pg_hba.conf keywords and addresses stay", () => {
  const text = sealed({ pg_hba: ["host all canary 10.0.0.0/8 ldap ldapbindpasswd=canary"] });
  assert.match(text, /host all sealed-\w+ 10\.0\.0\.0\/8 ldap sealed-\w+/);
});

Deno.test("the configuration in a variable is looked into", () => {
  const value = JSON.stringify({ bootstrap: { dcs: { ttl: 30 } }, archive_command: "canary" });
  const env = [{ name: "SPILO_CONFIGURATION", value }];
  const text = sealed(object("StatefulSet", { spec: { containers: [{ name: "postgres", env }] } }));
  assert.match(text, /ttl/);
  assert.doesNotMatch(text, /canary/);
});

Deno.test("the note of whose annotations a Service has stays, the annotations do not", () => {
  const metadata = {
    ...{ namespace: "a", name: "b", annotations: { "team.example.org/contact": "canary" } },
    labels: { "acid.zalan.do/annotations": "0a1b2c.3d4e5f" },
  };
  const text = sealed({ apiVersion: "v1", kind: "Service", metadata });
  assert.match(text, /0a1b2c\.3d4e5f/);
  assert.doesNotMatch(text, /canary/);
});
