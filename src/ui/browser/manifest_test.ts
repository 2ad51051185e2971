/** Manifests that people edit, and those that a form makes. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { parse, stringify } from "yaml";
import type { Json } from "../changed_paths.ts";
import {
  cloneManifest,
  databasesOfLines,
  editable,
  editOf,
  linesOfDatabases,
  linesOfList,
  linesOfUsers,
  listOfLines,
  type Manifest,
  manifestProblems,
  newManifest,
  usersOfLines,
} from "./manifest.ts";
import { fieldAt, readText, textOf, withField } from "./manifest_text.ts";

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

const BEGIN = {
  name: "acid-new",
  namespace: "default",
  team: "acid",
  version: "18",
  cpu: "100m",
  cpuLimit: "500m",
  memory: "100Mi",
  memoryLimit: "500Mi",
};

Deno.test("a new manifest has what is needed and nothing else", () => {
  const made = newManifest(BEGIN);
  assert.deepEqual([...manifestProblems(made)], []);
  assert.deepEqual(made, {
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

Deno.test("a clone of what only backups are left of names cluster, uid and moment", () => {
  const clone = { cluster: "acid-a", uid: "u", timestamp: "2026-05-04T10:20:30+00:00" };
  assert.deepEqual(fieldAt(newManifest(BEGIN, clone), ["spec", "clone"]), clone);
  const latest = newManifest(BEGIN, { cluster: "acid-a", uid: "", timestamp: "" });
  assert.deepEqual(fieldAt(latest, ["spec", "clone"]), { cluster: "acid-a" });
});

Deno.test("a clone of a running cluster takes all over but what is the original's own", () => {
  const stored = {
    ...STORED,
    spec: {
      ...STORED.spec,
      postgresql: { version: "17", parameters: { work_mem: "8MB" } },
      users: { app: [] },
      clone: { cluster: "older" },
      standby: { s3_wal_path: "s3://a" },
      masterNodePort: 30000,
    },
  };
  const made = cloneManifest(stored, "") as { metadata: object; spec: Record<string, Json> };
  assert.deepEqual(made.metadata, { name: "acid-a-clone", namespace: "shop" });
  assert.deepEqual(made.spec, {
    ...STORED.spec,
    postgresql: { version: "17", parameters: { work_mem: "8MB" } },
    users: { app: [] },
    clone: { cluster: "acid-a", uid: "u" },
  });
});

const word = fc.stringMatching(/^[a-z][a-z0-9_]{0,8}$/);

Deno.test("users, databases and lists are the same after they were lines of a form", () => {
  fc.assert(fc.property(
    fc.dictionary(word, fc.array(word, { maxLength: 3 }), { minKeys: 1, noNullPrototype: true }),
    fc.dictionary(word, word, { minKeys: 1, noNullPrototype: true }),
    fc.array(word, { minLength: 1 }),
    (users, databases, list) => {
      assert.deepEqual(usersOfLines(linesOfUsers(users)), users);
      assert.deepEqual(databasesOfLines(linesOfDatabases(databases)), databases);
      assert.deepEqual(listOfLines(linesOfList(list)), list);
    },
  ));
});

Deno.test("empty lines are nothing, and blanks around words do not count", () => {
  assert.deepEqual(usersOfLines("app : createdb,login\n\n reader "), {
    app: ["createdb", "login"],
    reader: [],
  });
  assert.deepEqual(databasesOfLines(" app : app \n"), { app: "app" });
  assert.deepEqual(listOfLines("10.0.0.0/8\n\n 192.0.2.1/32 "), ["10.0.0.0/8", "192.0.2.1/32"]);
  for (const read of [usersOfLines, databasesOfLines, listOfLines]) {
    assert.equal(read(" \n"), undefined);
  }
});

const WRONG: readonly [readonly string[], Json, RegExp][] = [
  [["metadata", "name"], "Acid", /Small letters/],
  [["metadata", "name"], "a-", /Small letters/],
  [["metadata", "name"], "a".repeat(54), /53 characters/],
  [["spec", "teamId"], "", /belongs to a team/],
  [["spec", "volume", "size"], "ten", /Such as 10Gi/],
  [["spec", "numberOfInstances"], "two", /whole number/],
  [["spec", "numberOfInstances"], 1.5, /whole number/],
  [["spec", "numberOfInstances"], 9, /max_instances/],
  [["spec", "numberOfInstances"], 1, /min_instances/],
  [["spec", "clone"], { cluster: "a", timestamp: "2026-05-04T10:20:30" }, /offset/],
  [["spec", "clone"], { cluster: "a", timestamp: "2026-13-04T10:20:30Z" }, /offset/],
  [["spec", "clone"], { cluster: "a", timestamp: "2026-04-30T10:20:30Z" }, /can be restored/],
];

for (const [path, value, wanted] of WRONG) {
  Deno.test(`${path.join(".")} of ${JSON.stringify(value)} is wrong`, () => {
    const { manifest } = readText(withField(textOf(newManifest(BEGIN)), path, value));
    const options = { oldest: "2026-05-01T00:00:00Z", instances: { least: 2, most: 8 } };
    const [[found, message] = ["", ""], ...more] = manifestProblems(manifest, options);
    assert.ok(found.startsWith(path.join(".")), found);
    assert.match(message, wanted);
    assert.deepEqual(more, []);
  });
}

Deno.test("no members at all is a wish, and what has no limits is not limited", () => {
  for (const count of [0, 1, 99]) {
    const made = readText(
      withField(textOf(newManifest(BEGIN)), ["spec", "numberOfInstances"], count),
    );
    assert.deepEqual([...manifestProblems(made.manifest)], []);
  }
  const zero = readText(withField(textOf(newManifest(BEGIN)), ["spec", "numberOfInstances"], 0));
  assert.deepEqual([...manifestProblems(zero.manifest, { instances: { least: 2 } })], []);
});
