import assert from "node:assert/strict";
import type { KubeObject } from "../kubernetes/types.gen.ts";
import { cluster } from "../testing/cluster_fixture.ts";
import { typedReader, typedWriter } from "./client.gen.ts";
import { known, unknown } from "./observation.ts";
import type { KubeReader, KubeWriter } from "./ports.ts";
import { resourceOf, RESOURCES } from "./resources.gen.ts";
import { isOf, refTo } from "./typed.ts";

const { signal } = new AbortController();
const AT = { namespace: "shop", name: "acid-orders" };

Deno.test("typed reads name their kind to the reader, and pass on what it answers", async () => {
  const asked: unknown[] = [];
  const reader: KubeReader = {
    read: (ref) => (asked.push(ref), Promise.resolve(known(cluster()))),
    listOfCluster: (query) => (asked.push(query), Promise.resolve(unknown("no answer"))),
  };
  const { postgresqls, namespaces, pods } = typedReader(reader);
  const read = await postgresqls.read(AT, signal);
  assert.equal(read.known && read.value?.spec.teamId, "acid");
  await namespaces.read({ name: "shop" }, signal);
  const listed = await pods.ofCluster({ namespace: "shop", cluster: "acid-orders" }, signal);
  assert.deepEqual(listed, unknown("no answer"));
  assert.deepEqual(asked, [
    { apiVersion: "acid.zalan.do/v1", kind: "postgresql", ...AT },
    { apiVersion: "v1", kind: "Namespace", name: "shop" },
    { apiVersion: "v1", kind: "Pod", namespace: "shop", cluster: "acid-orders" },
  ]);
});

Deno.test("typed writes name their kind to the writer", async () => {
  const sent: unknown[] = [];
  const send = (what: unknown): Promise<KubeObject> => {
    sent.push(what);
    return Promise.resolve(cluster());
  };
  const writer = { create: send, patch: send } as Partial<KubeWriter> as KubeWriter;
  const { postgresqls } = typedWriter(writer);
  await postgresqls.create(cluster(), signal);
  await postgresqls.patch(AT, { type: "merge", body: {}, subresource: "status" }, signal);
  const target = { apiVersion: "acid.zalan.do/v1", kind: "postgresql", ...AT };
  assert.deepEqual(sent, [cluster(), { target, type: "merge", body: {}, subresource: "status" }]);
});

Deno.test("an object is of a kind by its group and kind", () => {
  assert.equal(isOf(RESOURCES.Postgresql, cluster()), true);
  assert.equal(isOf(RESOURCES.Pod, cluster()), false);
  assert.equal(isOf(RESOURCES.Pod, { apiVersion: "v2", kind: "Pod", metadata: {} }), false);
});

Deno.test("every kind of the resource table is found by what its objects say", () => {
  for (const resource of Object.values(RESOURCES)) {
    assert.equal(resourceOf(refTo(resource, { name: "a" })), resource);
  }
  assert.throws(() => resourceOf({ apiVersion: "v2", kind: "Pod" }), /not in the resource table/);
});

async function* sources(folder: URL): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const at = new URL(isDirectory ? `${name}/` : name, folder);
    if (isDirectory) yield* sources(at);
    else if (/^(?!.*(_test|\.gen)\.ts$).*\.ts$/.test(name)) yield await Deno.readTextFile(at);
  }
}

Deno.test("every member of the typed client has a caller", async () => {
  const callers: string[] = [];
  for await (const text of sources(new URL("../", import.meta.url))) {
    if (/typedReader|typedWriter|TypedReader/.test(text)) callers.push(text);
  }
  const port = {} as KubeReader & KubeWriter;
  for (const [made, client] of [["Reader", typedReader(port)], ["Writer", typedWriter(port)]]) {
    for (const member of Object.keys(client!)) {
      const called = callers.some((text) =>
        text.includes(`yped${made}`) && new RegExp(`\\b${member}\\b`).test(text)
      );
      assert.ok(called, `typed${made} has ${member}, which nothing calls`);
    }
  }
});
