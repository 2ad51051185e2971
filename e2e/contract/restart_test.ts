/** The embedded API server over restarts, and where it may listen. */
import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { type ApiServer, startApiServer } from "../devcluster/apiserver/server.ts";

async function ask(server: ApiServer, method: string, path: string, body?: unknown) {
  const client = Deno.createHttpClient({ caCerts: [server.caPem] });
  try {
    const response = await fetch(server.url + path, {
      client,
      method,
      headers: { authorization: `Bearer ${server.token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: await response.json() };
  } finally {
    client.close();
  }
}

const DEFINITION = {
  metadata: { name: "things.example.org" },
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  spec: {
    group: "example.org",
    scope: "Namespaced",
    names: { plural: "things", kind: "Thing" },
    versions: [{
      name: "v1",
      served: true,
      storage: true,
      schema: { openAPIV3Schema: { type: "object" } },
    }],
  },
};
const THINGS = "/apis/example.org/v1/namespaces/default/things";

Deno.test("a data directory brings back objects, definitions, revision, certificate and tokens", async () => {
  const dataDir = await Deno.makeTempDir({ prefix: "contract-restart-" });
  try {
    const first = await startApiServer({ dataDir });
    await ask(first, "POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", DEFINITION);
    const thing = { apiVersion: "example.org/v1", kind: "Thing", metadata: { name: "t" } };
    const made = await ask(first, "POST", THINGS, thing);
    strictEqual(made.status, 201, JSON.stringify(made.body));
    const { revision } = first.store;
    await first.stop();
    const second = await startApiServer({ dataDir });
    try {
      deepStrictEqual((await ask(second, "GET", `${THINGS}/t`)).body, made.body);
      deepStrictEqual([second.token, second.caPem], [first.token, first.caPem]);
      ok(second.store.revision >= revision);
    } finally {
      await second.stop();
    }
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
});

Deno.test("an address beyond loopback is refused", async () => {
  for (const address of ["0.0.0.0", "10.0.0.1", "::"]) {
    await rejects(startApiServer({ address }), /serves loopback addresses/);
  }
});
