import assert from "node:assert/strict";
import {
  type ApiRequest,
  createRequest,
  deleteRequest,
  getRequest,
  listRequest,
  patchRequest,
  replaceRequest,
  requireResource,
  targetOf,
  watchRequest,
} from "./request.ts";
import type { KubeObject } from "../../kubernetes/types.gen.ts";

const pod = requireResource({ apiVersion: "v1", kind: "Pod" });
const node = requireResource({ apiVersion: "v1", kind: "Node" });
const statefulSet = requireResource({ apiVersion: "apps/v1", kind: "StatefulSet" });
const cluster = requireResource({ apiVersion: "acid.zalan.do/v1", kind: "postgresql" });

function object(name?: string): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { namespace: "ns", ...(name === undefined ? { generateName: "p-" } : { name }) },
  };
}

const URLS: readonly (readonly [name: string, request: ApiRequest, want: string])[] = [
  [
    "one object of the core group",
    getRequest(pod, { namespace: "ns", name: "p" }),
    "GET /api/v1/namespaces/ns/pods/p",
  ],
  [
    "one object of another group",
    getRequest(statefulSet, { namespace: "ns", name: "s" }),
    "GET /apis/apps/v1/namespaces/ns/statefulsets/s",
  ],
  ["a cluster-scoped object", getRequest(node, { name: "n" }), "GET /api/v1/nodes/n"],
  [
    "a custom resource's status",
    getRequest(cluster, { namespace: "ns", name: "c", subresource: "status" }),
    "GET /apis/acid.zalan.do/v1/namespaces/ns/postgresqls/c/status",
  ],
  [
    "a name that needs escaping",
    getRequest(node, { name: "a/../b?c" }),
    "GET /api/v1/nodes/a%2F..%2Fb%3Fc",
  ],
  ["a list of all namespaces", listRequest(pod, {}), "GET /api/v1/pods"],
  [
    "a cluster-scoped list ignores a namespace",
    listRequest(node, { namespace: "ns" }),
    "GET /api/v1/nodes",
  ],
  [
    "a page of a list",
    listRequest(pod, {
      namespace: "ns",
      labelSelector: "cluster-name",
      fieldSelector: "metadata.name=x",
      limit: 500,
      continue: "t0=",
      resourceVersion: "7",
      resourceVersionMatch: "Exact",
    }),
    "GET /api/v1/namespaces/ns/pods?labelSelector=cluster-name&fieldSelector=metadata.name%3Dx" +
    "&limit=500&continue=t0%3D&resourceVersion=7&resourceVersionMatch=Exact",
  ],
  [
    "a watch",
    watchRequest(pod, { namespace: "ns", resourceVersion: "7", timeoutSeconds: 300 }),
    "GET /api/v1/namespaces/ns/pods?watch=true&allowWatchBookmarks=true&resourceVersion=7" +
    "&timeoutSeconds=300",
  ],
  [
    "a creation",
    createRequest(pod, object("p")),
    "POST /api/v1/namespaces/ns/pods?fieldManager=postgres-operator",
  ],
  [
    "a creation that stores nothing",
    createRequest(pod, object("p"), { dryRun: "All" }),
    "POST /api/v1/namespaces/ns/pods?fieldManager=postgres-operator&dryRun=All",
  ],
  [
    "a creation of a subresource",
    createRequest(pod, object("p"), {
      location: { namespace: "ns", name: "p", subresource: "eviction" },
    }),
    "POST /api/v1/namespaces/ns/pods/p/eviction?fieldManager=postgres-operator",
  ],
  [
    "a replacement",
    replaceRequest(pod, object("p")),
    "PUT /api/v1/namespaces/ns/pods/p?fieldManager=postgres-operator",
  ],
  [
    "a patch of a status",
    patchRequest(pod, { namespace: "ns", name: "p", subresource: "status" }, {
      type: "merge",
      body: {},
    }),
    "PATCH /api/v1/namespaces/ns/pods/p/status?fieldManager=postgres-operator",
  ],
  [
    "server-side apply",
    patchRequest(pod, { namespace: "ns", name: "p" }, { type: "apply", body: {} }),
    "PATCH /api/v1/namespaces/ns/pods/p?fieldManager=postgres-operator&force=true",
  ],
  [
    "a deletion",
    deleteRequest(pod, { namespace: "ns", name: "p" }),
    "DELETE /api/v1/namespaces/ns/pods/p",
  ],
];

for (const [name, request, want] of URLS) {
  Deno.test(`the URL of ${name}`, () => {
    assert.equal(`${request.method} ${targetOf(request)}`, want);
  });
}

for (
  const [type, want] of [
    ["json", "application/json-patch+json"],
    ["merge", "application/merge-patch+json"],
    ["strategic", "application/strategic-merge-patch+json"],
    ["apply", "application/apply-patch+yaml"],
  ] as const
) {
  Deno.test(`a ${type} patch is sent as ${want}`, () => {
    const request = patchRequest(pod, { namespace: "ns", name: "p" }, { type, body: [] });
    assert.deepEqual(request.headers, { accept: "application/json", "content-type": want });
  });
}

Deno.test("only a request with a body has a content type", () => {
  assert.deepEqual(getRequest(node, { name: "n" }).headers, { accept: "application/json" });
  assert.equal(
    createRequest(pod, object("p")).headers["content-type"],
    "application/json",
  );
});

Deno.test("a deletion carries propagation and preconditions, and else no body", () => {
  assert.equal("body" in deleteRequest(node, { name: "n" }), false);
  assert.deepEqual(
    deleteRequest(node, { name: "n" }, {
      propagation: "Orphan",
      preconditions: { uid: "u", resourceVersion: "7" },
      gracePeriodSeconds: 0,
    }).body,
    {
      apiVersion: "v1",
      kind: "DeleteOptions",
      propagationPolicy: "Orphan",
      preconditions: { uid: "u", resourceVersion: "7" },
      gracePeriodSeconds: 0,
    },
  );
});

for (
  const [request, want] of [
    [getRequest(pod, { namespace: "ns", name: "p" }), "Pod ns/p"],
    [getRequest(node, { name: "n" }), "Node n"],
    [
      patchRequest(cluster, { namespace: "ns", name: "c", subresource: "status" }, {
        type: "merge",
        body: {},
      }),
      "status of postgresql ns/c",
    ],
    [createRequest(pod, object()), "Pod ns/p-…"],
    [listRequest(pod, {}), "pods in all namespaces"],
    [listRequest(cluster, { namespace: "ns" }), "postgresqls.acid.zalan.do in ns"],
    [listRequest(node, {}), "nodes"],
  ] as const
) {
  Deno.test(`messages call it "${want}"`, () => {
    assert.equal(request.subject, want);
  });
}

Deno.test("a namespaced object without a namespace is refused before it is sent", () => {
  assert.throws(() => getRequest(pod, { name: "p" }), /Cannot name Pod p: it needs a namespace/);
});

Deno.test("a kind that is not in the table is refused", () => {
  assert.throws(
    () => requireResource({ apiVersion: "v2", kind: "Pod" }),
    /Cannot address v2 Pod/,
  );
});
