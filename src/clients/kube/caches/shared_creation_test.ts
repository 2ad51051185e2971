import assert from "node:assert/strict";
import type { KubeObject } from "../../../kubernetes/types.gen.ts";
import { createSharing } from "./shared_creation.ts";

function object(kind: string, name = "postgres-pod"): KubeObject {
  return { apiVersion: "v1", kind, metadata: { namespace: "shop", name } };
}

/** Creations that the test lets go on, and which of the made objects are there. */
function stage() {
  const sent: PromiseWithResolvers<KubeObject>[] = [];
  const there = new Set<string>();
  const create = createSharing((_ref, uid) => there.has(uid ?? ""));
  const send = () => {
    const answer = Promise.withResolvers<KubeObject>();
    sent.push(answer);
    return answer.promise;
  };
  return { sent, there, create: (wanted: KubeObject) => create(wanted, send) };
}

const withUid = (given: KubeObject, uid: string): KubeObject => ({
  ...given,
  metadata: { ...given.metadata, uid },
});

Deno.test("passes that want the same shared object send it once, and each gets a copy of its own", async () => {
  const { sent, there, create } = stage();
  const account = object("ServiceAccount");
  const all = [create(account), create(account), create({ ...account })];
  assert.equal(sent.length, 1);
  there.add("1");
  sent[0]?.resolve(withUid(account, "1"));
  const made = await Promise.all(all);
  assert.deepEqual(made.map(({ metadata }) => metadata.uid), ["1", "1", "1"]);
  assert.equal(new Set(made).size, 3);
  assert.equal((await create(account)).metadata.uid, "1", "and so does who comes a moment later");
  assert.equal(sent.length, 1);
});

Deno.test("a shared object that is gone again is sent again", async () => {
  const { sent, there, create } = stage();
  const account = object("ServiceAccount");
  for (const uid of ["1", "2"]) {
    const made = create(account);
    there.add(uid);
    await new Promise((resolve) => setTimeout(resolve));
    sent.at(-1)?.resolve(withUid(account, uid));
    assert.equal((await made).metadata.uid, uid);
    there.delete(uid);
  }
  assert.equal(sent.length, 2);
});

Deno.test("a creation that failed says nothing about the next, which those who waited share", async () => {
  const { sent, there, create } = stage();
  const account = object("ServiceAccount");
  const [first, ...others] = [create(account), create(account), create(account)];
  sent[0]?.reject(new Error("no answer"));
  await assert.rejects(first!, /no answer/);
  await new Promise((resolve) => setTimeout(resolve));
  assert.equal(sent.length, 2);
  there.add("2");
  sent[1]?.resolve(withUid(account, "2"));
  assert.deepEqual((await Promise.all(others)).map((made) => made.metadata.uid), ["2", "2"]);
});

Deno.test("other wishes, other names and what no clusters share are sent each by itself", async () => {
  const { sent, there, create } = stage();
  const account = object("ServiceAccount");
  const other = { ...account, metadata: { ...account.metadata, labels: { a: "b" } } };
  const wishes = [
    account,
    other,
    object("ServiceAccount", "other"),
    object("Secret"),
    object("Secret"),
  ];
  const all = wishes.map((wish) => create(wish));
  assert.equal(sent.length, wishes.length);
  sent.forEach(({ resolve }, index) => resolve(withUid(wishes[index]!, String(index))));
  for (const index of wishes.keys()) there.add(String(index));
  const uids = (await Promise.all(all)).map(({ metadata }) => metadata.uid);
  assert.deepEqual(uids, wishes.map((_, index) => String(index)));
});
