/** Tests of taking CRDs apart into named schemas. */
import assert from "node:assert/strict";
import type { CrdModel, Schema } from "../openapi/model.ts";
import { apiSchemas } from "./api_schemas.ts";

/** A PostgresTeam whose spec has the given fields. */
function team(properties: Record<string, Schema>): CrdModel {
  const spec: Schema = { type: "object", properties };
  return {
    source: "crds/postgresteam.yaml",
    resource: {
      kind: "PostgresTeam",
      group: "acid.zalan.do",
      version: "v1",
      plural: "postgresteams",
      namespaced: true,
      subresources: [],
    },
    schema: { type: "object", properties: { metadata: { type: "object" }, spec } },
    manifest: {} as CrdModel["manifest"],
  };
}

Deno.test("apiSchemas names parts, refers to them, and takes metadata from Kubernetes", () => {
  const { schemas, kinds, external } = apiSchemas([team({ a: { type: "string" } })]);
  assert.deepEqual(kinds, ["PostgresTeam"]);
  assert.deepEqual(external, ["ObjectMeta"]);
  assert.deepEqual(schemas, {
    PostgresTeam: {
      type: "object",
      required: ["apiVersion", "kind"],
      properties: {
        metadata: { $ref: "#/components/schemas/ObjectMeta" },
        spec: { $ref: "#/components/schemas/PostgresTeamSpec" },
        apiVersion: { type: "string", enum: ["acid.zalan.do/v1"] },
        kind: { type: "string", enum: ["PostgresTeam"] },
      },
    },
    PostgresTeamSpec: { type: "object", properties: { a: { type: "string" } } },
  });
});

Deno.test("apiSchemas refuses one name for two different parts", () => {
  const crds = [team({ a: { type: "string" } }), team({ a: { type: "integer" } })];
  assert.throws(() => apiSchemas(crds), {
    message: "cannot name two different schemas PostgresTeamSpec",
  });
});

Deno.test("apiSchemas accepts one name for parts that differ in words alone", () => {
  const crds = [
    team({ a: { type: "string" } }),
    team({ a: { type: "string", description: "A." } }),
  ];
  assert.equal(Object.keys(apiSchemas(crds).schemas).length, 2);
});

Deno.test("apiSchemas refuses a table that names a part which does not exist", () => {
  const crd = team({});
  delete crd.schema.properties!.spec;
  assert.throws(() => apiSchemas([crd]), {
    message: "cannot name spec: not in crds/postgresteam.yaml",
  });
});
