/** What a server says of itself: health, version, discovery, OpenAPI. */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { Body, Row } from "../context.ts";

const AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
const GROUPS = [
  "apps",
  "batch",
  "policy",
  "rbac.authorization.k8s.io",
  "apiextensions.k8s.io",
  "coordination.k8s.io",
  "discovery.k8s.io",
  "events.k8s.io",
];

export const discoveryRows: Row[] = [
  {
    name: "A server is healthy and ready, and says so at once",
    run: async (context) => {
      const start = performance.now();
      for (const path of ["/healthz", "/livez", "/readyz"]) {
        const { status, body } = await context.request("GET", path);
        deepStrictEqual([status, body], [200, "ok"]);
      }
      ok(performance.now() - start < 2000, "the answers took two seconds or more");
    },
  },
  {
    name: "A server tells its version",
    run: async (context) => {
      const { body } = await context.request("GET", "/version");
      for (const key of ["major", "minor", "gitVersion", "platform"]) {
        strictEqual(typeof body[key], "string", key);
      }
    },
  },
  {
    name: "Discovery lists groups and resources alike in both forms",
    run: async (context) => {
      const plain = (await context.request("GET", "/apis")).body;
      strictEqual(plain.kind, "APIGroupList");
      const found = plain.groups.map((group: Body) => group.name);
      for (const group of GROUPS) ok(found.includes(group), group);
      const { body, headers } = await context.request("GET", "/apis", undefined, {
        accept: AGGREGATED,
      });
      strictEqual(body.kind, "APIGroupDiscoveryList");
      ok(headers.get("content-type")!.includes("as=APIGroupDiscoveryList"));
      const apps = body.items.find((item: Body) => item.metadata.name === "apps");
      const sets = apps.versions[0].resources.find((item: Body) =>
        item.resource === "statefulsets"
      );
      deepStrictEqual(sets.responseKind.kind, "StatefulSet");
      deepStrictEqual(sets.shortNames, ["sts"]);
      deepStrictEqual(sets.subresources.map((item: Body) => item.subresource).toSorted(), [
        "scale",
        "status",
      ]);
    },
  },
  {
    name: "Discovery of a group version lists its resources",
    run: async (context) => {
      const { body } = await context.request("GET", "/apis/apps/v1");
      const set = body.resources.find((item: Body) => item.name === "statefulsets");
      deepStrictEqual(set.verbs.toSorted(), [
        "create",
        "delete",
        "deletecollection",
        "get",
        "list",
        "patch",
        "update",
        "watch",
      ]);
      deepStrictEqual(set.categories, ["all"]);
      deepStrictEqual([set.namespaced, set.kind, set.singularName], [
        true,
        "StatefulSet",
        "statefulset",
      ]);
      ok(body.resources.some((item: Body) => item.name === "statefulsets/scale"));
      const core = (await context.request("GET", "/api/v1")).body;
      for (
        const name of [
          "pods/exec",
          "pods/log",
          "pods/eviction",
          "pods/binding",
          "serviceaccounts/token",
          "namespaces/finalize",
        ]
      ) {
        ok(core.resources.some((item: Body) => item.name === name), name);
      }
    },
  },
  {
    name: "OpenAPI describes the kinds and says that patches are validated",
    run: async (context) => {
      // A real server calls the index plain text.
      const text = (await context.request("GET", "/openapi/v3")).body;
      const index = typeof text === "string" ? JSON.parse(text) : text;
      const { body } = await context.request("GET", index.paths["apis/apps/v1"].serverRelativeURL);
      const path = body.paths["/apis/apps/v1/namespaces/{namespace}/statefulsets/{name}"];
      ok(path.patch.parameters.some((item: Body) => item.name === "fieldValidation"));
      ok(body.components.schemas["io.k8s.api.apps.v1.StatefulSet"].properties.spec);
    },
  },
];
