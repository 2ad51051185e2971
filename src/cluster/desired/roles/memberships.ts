/**
 * Which memberships are wanted. PostgreSQL has no role that is a member of itself by way of others
 * (SQLSTATE 0LP01), so one that would close such a circle is left out and told, instead of failing at
 * every look. Pure.
 *
 * Zalando: pkg/cluster/cluster.go, initAdditionalOwnerRoles; pkg/util/users/users.go,
 * resolveOwnerMembership
 */

import type { DesiredRole, RoleOrigin, RoleProblem } from "./role.ts";

interface Membership {
  readonly member: string;
  readonly group: string;
  /** By `adminRole` of the group: only its creation makes it. */
  readonly admin: boolean;
}

/** What people write comes after what the operator needs for itself. */
const WRITTEN_BY_PEOPLE: ReadonlySet<RoleOrigin> = new Set(["infrastructure"]);

/**
 * The roles with their memberships: owners of databases join the additional owner roles, and those
 * never join an owner. Where memberships contradict each other, the additional owner roles come
 * first, then what the operator wants for itself, then what people wrote, then administrators.
 */
export function withMemberships(
  roles: readonly DesiredRole[],
  additional: readonly string[],
): { readonly roles: readonly DesiredRole[]; readonly problems: readonly RoleProblem[] } {
  const owners = new Set(roles.filter(({ isDbOwner }) => isDbOwner).map(({ name }) => name));
  const graph = new Graph();
  const problems: RoleProblem[] = [];
  for (const wanted of inOrder(roles, additional)) {
    const { member, group } = wanted;
    if (member === group) continue;
    const forbidden = additional.includes(member) && owners.has(group);
    const path = forbidden ? undefined : graph.path(group, member);
    if (!forbidden && path === undefined) graph.add(wanted);
    else problems.push(leftOut(wanted, path));
  }
  return { roles: roles.map((role) => withOnly(role, additional, graph)), problems };
}

function* inOrder(
  roles: readonly DesiredRole[],
  additional: readonly string[],
): Generator<Membership> {
  const own = roles.filter(({ origin }) => !WRITTEN_BY_PEOPLE.has(origin));
  const written = roles.filter(({ origin }) => WRITTEN_BY_PEOPLE.has(origin));
  for (const { name, isDbOwner } of roles) {
    for (const group of isDbOwner ? additional : []) yield { member: name, group, admin: false };
  }
  for (const { name, memberOf } of [...own, ...written]) {
    for (const group of memberOf) yield { member: name, group, admin: false };
  }
  for (const { name, adminRole } of roles) {
    if (adminRole) yield { member: adminRole, group: name, admin: true };
  }
}

function withOnly(
  role: DesiredRole,
  additional: readonly string[],
  graph: Graph,
): DesiredRole {
  const { adminRole, ...rest } = role;
  const wanted = [...role.memberOf, ...(role.isDbOwner ? additional : [])];
  const memberOf = [...new Set(wanted)].filter((group) => graph.has(role.name, group));
  const keepsAdmin = adminRole !== undefined && graph.has(adminRole, role.name);
  return { ...rest, memberOf, ...(keepsAdmin ? { adminRole } : {}) };
}

function leftOut({ member, group, admin }: Membership, path: readonly string[] | undefined) {
  const what = admin
    ? `role ${member} does not become an administrator of ${group}`
    : `role ${member} does not become a member of ${group}`;
  const why = path === undefined
    ? `${member} is an additional owner role, and ${group} owns a database`
    : `that would close a circle: ${path.join(" is a member of ")}`;
  return { name: member, severity: "warning", message: `${what}: ${why}` } as const;
}

/** Memberships that do not contradict each other. */
class Graph {
  readonly #groups = new Map<string, Set<string>>();

  add({ member, group }: Membership): void {
    const groups = this.#groups.get(member) ?? new Set();
    this.#groups.set(member, groups.add(group));
  }

  has(member: string, group: string): boolean {
    return this.#groups.get(member)?.has(group) === true;
  }

  /** From one role to another by its groups; undefined where there is no way. */
  path(from: string, to: string): readonly string[] | undefined {
    const before = new Map<string, string | undefined>([[from, undefined]]);
    for (const name of before.keys()) {
      if (name === to) return backwards(before, to);
      for (const group of this.#groups.get(name) ?? []) {
        if (!before.has(group)) before.set(group, name);
      }
    }
    return undefined;
  }
}

function backwards(before: ReadonlyMap<string, string | undefined>, end: string): string[] {
  const steps: string[] = [];
  for (let name: string | undefined = end; name !== undefined; name = before.get(name)) {
    steps.unshift(name);
  }
  return steps;
}
