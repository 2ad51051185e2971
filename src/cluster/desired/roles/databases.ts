/**
 * Databases, schemas, extensions and default privileges that a manifest asks for.
 *
 * Zalando: pkg/cluster/sync.go, syncDatabases, syncPreparedDatabases; pkg/cluster/database.go,
 * executeCreateDatabaseSchema, getOwnerRoles
 */

import type { Postgresql, PreparedDatabase, PreparedSchema } from "../../../api/types.gen.ts";
import { SQL_NAME, type UsablePrepared, usablePrepared } from "./prepared.ts";
import type { DesiredRole, RoleProblem } from "./role.ts";

export interface DesiredDatabase {
  readonly name: string;
  readonly owner: string;
}

/** What objects that `owner` makes grant to a reader and a writer role. */
export interface DefaultPrivileges {
  readonly owner: string;
  readonly reader: string;
  readonly writer: string;
}

/** A schema is made by the owner of its database; privileges are set only when it is made. */
export interface DesiredSchema {
  readonly name: string;
  readonly owner: string;
  readonly privileges: readonly DefaultPrivileges[];
}

export interface DesiredPreparedDatabase extends DesiredDatabase {
  /** Set only when the database is made. */
  readonly privileges: readonly DefaultPrivileges[];
  readonly schemas: readonly DesiredSchema[];
  /** Extension → schema. */
  readonly extensions: Readonly<Record<string, string>>;
}

export interface DesiredDatabases {
  /** Made when missing; the owner is set right. Never dropped. */
  readonly databases: readonly DesiredDatabase[];
  /** Made when missing; an existing one keeps its owner. */
  readonly prepared: readonly DesiredPreparedDatabase[];
  readonly problems: readonly RoleProblem[];
}

/** The databases of a manifest; those with a bad name or an unmanaged owner become problems. */
export function desiredDatabases(
  cluster: Postgresql,
  roles: readonly DesiredRole[],
): DesiredDatabases {
  const managed = new Set(roles.filter((role) => !isSystem(role)).map(({ name }) => name));
  const given = usablePrepared(cluster);
  const problems = given.problems.filter(({ severity }) => severity === "warning");
  const usable = ({ name, owner }: DesiredDatabase): boolean => {
    const why = !SQL_NAME.test(name)
      ? `the name does not match ${SQL_NAME.source}`
      : managed.has(owner)
      ? undefined
      : `its owner ${JSON.stringify(owner)} is no role of this cluster`;
    if (why === undefined) return true;
    const message = `database ${JSON.stringify(name)} is left out: ${why}`;
    problems.push({ name, severity: "warning", message });
    return false;
  };
  const prepared = given.databases.map(preparedDatabase).filter(usable);
  const databases = Object.entries(cluster.spec.databases ?? {})
    .map(([name, owner]) => ({ name, owner }))
    .filter(usable);
  return { databases, prepared, problems };
}

/** The reference knows owners only among the roles that it made for users. */
function isSystem(role: DesiredRole): boolean {
  return role.origin === "system" || role.origin === "pooler" || role.origin === "stream";
}

function preparedDatabase(
  { name, database, schemas }: UsablePrepared,
): DesiredPreparedDatabase {
  return {
    name,
    owner: `${name}_owner`,
    privileges: ownerRoles(name, database.defaultUsers).map((owner) => privileges(owner, name)),
    schemas: schemas.map(([schema, settings]) => desiredSchema(name, database, schema, settings)),
    extensions: database.extensions ?? {},
  };
}

function desiredSchema(
  database: string,
  { defaultUsers }: PreparedDatabase,
  name: string,
  settings: PreparedSchema,
): DesiredSchema {
  const prefix = `${database}_${name}`;
  if (settings.defaultRoles === false) {
    const owners = ownerRoles(database, defaultUsers);
    return {
      name,
      owner: `${database}_owner`,
      privileges: owners.map((owner) => privileges(owner, database)),
    };
  }
  const schemaOwners = ownerRoles(prefix, settings.defaultUsers);
  const allOwners = [...ownerRoles(database, defaultUsers), ...schemaOwners];
  return {
    name,
    owner: `${prefix}_owner`,
    privileges: [
      ...schemaOwners.map((owner) => privileges(owner, database)),
      ...allOwners.map((owner) => privileges(owner, prefix)),
    ],
  };
}

function ownerRoles(prefix: string, withUser: boolean | undefined): string[] {
  return withUser === true ? [`${prefix}_owner`, `${prefix}_owner_user`] : [`${prefix}_owner`];
}

function privileges(owner: string, prefix: string): DefaultPrivileges {
  return { owner, reader: `${prefix}_reader`, writer: `${prefix}_writer` };
}
