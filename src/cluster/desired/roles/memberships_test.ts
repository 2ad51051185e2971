import assert from "node:assert/strict";
import fc from "fast-check";
import { withMemberships } from "./memberships.ts";
import type { DesiredRole } from "./role.ts";

type Given = Partial<Omit<DesiredRole, "name">>;

function role(name: string, given: Given = {}): DesiredRole {
  return {
    name,
    origin: "manifest",
    flags: [],
    login: true,
    memberOf: [],
    parameters: {},
    isDbOwner: false,
    namespace: "shop",
    hasPassword: true,
    ...given,
  };
}

interface Case {
  readonly why: string;
  readonly roles: readonly DesiredRole[];
  readonly additional?: readonly string[];
  /** `member > group`, administrators as `member > group!`. */
  readonly want: readonly string[];
  readonly told?: readonly RegExp[];
}

const OWNER: Given = { isDbOwner: true };
const INFRA: Given = { origin: "infrastructure" };

const CASES: readonly Case[] = [
  {
    why: "owners join the additional owner roles",
    roles: [role("tenant", OWNER), role("app")],
    additional: ["warden", "tenant"],
    want: ["tenant > warden"],
  },
  {
    why: "an additional owner role joins no owner, as its definition asks",
    roles: [role("warden", { ...INFRA, memberOf: ["tenant", "mon"] }), role("tenant", OWNER)],
    additional: ["warden"],
    want: ["warden > mon", "tenant > warden"],
    told: [/^role warden does not become a member of tenant: warden is an additional owner role/],
  },
  {
    why: "nor as the administrator of one",
    roles: [role("tenant", { ...OWNER, adminRole: "admin" })],
    additional: ["admin"],
    want: ["tenant > admin"],
    told: [/^role admin does not become an administrator of tenant: admin is an additional owner/],
  },
  {
    why: "two additional owner roles that own databases join neither each other",
    roles: [role("a", OWNER), role("b", OWNER)],
    additional: ["a", "b"],
    want: [],
    told: [/^role a does not become a member of b/, /^role b does not become a member of a/],
  },
  {
    why: "a longer way round is no better",
    roles: [
      role("warden", { ...INFRA, memberOf: ["mid"] }),
      role("mid", { ...INFRA, memberOf: ["tenant"] }),
      role("tenant", OWNER),
    ],
    additional: ["warden"],
    want: ["warden > mid", "tenant > warden"],
    told: [/^role mid does not become a member of tenant: .*: tenant is a member of warden is a/],
  },
  {
    why: "what the operator needs goes before what people wrote",
    roles: [
      role("zalandos", { ...INFRA, memberOf: ["joe"] }),
      role("joe", { origin: "team", memberOf: ["zalandos"] }),
    ],
    want: ["joe > zalandos"],
    told: [/^role zalandos does not become a member of joe/],
  },
  {
    why: "nobody joins himself, and nobody is told of it",
    roles: [role("a", { memberOf: ["a", "b"], adminRole: "a" })],
    want: ["a > b"],
  },
  {
    why: "an administrator is left out before a membership",
    roles: [
      role("foo_owner", { ...OWNER, adminRole: "admin" }),
      role("foo_user", { memberOf: ["foo_owner"], adminRole: "foo_owner" }),
    ],
    want: ["foo_user > foo_owner", "admin > foo_owner!"],
    told: [/^role foo_owner does not become an administrator of foo_user/],
  },
];

function edges(roles: readonly DesiredRole[]): string[] {
  return [
    ...roles.flatMap(({ name, memberOf }) => memberOf.map((group) => `${name} > ${group}`)),
    ...roles.flatMap(({ name, adminRole }) => adminRole ? [`${adminRole} > ${name}!`] : []),
  ];
}

Deno.test("memberships that PostgreSQL refuses are left out and told", () => {
  for (const { why, roles, additional = [], want, told = [] } of CASES) {
    const found = withMemberships(roles, additional);
    assert.deepEqual(edges(found.roles), want, why);
    assert.equal(found.problems.length, told.length, why);
    for (const [index, text] of told.entries()) assert.match(found.problems[index]!.message, text);
  }
});

const NAMES = ["a", "b", "c", "d", "e"];
const anyName = fc.constantFrom(...NAMES);
const anyRole = fc.record({
  memberOf: fc.uniqueArray(anyName, { maxLength: 3 }),
  adminRole: fc.option(anyName, { nil: undefined }),
  isDbOwner: fc.boolean(),
  origin: fc.constantFrom("manifest" as const, "infrastructure" as const, "team" as const),
});

Deno.test("no wish ends in a circle, and without one no wish is lost", () => {
  const wishes = fc.array(anyRole, { minLength: 5, maxLength: 5 });
  fc.assert(fc.property(wishes, fc.subarray(NAMES), (given, additional) => {
    const roles = given.map(({ adminRole, ...rest }, index) =>
      role(NAMES[index]!, { ...rest, ...(adminRole === undefined ? {} : { adminRole }) })
    );
    const found = withMemberships(roles, additional);
    const pairs = edges(found.roles).map((edge) => edge.replace("!", "").split(" > "));
    const reach = (from: string): Set<string> => {
      const seen = new Set([from]);
      for (const name of seen) {
        for (const [member, group] of pairs) if (member === name) seen.add(group!);
      }
      return seen;
    };
    for (const [member, group] of pairs) assert.ok(!reach(group!).has(member!));
    if (found.problems.length > 0) return;
    const wanted = roles.flatMap(({ name, memberOf, isDbOwner }) =>
      [...memberOf, ...(isDbOwner ? additional : [])].filter((group) => group !== name)
        .map((group) => `${name} > ${group}`)
    );
    for (const edge of wanted) assert.ok(edges(found.roles).includes(edge), edge);
  }));
});
