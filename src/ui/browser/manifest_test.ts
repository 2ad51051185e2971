/** Manifests that people edit, and those that a form makes. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { parse, stringify } from "yaml";
import type { Json } from "../changed_paths.ts";
import {
  cloneForm,
  editable,
  editOf,
  EMPTY_FORM,
  formProblems,
  type Manifest,
  manifestOf,
} from "./manifest.ts";

const STORED: Manifest = {
  apiVersion: "acid.zalan.do/v1",
  kind: "postgresql",
  metadata: { name: "acid-a", namespace: "shop", resourceVersion: "7", uid: "u" },
  spec: {
    teamId: "acid",
    numberOfInstances: 2,
    volume: { size: "1Gi" },
    allowedSourceRanges: null,
  },
};

const text = fc.string({ unit: "binary" });
const value = fc.letrec<{ tree: Json }>((tie) => ({
  tree: fc.oneof(
    { depthSize: "small" },
    text,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("tree"), { maxLength: 3 }),
    fc.dictionary(text.filter((key) => key !== "__proto__"), tie("tree"), { maxKeys: 4 }),
  ),
})).tree;

Deno.test("any manifest that is opened as YAML and saved unchanged sends nothing", () => {
  fc.assert(fc.property(fc.dictionary(fc.string(), value), (spec) => {
    const stored = { ...STORED, spec: spec as Manifest["spec"] };
    const shown = stringify(editable(stored), { lineWidth: 0 });
    const edit = editOf(stored, parse(shown) as Json);
    assert.deepEqual(edit, { patch: undefined, paths: [], problem: undefined });
  }));
});

Deno.test("one changed field is all that is sent, with the version that was seen", () => {
  const shown = stringify(editable(STORED)).replace("size: 1Gi", "size: 2Gi");
  assert.deepEqual(editOf(STORED, parse(shown) as Json), {
    patch: { metadata: { resourceVersion: "7" }, spec: { volume: { size: "2Gi" } } },
    paths: ["spec.volume.size"],
    problem: undefined,
  });
});

for (const [from, to] of [["acid-a", "acid-b"], ["shop", "bank"], ["postgresql", "pod"]] as const) {
  Deno.test(`${from} cannot be changed to ${to}`, () => {
    const shown = stringify(editable(STORED)).replace(from, to);
    assert.match(editOf(STORED, parse(shown) as Json).problem ?? "", /cannot be changed/);
  });
}

for (const edited of [null, "text", [], 7] as Json[]) {
  Deno.test(`${JSON.stringify(edited)} is no manifest`, () => {
    assert.match(editOf(STORED, edited).problem ?? "", /A manifest has fields/);
  });
}

Deno.test("an empty form makes what is needed and nothing else", () => {
  const form = { ...EMPTY_FORM, name: "acid-new", team: "acid" };
  assert.deepEqual(formProblems(form), {});
  assert.deepEqual(manifestOf(form), {
    apiVersion: "acid.zalan.do/v1",
    kind: "postgresql",
    metadata: { name: "acid-new", namespace: "default" },
    spec: {
      teamId: "acid",
      postgresql: { version: "18" },
      numberOfInstances: 2,
      volume: { size: "10Gi" },
      resources: {
        requests: { cpu: "100m", memory: "100Mi" },
        limits: { cpu: "500m", memory: "500Mi" },
      },
    },
  });
});

Deno.test("a full form is all in the manifest", () => {
  const { spec } = manifestOf({
    ...EMPTY_FORM,
    users: "app: createdb, login\n\nreader",
    databases: "app: app",
    ranges: "10.0.0.0/8\n192.0.2.1/32",
    iops: "4000",
    switches: { ...EMPTY_FORM.switches, enableConnectionPooler: true },
    clone: { cluster: "acid-a", uid: "u", timestamp: "2026-05-04T10:20:30+00:00" },
  }) as { spec: Record<string, Json> };
  assert.deepEqual(spec["users"], { app: ["createdb", "login"], reader: [] });
  assert.deepEqual(spec["databases"], { app: "app" });
  assert.deepEqual(spec["allowedSourceRanges"], ["10.0.0.0/8", "192.0.2.1/32"]);
  assert.deepEqual(spec["volume"], { size: "10Gi", iops: 4000 });
  assert.equal(spec["enableConnectionPooler"], true);
  assert.equal("enableMasterLoadBalancer" in spec, false);
  assert.deepEqual(spec["clone"], {
    cluster: "acid-a",
    uid: "u",
    timestamp: "2026-05-04T10:20:30+00:00",
  });
});

Deno.test("a clone takes size, version and team from the cluster that it copies", () => {
  const form = cloneForm(STORED, "");
  assert.deepEqual([form.name, form.namespace, form.team, form.volume], [
    "acid-a-clone",
    "shop",
    "acid",
    "1Gi",
  ]);
  assert.deepEqual(form.clone, { cluster: "acid-a", uid: "u", timestamp: "" });
});

const WRONG: readonly [Partial<typeof EMPTY_FORM>, string][] = [
  [{ name: "Acid" }, "name"],
  [{ name: "a-" }, "name"],
  [{ name: "a".repeat(54) }, "name"],
  [{ team: "" }, "team"],
  [{ volume: "ten" }, "volume"],
  [{ clone: { cluster: "a", uid: "", timestamp: "2026-05-04T10:20:30" } }, "clone"],
  [{ clone: { cluster: "a", uid: "", timestamp: "2026-13-04T10:20:30Z" } }, "clone"],
];

for (const [given, field] of WRONG) {
  Deno.test(`${JSON.stringify(given)} is wrong in ${field}`, () => {
    const form = { ...EMPTY_FORM, name: "acid-a", team: "acid", ...given };
    assert.deepEqual(Object.keys(formProblems(form)), [field]);
  });
}
