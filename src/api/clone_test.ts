/** Tests of the generated clones of both trees, on objects made from every schema. */
import assert from "node:assert/strict";
import { cloneObject, clonePostgresql } from "./clone.gen.ts";
import { CRDS } from "./crds.gen.ts";
import type { Postgresql } from "./types.gen.ts";
import type { JSONSchemaProps, KubeObject, Role, StatefulSet } from "../kubernetes/types.gen.ts";

/** Every object inside a value, with its path. */
function objectsIn(value: unknown, path = ""): [string, unknown][] {
  if (typeof value !== "object" || value === null) return [];
  const inner = Object.entries(value).flatMap(([key, child]) => objectsIn(child, `${path}.${key}`));
  return [[path, value], ...inner];
}

function assertDeepCopy(from: KubeObject): void {
  const before = structuredClone(from);
  const to = cloneObject(from);
  assert.deepEqual(to, before);
  const originals = new Set(objectsIn(from).map(([, value]) => value));
  const shared = objectsIn(to).filter(([, value]) => originals.has(value)).map(([path]) => path);
  assert.deepEqual(shared, []);
}

/** A value with every field of a schema. */
function sample(schema: JSONSchemaProps): unknown {
  if (schema.properties) {
    return Object.fromEntries(
      Object.entries(schema.properties).map(([name, child]) => [name, sample(child)]),
    );
  }
  if (schema.type === "array") return [sample(schema.items as JSONSchemaProps)];
  if (typeof schema.additionalProperties === "object") {
    return { key: sample(schema.additionalProperties as JSONSchemaProps) };
  }
  return schema.type === "object" ? { free: { form: ["text"] } } : "text";
}

for (const crd of CRDS) {
  Deno.test(`cloneObject copies every field of ${crd.spec.names.kind} and shares none`, () => {
    const schema = crd.spec.versions[0]!.schema!.openAPIV3Schema!;
    const { volumeSource, ...rest } = schema.properties!;
    assert.equal(volumeSource, undefined);
    const object = sample({ ...schema, properties: rest }) as KubeObject;
    object.apiVersion = "acid.zalan.do/v1";
    object.kind = crd.spec.names.kind;
    object.metadata = { name: "a", labels: { a: "b" }, ownerReferences: [] };
    if (object.kind === "postgresql") {
      const spec = object.spec as Postgresql["spec"];
      spec.additionalVolumes![0]!.volumeSource = { configMap: { name: "a", items: [] } };
    }
    assertDeepCopy(object);
  });
}

Deno.test("cloneObject copies the CRDs themselves", () => {
  for (const crd of CRDS) assertDeepCopy(crd);
});

Deno.test("cloneObject copies a StatefulSet with what its schema does not name", () => {
  const statefulSet = {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: { name: "a", creationTimestamp: null, labels: { a: "b" } },
    spec: {
      serviceName: "a",
      selector: { matchLabels: { a: "b" } },
      template: {
        metadata: { annotations: { a: "b" } },
        spec: {
          containers: [{
            name: "a",
            env: [{ name: "A", valueFrom: { secretKeyRef: { name: "s", key: "k" } } }],
            fieldOfTomorrow: "kept",
          }],
        },
      },
    },
  };
  assertDeepCopy(statefulSet as unknown as StatefulSet);
});

Deno.test("cloneObject copies null where the schema says list", () => {
  const role = {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "Role",
    metadata: {},
    rules: null,
  };
  assertDeepCopy(role as unknown as Role);
});

Deno.test("cloneObject copies a kind that it does not know", () => {
  assertDeepCopy({
    apiVersion: "monitoring.coreos.com/v1",
    kind: "ServiceMonitor",
    metadata: { name: "a" },
    spec: { endpoints: [{ port: "postgresql" }] },
  });
});

Deno.test("clonePostgresql copies an object that breaks its schema as it is", () => {
  for (const spec of ["text", null, 7, ["a"], { users: "a", volume: null, env: { a: {} } }]) {
    const broken = { apiVersion: "acid.zalan.do/v1", kind: "postgresql", metadata: {}, spec };
    assert.deepEqual(clonePostgresql(broken as unknown as Postgresql), broken);
  }
});
