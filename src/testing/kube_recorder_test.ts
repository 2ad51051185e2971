/** Tests of the recording fake, and of the typed client that it stands in for. */
import assert from "node:assert/strict";
import { typedClient } from "../clients/kube/client.gen.ts";
import type { KubeClient } from "../clients/kube/client.ts";
import { resourceOf, RESOURCES } from "../kubernetes/resources.gen.ts";
import type { KubeObject, Secret } from "../kubernetes/types.gen.ts";
import { cluster } from "./cluster_fixture.ts";
import { recordingClient } from "./kube_recorder.gen.ts";

const { signal } = new AbortController();
const AT = { namespace: "shop", name: "acid-orders" };

function secret(name: string): Secret {
  return { apiVersion: "v1", kind: "Secret", metadata: { namespace: "shop", name }, data: {} };
}

Deno.test("recordingClient gives copies of its objects and remembers the reads", async () => {
  const client = recordingClient([cluster(), secret("a")]);
  const first = await client.postgresqls.get(AT, { signal });
  first!.spec.teamId = "changed";
  assert.equal((await client.postgresqls.get(AT, { signal }))!.spec.teamId, "acid");
  assert.equal(await client.pods.get(AT, { signal }), undefined);
  assert.equal((await client.secrets.list({ namespace: "shop", signal })).items.length, 1);
  assert.equal((await client.secrets.list({ namespace: "other", signal })).items.length, 0);
  assert.deepEqual(client.calls, [
    { verb: "get", kind: "postgresql", ...AT },
    { verb: "get", kind: "postgresql", ...AT },
    { verb: "get", kind: "Pod", ...AT },
    { verb: "list", kind: "Secret", namespace: "shop" },
    { verb: "list", kind: "Secret", namespace: "other" },
  ]);
});

Deno.test("recordingClient keeps what is written, as it was when it was written", async () => {
  const client = recordingClient();
  const object = secret("a");
  await client.secrets.create(object, { signal });
  object.data!.password = "bGF0ZXI=";
  const place = { namespace: "shop", name: "a" };
  assert.deepEqual(await client.secrets.get(place, { signal }), secret("a"));
  await client.secrets.replace(object, { signal });
  assert.deepEqual(await client.secrets.get(place, { signal }), object);
  await client.secrets.delete(place, { signal });
  assert.equal(await client.secrets.get(place, { signal }), undefined);
  const writes = client.calls.filter((call) => call.verb !== "get");
  assert.deepEqual(writes, [
    { verb: "create", kind: "Secret", ...place, body: secret("a") },
    { verb: "update", kind: "Secret", ...place, body: object },
    { verb: "delete", kind: "Secret", ...place },
  ]);
});

Deno.test("recordingClient records a patch, and refuses one of an unknown object", async () => {
  const client = recordingClient([secret("a")]);
  const body = { data: { a: "YQ==" } };
  await client.secrets.patch({ namespace: "shop", name: "a" }, { type: "merge", body, signal });
  assert.deepEqual(client.calls, [
    { verb: "patch", kind: "Secret", namespace: "shop", name: "a", body },
  ]);
  await assert.rejects(client.secrets.patch(AT, { type: "merge", body, signal }), {
    message: "cannot patch Secret acid-orders: not among the objects",
  });
});

Deno.test("recordingClient ends a watch at once", async () => {
  const client = recordingClient([secret("a")]);
  for await (const event of client.secrets.watch({ resourceVersion: "1", signal })) {
    assert.fail(event.type);
  }
  assert.deepEqual(client.calls, [{ verb: "watch", kind: "Secret" }]);
});

Deno.test("typedClient names the kind of every method to the generic client", async () => {
  const asked: unknown[] = [];
  const answer = cluster() as KubeObject;
  const generic = {
    get: (ref: unknown) => (asked.push(["get", ref]), Promise.resolve(answer)),
    list: (kind: unknown) => (asked.push(["list", kind]), Promise.resolve({ items: [answer] })),
    patch: (ref: unknown) => (asked.push(["patch", ref]), Promise.resolve(answer)),
    delete: (ref: unknown) => (asked.push(["delete", ref]), Promise.resolve(undefined)),
  };
  const { postgresqls, nodes } = typedClient(generic as unknown as KubeClient);
  const kind = { apiVersion: "acid.zalan.do/v1", kind: "postgresql" };
  assert.equal((await postgresqls.get(AT, { signal }))!.spec.teamId, "acid");
  assert.equal((await postgresqls.list({ signal })).items[0]!.spec.teamId, "acid");
  await postgresqls.patch(AT, { type: "merge", body: {}, signal });
  await nodes.delete({ name: "a" }, { signal });
  assert.deepEqual(asked, [
    ["get", { ...kind, ...AT }],
    ["list", kind],
    ["patch", { ...kind, ...AT }],
    ["delete", { apiVersion: "v1", kind: "Node", name: "a" }],
  ]);
});

Deno.test("resourceOf finds every kind of the table, and names one that is not there", () => {
  for (const resource of Object.values(RESOURCES)) assert.equal(resourceOf(resource), resource);
  assert.equal(resourceOf(cluster()).plural, "postgresqls");
  assert.equal(RESOURCES.Node.namespaced, false);
  assert.throws(() => resourceOf({ apiVersion: "v2", kind: "Pod" }), {
    message: "Cannot address v2 Pod: not in the resource table",
  });
});
