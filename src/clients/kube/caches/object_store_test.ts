import assert from "node:assert/strict";
import { isNewerVersion, ObjectStore } from "./object_store.ts";
import type { KubeObject } from "../../../kubernetes/types.gen.ts";

interface Given {
  readonly name?: string;
  readonly uid?: string;
  readonly version: string;
  readonly cluster?: string;
}

function secret({ name = "s", uid = "u1", version, cluster = "acid-x" }: Given): KubeObject {
  const labels = cluster === "" ? {} : { "cluster-name": cluster };
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { namespace: "ns", name, uid, resourceVersion: version, labels },
  };
}

function store(): ObjectStore {
  return new ObjectStore((object) => object.metadata.labels?.["cluster-name"]);
}

function versionIn(objects: ObjectStore, name = "s"): string | undefined {
  return objects.get("ns", name)?.metadata.resourceVersion;
}

for (
  const [version, than, want] of [
    ["10", "9", true],
    ["9", "10", false],
    ["9", "9", false],
    ["90071992547409931", "90071992547409930", true],
    ["abc", "9", true],
    ["abc", "abc", false],
    ["5", "", true],
  ] as const
) {
  Deno.test(`resourceVersion ${version} is${want ? "" : " not"} newer than "${than}"`, () => {
    assert.equal(isNewerVersion(version, than), want);
  });
}

Deno.test("an own write is read at once and its late event changes nothing", () => {
  const objects = store();
  objects.applyEvent(secret({ version: "5" }));
  objects.applyWrite(secret({ version: "8" }));
  assert.equal(versionIn(objects), "8");
  assert.equal(objects.applyEvent(secret({ version: "6" })), undefined);
  assert.equal(objects.applyEvent(secret({ version: "8" })), undefined);
  assert.equal(versionIn(objects), "8");
});

Deno.test("an own write that is older than the cache's object is dropped", () => {
  const objects = store();
  objects.applyEvent(secret({ version: "9" }));
  objects.applyWrite(secret({ version: "8" }));
  assert.equal(versionIn(objects), "9");
});

Deno.test("a change tells what was there before", () => {
  const objects = store();
  assert.equal(objects.applyEvent(secret({ version: "5" }))?.old, undefined);
  const change = objects.applyEvent(secret({ version: "6" }));
  assert.equal(change?.old?.metadata.resourceVersion, "5");
});

Deno.test("a deleted object stays hidden until its event, whatever comes in between", () => {
  const objects = store();
  objects.applyEvent(secret({ version: "5" }));
  objects.markDeleted("ns", "s", "u1");
  assert.equal(versionIn(objects), undefined);
  assert.equal(objects.applyEvent(secret({ version: "6" })), undefined);
  assert.equal(versionIn(objects), undefined);
  assert.equal(objects.deleteEvent(secret({ version: "7" }))?.type, "delete");
});

Deno.test("an object recreated under a deleted one's name is seen, and outlives the old event", () => {
  const objects = store();
  objects.applyEvent(secret({ version: "5" }));
  objects.markDeleted("ns", "s", "u1");
  objects.applyWrite(secret({ uid: "u2", version: "9" }));
  assert.equal(versionIn(objects), "9");
  objects.deleteEvent(secret({ version: "7" }));
  assert.equal(versionIn(objects), "9");
});

Deno.test("a delete that hit another uid than the cache's hides nothing", () => {
  const objects = store();
  objects.applyEvent(secret({ uid: "u2", version: "9" }));
  objects.markDeleted("ns", "s", "u1");
  assert.equal(versionIn(objects), "9");
});

Deno.test("the answer to a write does not bring back what was deleted meanwhile", () => {
  const objects = store();
  objects.deleteEvent(secret({ version: "7" }));
  objects.applyWrite(secret({ version: "6" }));
  assert.equal(versionIn(objects), undefined);
});

Deno.test("an object that lost its label and got it back is seen again", () => {
  const objects = store();
  objects.applyEvent(secret({ version: "5" }));
  objects.deleteEvent(secret({ version: "6" }));
  objects.applyWrite(secret({ version: "7" }));
  assert.equal(versionIn(objects), "7");
  objects.deleteEvent(secret({ version: "8" }));
  objects.applyEvent(secret({ version: "9" }));
  assert.equal(versionIn(objects), "9");
});

Deno.test("a list removes what it does not hold and reports only what changed", () => {
  const objects = store();
  for (const name of ["kept", "changed", "lost"]) {
    objects.applyEvent(secret({ name, uid: name, version: "5" }));
  }
  const changes = objects.replaceAll([
    secret({ name: "kept", uid: "kept", version: "5" }),
    secret({ name: "changed", uid: "changed", version: "6" }),
    secret({ name: "new", uid: "new", version: "7" }),
  ], "9");
  assert.deepEqual(
    changes.map(({ type, object }) => `${type} ${object.metadata.name}`),
    ["delete lost", "apply changed", "apply new"],
  );
  assert.equal(objects.size, 3);
});

Deno.test("a list does not remove what we wrote after it was made", () => {
  const objects = store();
  objects.applyWrite(secret({ name: "fresh", version: "10" }));
  assert.deepEqual(objects.replaceAll([], "9"), []);
  assert.equal(versionIn(objects, "fresh"), "10");
});

Deno.test("a list that still holds what we deleted does not show it", () => {
  const objects = store();
  objects.applyEvent(secret({ version: "5" }));
  objects.markDeleted("ns", "s", "u1");
  objects.replaceAll([secret({ version: "5" })], "5");
  assert.equal(versionIn(objects), undefined);
});

Deno.test("the index by cluster follows a changed label", () => {
  const objects = store();
  objects.applyEvent(secret({ version: "5", cluster: "acid-x" }));
  assert.equal(objects.ofCluster("ns", "acid-x").length, 1);
  objects.applyEvent(secret({ version: "6", cluster: "acid-y" }));
  assert.equal(objects.ofCluster("ns", "acid-x").length, 0);
  assert.equal(objects.ofCluster("ns", "acid-y").length, 1);
  objects.applyEvent(secret({ version: "7", cluster: "" }));
  assert.equal(objects.ofCluster("ns", "acid-y").length, 0);
  assert.equal(objects.size, 1);
});
