import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import type { KubeObject } from "../model/json.ts";
import { type Change, Store } from "./store.ts";

const object = (name: string, value = ""): KubeObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace: "n" },
  data: { value },
});
const names = (list: KubeObject[] | undefined) => list?.map((item) => item.metadata.name);

Deno.test("each change has the next revision and reaches subscribers of its resource only", () => {
  const store = new Store();
  const seen: Change[] = [];
  const end = store.subscribe("/configmaps", (change) => seen.push(change));
  store.put("/configmaps", object("a"));
  store.put("/secrets", object("s"));
  store.put("/configmaps", object("a", "2"));
  store.remove("/configmaps", "n", "a");
  end();
  store.put("/configmaps", object("b"));
  deepStrictEqual(seen.map(({ type }) => type), ["ADDED", "MODIFIED", "DELETED"]);
  deepStrictEqual(seen.map(({ revision }) => revision), [2, 4, 5]);
  strictEqual(seen[2]!.object.metadata.resourceVersion, "5");
});

Deno.test("a list at a past revision is the list of then", () => {
  const step = fc.record({ name: fc.constantFrom("a", "b", "c"), remove: fc.boolean() });
  fc.assert(fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
    const store = new Store();
    const history: [number, (string | undefined)[]][] = [];
    for (const { name, remove } of steps) {
      if (remove) store.remove("/configmaps", "n", name);
      else store.put("/configmaps", object(name));
      history.push([store.revision, names(store.list("/configmaps", "n"))!]);
    }
    for (const [revision, wanted] of history) {
      deepStrictEqual(names(store.listAt("/configmaps", revision, "n")), wanted);
    }
  }));
});

Deno.test("what was compacted is not known any more", () => {
  const store = new Store();
  store.put("/configmaps", object("a"));
  store.compact();
  store.put("/configmaps", object("b"));
  strictEqual(store.listAt("/configmaps", 1), undefined);
  strictEqual(store.changesSince("/configmaps", 1), undefined);
  deepStrictEqual(store.changesSince("/configmaps", 2)?.map(({ revision }) => revision), [3]);
});

Deno.test("a snapshot restores objects and revision, and forgets the log", () => {
  const store = new Store();
  store.put("/configmaps", object("a"));
  const copy = new Store();
  copy.restore(JSON.parse(JSON.stringify(store.snapshot())));
  strictEqual(copy.revision, store.revision);
  deepStrictEqual(copy.list("/configmaps"), store.list("/configmaps"));
  strictEqual(copy.changesSince("/configmaps", 1), undefined);
});
