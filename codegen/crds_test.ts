/**
 * Holds our CRDs equal to those of Zalando's operator as a real API server serves them
 * (`testdata/reference_crds`, without descriptions). `status` of postgresql may have more fields, and
 * what else is added stands in one list.
 */
import assert from "node:assert/strict";
import { parseCrd } from "./openapi/parse.ts";
import type { CrdManifest, CrdModel, Schema } from "./openapi/model.ts";
import { mapSchema } from "./openapi/refs.ts";

const FILES = {
  "crds/postgresql.yaml": "postgresqls.acid.zalan.do.json",
  "crds/operatorconfiguration.yaml": "operatorconfigurations.acid.zalan.do.json",
  "crds/postgresteam.yaml": "postgresteams.acid.zalan.do.json",
} as const;

/** What we have beside the reference's fields: new, optional, and without effect where left out. */
const ADDED: Readonly<Record<string, readonly string[]>> = {
  "crds/postgresql.yaml": [
    "spec.internalTrafficPolicy",
    "spec.ipFamilies",
    "spec.ipFamilyPolicy",
    "spec.loadBalancerClass",
  ],
  "crds/operatorconfiguration.yaml": [
    "configuration.kubernetes.enable_orphan_deletion",
    "configuration.kubernetes.rollout_bake_time",
    "configuration.kubernetes.rollout_max_clusters",
    "configuration.kubernetes.rollout_max_degraded",
  ],
};

/** Takes a field out of a schema. @throws where it is not there, or required */
function withdraw(schema: Schema, path: string): void {
  const keys = path.split(".");
  const last = keys.pop()!;
  const parent = keys.reduce((inner, key) => inner.properties![key]!, schema);
  assert.ok(parent.properties?.[last], `${path} is no field`);
  assert.equal(parent.required?.includes(last) ?? false, false, `${path} is required`);
  delete parent.properties[last];
}

function ours(path: string): CrdModel {
  return parseCrd(path, Deno.readTextFileSync(new URL(`../${path}`, import.meta.url)));
}

function reference(path: keyof typeof FILES): CrdManifest {
  const url = new URL(`testdata/reference_crds/${FILES[path]}`, import.meta.url);
  return JSON.parse(Deno.readTextFileSync(url)) as CrdManifest;
}

/** The definition as a server would give it: without words, with the default conversion. */
function comparable(manifest: CrdManifest): CrdManifest {
  const copy = structuredClone(manifest);
  copy.spec.conversion ??= { strategy: "None" };
  for (const version of copy.spec.versions) {
    version.schema.openAPIV3Schema = mapSchema(
      version.schema.openAPIV3Schema,
      ({ description: _words, ...node }) => node,
    );
  }
  return copy;
}

function schemaOf(manifest: CrdManifest): Schema {
  return manifest.spec.versions[0]!.schema.openAPIV3Schema;
}

/** What `kubectl scale` and autoscalers use; the reference has none. */
const SCALE = {
  specReplicasPath: ".spec.numberOfInstances",
  statusReplicasPath: ".status.numberOfInstances",
  labelSelectorPath: ".status.labelSelector",
};

/** Takes the scale subresource out of a definition. @throws where it is not as it should be */
function withdrawScale({ spec }: CrdManifest): void {
  const { subresources } = spec.versions[0]!;
  assert.deepEqual(subresources?.["scale"], SCALE);
  delete subresources!["scale"];
}

for (const path of Object.keys(FILES) as (keyof typeof FILES)[]) {
  Deno.test(`${path} asks for the same as the reference, field by field`, () => {
    const own = comparable(ours(path).manifest);
    const wanted = comparable(reference(path));
    for (const manifest of [own, wanted]) delete schemaOf(manifest).properties!.status;
    if (path === "crds/postgresql.yaml") withdrawScale(own);
    for (const added of ADDED[path] ?? []) withdraw(schemaOf(own), added);
    assert.deepEqual(own, wanted);
  });
}

Deno.test("status of postgresql keeps the reference's fields and requires no more", () => {
  const own = schemaOf(comparable(ours("crds/postgresql.yaml").manifest)).properties!.status!;
  const wanted = schemaOf(comparable(reference("crds/postgresql.yaml"))).properties!.status!;
  assert.deepEqual(own.required, wanted.required);
  for (const [name, schema] of Object.entries(wanted.properties!)) {
    assert.deepEqual(own.properties![name], schema);
  }
});

Deno.test("conditions have the standard fields and are a list map by type", () => {
  const { conditions } = ours("crds/postgresql.yaml").schema.properties!.status!.properties!;
  assert.equal(conditions!["x-kubernetes-list-type"], "map");
  assert.deepEqual(conditions!["x-kubernetes-list-map-keys"], ["type"]);
  assert.deepEqual(Object.keys(conditions!.items!.properties!).sort(), [
    "lastTransitionTime",
    "message",
    "observedGeneration",
    "reason",
    "status",
    "type",
  ]);
});

/** Parts that Kubernetes defines: their fields need no words of ours. */
const KUBERNETES_PARTS =
  /\.(env|envFrom|initContainers|livenessProbe|liveness_probe|nodeAffinity|ports|selector|tolerations|topologySpreadConstraints|volumeSource)(\.|\[)/;

function undescribed(schema: Schema, path: string): string[] {
  // The API server accepts no words for metadata.
  const missing = schema.description || path === "metadata" || KUBERNETES_PARTS.test(`${path}.`)
    ? []
    : [path];
  const children: [string, Schema][] = Object.entries(schema.properties ?? {})
    .map(([name, child]) => [path === "" ? name : `${path}.${name}`, child]);
  if (schema.items) children.push([`${path}[]`, schema.items]);
  if (typeof schema.additionalProperties === "object") {
    children.push([`${path}{}`, schema.additionalProperties]);
  }
  return [...missing, ...children.flatMap(([childPath, child]) => undescribed(child, childPath))];
}

for (const path of Object.keys(FILES)) {
  Deno.test(`${path} describes every field of ours`, () => {
    assert.deepEqual(undescribed(ours(path).schema, ""), []);
  });
}

Deno.test("no definition says more of metadata than the API server accepts", () => {
  for (const path of [...Object.keys(FILES), "crds/external/fabriceventstream.yaml"]) {
    assert.deepEqual(ours(path).schema.properties!.metadata, { type: "object" });
  }
});

Deno.test("postgresql has the reference's 56 fields under spec, OperatorConfiguration its 186 parameters", () => {
  const { spec } = ours("crds/postgresql.yaml").schema.properties!;
  const fields = 56 + ADDED["crds/postgresql.yaml"]!.length;
  assert.equal(Object.keys(spec!.properties!).length, fields);
  const { configuration } = ours("crds/operatorconfiguration.yaml").schema.properties!;
  const counts = Object.values(configuration!.properties!).map((schema) =>
    schema.properties ? Object.keys(schema.properties).length : 1
  );
  const parameters = 186 + ADDED["crds/operatorconfiguration.yaml"]!.length;
  assert.equal(counts.reduce((sum, count) => sum + count, 0), parameters);
});
