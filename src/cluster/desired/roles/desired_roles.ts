/**
 * All roles of one cluster from all sources, one a name.
 *
 * Zalando: pkg/cluster/cluster.go, initUsers, initHumanUsers, initAdditionalOwnerRoles
 */

import type { Postgresql } from "../../../api/types.gen.ts";
import type { Config } from "../../../config/config.ts";
import type { Inputs } from "../../effective/inputs.ts";
import { infrastructureRoles, manifestRoles } from "./manifest.ts";
import { withMemberships } from "./memberships.ts";
import { preparedRoles } from "./prepared.ts";
import {
  addRole,
  type DesiredRole,
  type HeldRoles,
  type RoleOrigin,
  type RoleProblem,
} from "./role.ts";
import { systemRoles } from "./system.ts";
import { teamRoles } from "./team.ts";

export interface RoleSources {
  readonly cluster: Postgresql;
  readonly config: Config;
  readonly inputs: Pick<Inputs, "infrastructureRoles" | "teams">;
  /** User of the connection pooler; undefined where no pooler is wanted. */
  readonly poolerUser: string | undefined;
}

export interface DesiredRoles {
  /** System roles first, then the others in the order of their sources; names are unique. */
  readonly roles: readonly DesiredRole[];
  readonly problems: readonly RoleProblem[];
  /** Sources that could not be read: their roles are neither made nor taken for gone. */
  readonly held: readonly HeldRoles[];
}

/** Collects the roles of a cluster and says which of them are left out, and why. */
export function desiredRoles(sources: RoleSources): DesiredRoles {
  const { cluster, config, inputs } = sources;
  const namespace = cluster.metadata.namespace ?? "";
  const system = systemRoles(config, {
    namespace,
    poolerUser: sources.poolerUser,
    streams: (cluster.spec.streams ?? []).length > 0 ? "wanted" : "none",
  });
  const collection = new Collection(config, system);
  if (inputs.infrastructureRoles.known) {
    collection.addChecked(infrastructureRoles(inputs.infrastructureRoles.value, namespace));
  }
  const prepared = preparedRoles(cluster, config);
  collection.problems.push(...prepared.problems);
  collection.addAll(prepared.roles);
  collection.addChecked(manifestRoles(cluster, config));
  if (inputs.teams.known) collection.addChecked(teamRoles(inputs.teams.value, config));
  const others = withMemberships([...collection.roles.values()], config.additionalOwnerRoles);
  return {
    roles: [...system, ...others.roles],
    problems: [...collection.problems, ...others.problems],
    held: heldRoles(inputs),
  };
}

/** Roles that are not system roles, by name, as they come in from their sources. */
class Collection {
  readonly roles = new Map<string, DesiredRole>();
  readonly problems: RoleProblem[] = [];
  readonly #protected: ReadonlySet<string>;
  readonly #system: ReadonlySet<string>;

  constructor(config: Config, system: readonly DesiredRole[]) {
    this.#protected = new Set(config.protectedRoleNames);
    this.#system = new Set(system.map(({ name }) => name));
  }

  /** Roles whose names the operator makes itself. One named like a system role is that role. */
  addAll(roles: readonly DesiredRole[]): void {
    for (const role of roles) {
      if (this.#system.has(role.name)) this.#leaveOut(role, "system");
      else addRole(this.roles, role);
    }
  }

  /** Roles named by people: those with protected or system names are left out. */
  addChecked(checked: readonly (DesiredRole | RoleProblem)[]): void {
    for (const role of checked) {
      // Flags of names that are left out do not matter.
      if (this.#protected.has(role.name)) this.#leaveOut(role, "protected");
      else if (this.#system.has(role.name)) this.#leaveOut(role, "system");
      else if ("message" in role) this.problems.push(role);
      else addRole(this.roles, role);
    }
  }

  #leaveOut(
    role: Pick<DesiredRole, "name"> & { readonly origin?: RoleOrigin },
    kind: "protected" | "system",
  ): void {
    this.problems.push({
      name: role.name,
      severity: "warning",
      message: `role ${JSON.stringify(role.name)} of origin ${role.origin} is left out: ` +
        `the name is that of a ${kind} role`,
    });
  }
}

function heldRoles(inputs: RoleSources["inputs"]): HeldRoles[] {
  const held: HeldRoles[] = [];
  if (!inputs.infrastructureRoles.known) {
    held.push({ origin: "infrastructure", reason: inputs.infrastructureRoles.reason });
  }
  if (!inputs.teams.known) held.push({ origin: "team", reason: inputs.teams.reason });
  return held;
}
