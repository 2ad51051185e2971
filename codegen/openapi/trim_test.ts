/** Tests of cutting a cluster's OpenAPI down to what we use. */
import assert from "node:assert/strict";
import type { Schemas } from "./model.ts";
import { KINDS, type OpenApiDocument, trimKubernetes } from "./trim.ts";

/** A document with every wanted kind, a field of each, and the definitions wanted by name. */
function document(): OpenApiDocument {
  const schemas: Schemas = {
    "io.k8s.Spec": { type: "object", description: "words", properties: { a: { type: "string" } } },
    "io.k8s.Unused": { type: "string" },
  };
  for (const [apiVersion, kinds] of Object.entries(KINDS)) {
    const [version, group = ""] = apiVersion.split("/").reverse();
    for (const kind of kinds) {
      schemas[`io.k8s.api.${group || "core"}.${version}.${kind}`] = {
        type: "object",
        properties: {
          spec: { default: {}, allOf: [{ $ref: "#/components/schemas/io.k8s.Spec" }] },
          list: { type: "array", items: { type: "string" }, "x-kubernetes-list-type": "atomic" },
        },
        "x-kubernetes-group-version-kind": [{ group, version, kind }],
      };
    }
  }
  for (const name of ["Condition", "DeleteOptions", "ListMeta", "Status"]) {
    schemas[`io.k8s.apimachinery.pkg.apis.meta.v1.${name}`] = { type: "object" };
  }
  const of = (kind: string) => ({
    "x-kubernetes-group-version-kind": { group: "", version: "v1", kind },
  });
  return {
    info: { version: "1.34" },
    paths: {
      "/api/v1/pods": { get: of("Pod") },
      "/api/v1/namespaces/{namespace}/pods": { get: of("Pod") },
      "/api/v1/namespaces/{namespace}/pods/{name}": { get: of("Pod") },
      "/api/v1/namespaces/{namespace}/pods/{name}/status": { get: of("Pod") },
      "/api/v1/namespaces/{namespace}/pods/{name}/eviction": { post: of("Eviction") },
      "/api/v1/nodes": { get: of("Node") },
      "/api/v1/nodes/{name}": { get: of("Node") },
      "/api/v1/watch/nodes": { get: of("Node") },
      "/api/v1/namespaces/{namespace}/podtemplates": { get: of("PodTemplate") },
    },
    components: { schemas },
  };
}

Deno.test("trimKubernetes reads plural, scope and subresources off the paths of wanted kinds", () => {
  assert.deepEqual(trimKubernetes([document()]).resources, [
    {
      group: "",
      version: "v1",
      kind: "Node",
      plural: "nodes",
      namespaced: false,
      subresources: [],
    },
    {
      group: "",
      version: "v1",
      kind: "Pod",
      plural: "pods",
      namespaced: true,
      subresources: ["eviction", "status"],
    },
  ]);
});

Deno.test("trimKubernetes keeps what is reachable, without words, defaults and list types", () => {
  const { schemas, version } = trimKubernetes([document()]);
  assert.equal(version, "1.34");
  assert.equal(schemas.Unused, undefined);
  assert.deepEqual(schemas.Spec, { type: "object", properties: { a: { type: "string" } } });
  assert.deepEqual(schemas.Pod, {
    type: "object",
    properties: {
      spec: { $ref: "#/components/schemas/Spec" },
      list: { type: "array", items: { type: "string" } },
    },
    "x-kubernetes-group-version-kind": [{ group: "", version: "v1", kind: "Pod" }],
  });
  assert.deepEqual(Object.keys(schemas), Object.keys(schemas).sort());
});

Deno.test("trimKubernetes refuses documents that lack a wanted kind", () => {
  const incomplete = document();
  delete incomplete.components.schemas["io.k8s.api.core.v1.Pod"];
  assert.throws(() => trimKubernetes([incomplete]), /kinds wanted, \d+ found/);
});
