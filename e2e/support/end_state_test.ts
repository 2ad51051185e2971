import assert from "node:assert/strict";
import type { KubeObject } from "../../src/kubernetes/types.gen.ts";
import { differences, endStateOf } from "./end_state.ts";

function object(kind: string, name: string, more: Record<string, unknown> = {}): KubeObject {
  const { metadata, ...rest } = more as { metadata?: Record<string, unknown> };
  return { apiVersion: "v1", kind, metadata: { name, namespace: "t-1", ...metadata }, ...rest };
}

function compare(a: KubeObject[], b: KubeObject[], primary: "same" | "any" = "same"): string[] {
  const other = b.map((it) => JSON.parse(JSON.stringify(it).replaceAll("t-1", "t-2")));
  return differences(endStateOf(a, "t-1", { primary }), endStateOf(other, "t-2", { primary }));
}

const SECRET = (password: string) => object("Secret", "s", { data: { password: btoa(password) } });
const POD = (name: string, role: string, image = "a") =>
  object("Pod", name, {
    metadata: { labels: { "spilo-role": role } },
    spec: { containers: [{ name: "postgres", image }] },
  });

Deno.test("two runs may differ in what no two runs share", () => {
  const run = (uid: string, second: string, ip: string, password: string) => [
    object("Service", "s", {
      metadata: {
        uid,
        resourceVersion: second,
        annotations: { at: `2026-01-01T00:00:0${second}Z` },
      },
      spec: { clusterIP: ip, ports: [{ port: 5432, nodePort: 30000 + Number(second) }] },
    }),
    SECRET(password),
  ];
  const uid = (n: number) => `0000000${n}-0000-4000-8000-000000000000`;
  assert.deepEqual(
    compare(run(uid(1), "1", "127.1.0.1", "abc"), run(uid(2), "2", "127.2.0.9", "xyz")),
    [],
  );
});

Deno.test("everything else is a difference, with its place", () => {
  const service = (port: number) => object("Service", "s", { spec: { port } });
  assert.deepEqual(compare([service(1)], [service(2)]), ["Service/s.spec.port is 2, not 1"]);
  assert.deepEqual(compare([service(1)], []), ["Service/s is missing"]);
  assert.deepEqual(compare([], [service(1)]), ["Service/s should not be there"]);
  assert.equal(compare([SECRET("abc")], [SECRET("abcd")]).length, 1);
  assert.equal(compare([POD("p", "master")], [POD("p", "master", "b")]).length, 1);
});

Deno.test("a user list may hold another password, and only that of the Secret beside it", () => {
  const pooler = (password: string, listed = password) => [
    object("Secret", "p", { data: { username: btoa("pooler"), password: btoa(password) } }),
    object("Secret", "l", { data: { "userlist.txt": btoa(`"pooler" "${listed}"\n`) } }),
  ];
  assert.deepEqual(compare(pooler("abc"), pooler("xyz")), []);
  assert.equal(compare(pooler("abc"), pooler("xyz", "abc")).length, 1);
  assert.equal(compare(pooler("abc"), pooler("abc").slice(1)).length, 2);
});

Deno.test("which pod is the primary counts only where it has to be the same", () => {
  const before = [POD("p-0", "master"), POD("p-1", "replica")];
  const after = [POD("p-0", "replica"), POD("p-1", "master")];
  assert.equal(compare(before, after).length, 2);
  assert.deepEqual(compare(before, after, "any"), []);
  assert.equal(compare(before, [POD("p-0", "replica"), POD("p-1", "replica")], "any").length, 1);
});
