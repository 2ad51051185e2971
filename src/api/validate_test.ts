import assert from "node:assert/strict";
import fc from "fast-check";
import { parse, parseAllDocuments } from "yaml";
import { config } from "../testing/config_fixture.ts";
import { recordedConfig } from "../testing/recorded_config.ts";
import { issueText, validate } from "./validate.ts";

const REFERENCE = new URL("../../e2e/testdata/reference/", import.meta.url);

const SPEC = {
  numberOfInstances: 1,
  postgresql: { version: "17" },
  teamId: "acid",
  volume: { size: "2Gi" },
};

function issuesOf(change: Record<string, unknown>, name = "acid-a"): string[] {
  const object = { metadata: { name, namespace: "db" }, spec: { ...SPEC, ...change } };
  return validate(object, config()).map(issueText);
}

const REFUSED: readonly [change: Record<string, unknown>, text: RegExp][] = [
  [{ teamId: undefined }, /^spec.teamId is required$/],
  [{ volume: undefined }, /^spec.volume is required$/],
  [{ postgresql: { version: 17 } }, /^spec.postgresql.version must be .*, not a number$/],
  [{ numberOfInstances: "3" }, /^spec.numberOfInstances must be number, not a string$/],
  [{ numberOfInstances: -1 }, /^spec.numberOfInstances: "-1" must not be negative$/],
  [{ users: { app: "login" } }, /^spec.users.app must be Array, not a string$/i],
  [{ clone: { cluster: "Acid_Wrong" } }, /^spec.clone.cluster: "Acid_Wrong" must match \^\[a-z\]/],
  [{ clone: { cluster: "a".repeat(64) } }, /^spec.clone.cluster: "a+" must not be longer than 63/],
  [{ standby: {} }, /^spec.standby does not fit: one of s3_wal_path, gs_wal_path, standby_host$/],
  [
    { standby: { s3_wal_path: "s3://a", gs_wal_path: "gs://a" } },
    /^spec.standby does not fit: not both s3_wal_path and gs_wal_path$/,
  ],
  [
    { maintenanceWindows: ["01:00-02:00", "Mon:08:5-10:00"] },
    /^spec.maintenanceWindows\[1\]: "Mon:08:5-10:00" must be like Mon:01:00-06:00/,
  ],
  [
    { maintenanceWindows: ["Tue:23:00-01:00"] },
    /^spec.maintenanceWindows\[0\]: "Tue:23:00-01:00" must not end before it starts$/,
  ],
  [{ users: { BigName: [] } }, /^spec.users: "BigName" must match/],
  [{ users: { "a..b": [] } }, /^spec.users: "a..b" must match/],
  [{ users: { torn: ["login", "nologin"] } }, /^spec.users.torn cannot be used: .* contradict/],
  [{ users: { odd: ["fly"] } }, /^spec.users.odd cannot be used: flag "FLY" is not valid$/],
];

Deno.test("what cannot be honoured is named with field, value and rule", () => {
  for (const [change, text] of REFUSED) {
    const issues = issuesOf(change);
    assert.equal(issues.length, 1, JSON.stringify([change, issues]));
    assert.match(issues[0]!, text);
  }
});

const ACCEPTED: readonly Record<string, unknown>[] = [
  {},
  { teamId: "" },
  { clone: { cluster: "Acid_Wrong", timestamp: "2026-01-01T00:00:00+00:00" } },
  { clone: { cluster: "" } },
  { maintenanceWindows: ["Sat:8:05-9:00"], users: null },
  { users: { a: null, "ns.b": ["SUPERUSER", "createdb"], "c-d_e": ["NOLOGIN"] } },
  { users: { admin: ["fly"], postgres: ["fly"], standby: ["fly"] } },
  // Stored before the schema became stricter: it keeps running.
  { postgresql: { version: "13" }, connectionPooler: { numberOfInstances: 0 } },
];

Deno.test("what the reference runs is accepted", () => {
  for (const change of ACCEPTED) assert.deepEqual(issuesOf(change), [], JSON.stringify(change));
});

Deno.test("more instances than anybody runs are refused, those of the pooler too", () => {
  assert.deepEqual(issuesOf({ numberOfInstances: 1000 }), []);
  assert.deepEqual(issuesOf({ numberOfInstances: 1001 }), [
    'spec.numberOfInstances: "1001" must not be more than 1000',
  ]);
  assert.deepEqual(issuesOf({ connectionPooler: { numberOfInstances: 1e9 } }), [
    "spec.connectionPooler.numberOfInstances must not be more than 1000",
  ]);
});

Deno.test("all issues are told at once", () => {
  const change = { users: { A: [] }, maintenanceWindows: ["x"], clone: { cluster: "Y" } };
  assert.equal(issuesOf(change, "Z").length, 4);
});

Deno.test("a name too long for its replica Service is refused, with or without a team prefix", () => {
  const [issue] = issuesOf({}, "a".repeat(59));
  assert.match(issue!, /^metadata.name: "a+" must not be longer than 52 characters$/);
});

Deno.test("an issue of the wrong type does not show what may be a secret", () => {
  const clone = { cluster: "a", s3_secret_access_key: ["do-not-tell"] };
  assert.deepEqual(issuesOf({ clone }), [
    "spec.clone.s3_secret_access_key must be string, not a list",
  ]);
});

Deno.test("with the team prefix switched on, another name makes the cluster unmanaged", () => {
  const issues = validate(
    { metadata: { name: "other" }, spec: SPEC },
    config({ enableTeamIdClusternamePrefix: true }),
  );
  assert.deepEqual(issues.map((issue) => issue.severity), ["unmanaged"]);
});

/** Documents of kind postgresql of one recorded step that are complete, not only a change. */
function manifests(configuration: string, name: string): unknown[] {
  const file = new URL(`cases/${configuration}/${name}/1.yaml`, REFERENCE);
  return parseAllDocuments(Deno.readTextFileSync(file))
    .map((document) => document.toJS())
    .filter((object) => object?.kind === "postgresql");
}

function recordedStatuses(configuration: string, name: string): string[] {
  const file = new URL(`golden/${configuration}/${name}/1.yaml`, REFERENCE);
  return parse(Deno.readTextFileSync(file)).status ?? [];
}

/** Refused by the reference for what its manifest says, and here by this file. */
const REFUSED_CASES: Readonly<Record<string, string>> = {
  "default/inv-clone-name": "CreateFailed",
  "default/inv-user-flags": "CreateFailed",
  "default/inv-user-name": "CreateFailed",
  "default/inv-window": "CreateFailed",
  "default/inv-window-order": "CreateFailed",
  "default/t-fix-create": "CreateFailed",
  "startup/start-bad": "CreateFailed",
  "teams/tm-empty": "Invalid",
  "teams/tm-long": "Invalid",
  "teams/tm-no-dash": "Invalid",
  "teams/tm-wrong": "Invalid",
};

/** Refused by the API server before any operator sees it. */
const REFUSED_BY_SCHEMA = ["default/inv-schema-standby"];

Deno.test("of the recorded first steps those are refused that the reference refuses", () => {
  const refused: Record<string, string> = {};
  let seen = 0;
  for (const folder of Deno.readDirSync(new URL("cases/", REFERENCE))) {
    if (!folder.isDirectory) continue;
    const settings = recordedConfig(folder.name).config;
    for (const entry of Deno.readDirSync(new URL(`cases/${folder.name}/`, REFERENCE))) {
      if (!entry.isDirectory) continue;
      const id = `${folder.name}/${entry.name}`;
      for (const manifest of manifests(folder.name, entry.name)) {
        seen += 1;
        const issues = validate(manifest, settings);
        if (issues.length === 0 || REFUSED_BY_SCHEMA.includes(id)) continue;
        const unmanaged = issues.some((issue) => issue.severity === "unmanaged");
        refused[id] = unmanaged ? "Invalid" : "CreateFailed";
        assert.ok(recordedStatuses(folder.name, entry.name).includes(refused[id]), id);
      }
    }
  }
  assert.ok(seen > 200, `${seen} manifests`);
  assert.deepEqual(refused, REFUSED_CASES);
});

Deno.test("no object makes the validation throw", () => {
  const spec = fc.dictionary(
    fc.constantFrom("clone", "users", "maintenanceWindows", "standby", "teamId", "volume"),
    fc.jsonValue({ maxDepth: 2 }),
  );
  fc.assert(fc.property(spec, fc.jsonValue(), (change, junk) => {
    assert.ok(Array.isArray(issuesOf(change as Record<string, unknown>)));
    assert.ok(validate(junk, config()).length > 0);
  }));
});
