import assert from "node:assert/strict";
import fc from "fast-check";
import { mergePostgresTeams, teamsWithAccess } from "./postgres_team.ts";
import type { PostgresTeam, PostgresTeamSpec } from "./types.gen.ts";

function team(spec: PostgresTeamSpec): PostgresTeam {
  return { apiVersion: "acid.zalan.do/v1", kind: "PostgresTeam", metadata: { name: "t" }, spec };
}

const SETTINGS = {
  enablePostgresTeamCrd: true,
  enablePostgresTeamCrdSuperusers: true,
  enableTeamSuperuser: false,
  postgresSuperuserTeams: [],
};

function access(resources: PostgresTeamSpec[], settings: Partial<typeof SETTINGS> = {}): string[] {
  const teams = mergePostgresTeams(resources.map(team));
  return teamsWithAccess("acid", teams, { ...SETTINGS, ...settings })
    .map(({ team, superuser }) => superuser ? `${team}!` : team);
}

const CASES = [
  { why: "the owner alone", resources: [], want: ["acid"] },
  {
    why: "additional teams bring along theirs, cycles end",
    resources: [{ additionalTeams: { acid: ["a"], a: ["b"], b: ["acid", "c"] } }],
    want: ["a", "b", "c", "acid"],
  },
  {
    why: "resources are merged, equal entries count once",
    resources: [{ additionalTeams: { acid: ["a"] } }, { additionalTeams: { acid: ["b", "a"] } }],
    want: ["a", "b", "acid"],
  },
  {
    why: "superuser teams come first and are no additional teams",
    resources: [{
      additionalSuperuserTeams: { acid: ["s"] },
      additionalTeams: { acid: ["s", "a"] },
    }],
    want: ["s!", "a", "acid"],
  },
  {
    why: "superuser teams of resources need their own switch",
    resources: [{ additionalSuperuserTeams: { acid: ["s"] } }],
    settings: { enablePostgresTeamCrdSuperusers: false },
    want: ["acid"],
  },
  {
    why: "an owner that is a superuser team is asked once",
    resources: [{ additionalSuperuserTeams: { acid: ["acid"] } }],
    want: ["acid!"],
  },
  {
    why: "superusers of the configuration come after those of resources",
    resources: [{ additionalSuperuserTeams: { acid: ["s"] } }],
    settings: { postgresSuperuserTeams: ["dba", "s"] as never },
    want: ["s!", "dba!", "acid"],
  },
  {
    why: "the owner's members may be superusers by configuration",
    resources: [],
    settings: { enableTeamSuperuser: true },
    want: ["acid!"],
  },
  {
    why: "resources do not count when they are switched off",
    resources: [{ additionalTeams: { acid: ["a"] } }],
    settings: { enablePostgresTeamCrd: false },
    want: ["acid"],
  },
];

Deno.test("teamsWithAccess finds all teams of a cluster, the owner last", () => {
  for (const { why, resources, settings, want } of CASES) {
    assert.deepEqual(access(resources, settings), want, why);
  }
});

Deno.test("teamsWithAccess adds the members that resources name", () => {
  const teams = mergePostgresTeams([
    team({ additionalTeams: { acid: ["a"] }, additionalMembers: { a: ["zoe"], acid: ["bob"] } }),
  ]);
  const members = teamsWithAccess("acid", teams, SETTINGS)
    .map(({ additionalMembers }) => additionalMembers);
  assert.deepEqual(members, [["zoe"], ["bob"]]);
});

Deno.test("a cluster without team has no owner to ask", () => {
  const teams = mergePostgresTeams([]);
  const settings = { ...SETTINGS, postgresSuperuserTeams: ["dba"] };
  assert.deepEqual(teamsWithAccess("", teams, settings).map(({ team }) => team), ["dba"]);
});

Deno.test("teamsWithAccess ends on every graph of teams and names each team once", () => {
  const name = fc.constantFrom("acid", "a", "b", "c", "d");
  const edges = fc.dictionary(name, fc.array(name), { noNullPrototype: true });
  fc.assert(fc.property(edges, edges, (additionalTeams, additionalSuperuserTeams) => {
    const found = access([{ additionalTeams, additionalSuperuserTeams }])
      .map((text) => text.replace("!", ""));
    assert.equal(new Set(found).size, found.length);
    assert.ok(found.includes("acid"));
  }));
});
