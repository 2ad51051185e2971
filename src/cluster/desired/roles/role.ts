/**
 * A role that should exist in the database of a cluster. What it logs in with is decided by the
 * credentials of the plan; here stands only whether it has a password at all.
 *
 * Zalando: pkg/spec/types.go, PgUser
 */

/** Where a role comes from. */
export type RoleOrigin =
  | "manifest"
  | "infrastructure"
  | "team"
  | "system"
  | "bootstrap"
  | "pooler"
  | "stream";

export interface DesiredRole {
  readonly name: string;
  readonly origin: RoleOrigin;
  /** Attributes of CREATE ROLE in upper case, sorted, each once and free of contradictions. */
  readonly flags: readonly string[];
  /** Whether it may log in. A role without this right never loses it once the database has it. */
  readonly login: boolean;
  readonly memberOf: readonly string[];
  /** Settings of ALTER ROLE … SET. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Becomes a member with admin option when the role is created. */
  readonly adminRole?: string;
  /** Owns a database: left out of general rotation, member of the additional owner roles. */
  readonly isDbOwner: boolean;
  /** Namespace of its credential Secret. */
  readonly namespace: string;
  /** False for roles without a password: those of persons, and groups of prepared databases. */
  readonly hasPassword: boolean;
}

/** Something about roles or databases that a person has to know or mend. */
export interface RoleProblem {
  /** Name of the role or database. */
  readonly name: string;
  readonly severity: "warning" | "error";
  readonly message: string;
  /** Where the role comes from. */
  readonly origin?: RoleOrigin;
  /** Nothing new of this origin is carried out until it is mended. */
  readonly withholds?: RoleOrigin;
}

/** Roles that cannot be told because what defines them could not be read. */
export interface HeldRoles {
  readonly origin: "infrastructure" | "team";
  readonly reason: string;
}

/**
 * On equal names the higher rank wins, and among equals the later one
 * (Zalando: pkg/spec/types.go, RoleOrigin; pkg/cluster/cluster.go, resolveNameConflict).
 */
const RANK: Readonly<Record<RoleOrigin, number>> = {
  manifest: 1,
  infrastructure: 2,
  team: 3,
  system: 4,
  bootstrap: 5,
  pooler: 6,
  stream: 7,
};

/** Adds a role unless one of higher rank has its name. */
export function addRole(roles: Map<string, DesiredRole>, role: DesiredRole): void {
  const current = roles.get(role.name);
  if (current === undefined || RANK[role.origin] >= RANK[current.origin]) {
    roles.set(role.name, role);
  }
}
