/**
 * Roles of prepared databases: for each database, and for each of its schemas, an owner, a reader
 * and a writer, and on request users that log in as one of them.
 *
 * Zalando: pkg/cluster/cluster.go, initPreparedDatabaseRoles, initDefaultRoles
 */

import type { Postgresql, PreparedDatabase, PreparedSchema } from "../../../api/types.gen.ts";
import type { Config } from "../../../config/config.ts";
import type { DesiredRole, RoleProblem } from "./role.ts";

/** Administers the owners of databases; a role that the image brings along. */
const OWNERS_ADMIN = "admin";

/** Prepared databases of a manifest. An empty map stands for one that is called like the cluster. */
export function preparedDatabasesOf(cluster: Postgresql): [string, PreparedDatabase][] {
  const { preparedDatabases } = cluster.spec;
  if (preparedDatabases === undefined) return [];
  const entries = Object.entries(preparedDatabases);
  if (entries.length > 0) return entries;
  return [[(cluster.metadata.name ?? "").replaceAll("-", "_"), {}]];
}

/** Schemas of a prepared database; without any, one called `data`. */
export function preparedSchemasOf(database: PreparedDatabase): [string, PreparedSchema][] {
  const entries = Object.entries(database.schemas ?? {});
  return entries.length > 0 ? entries : [["data", {}]];
}

/** The roles of all prepared databases. */
export function preparedRoles(
  cluster: Postgresql,
  config: Config,
): { roles: readonly DesiredRole[]; problems: readonly RoleProblem[] } {
  const problems: RoleProblem[] = [];
  const roles = preparedDatabasesOf(cluster).flatMap(([name, database]) => {
    const { secretNamespace } = database;
    if (secretNamespace && !config.enableCrossNamespaceSecret) {
      problems.push({
        name,
        severity: "warning",
        message: `secretNamespace ${secretNamespace} of prepared database ${name} is ignored: ` +
          "enable_cross_namespace_secret is off",
      });
    }
    const far = secretNamespace && config.enableCrossNamespaceSecret;
    const namespace = far ? secretNamespace : cluster.metadata.namespace ?? "";
    return rolesOfDatabase(name, database, namespace);
  });
  return { roles, problems };
}

function rolesOfDatabase(
  name: string,
  database: PreparedDatabase,
  namespace: string,
): DesiredRole[] {
  const schemas = preparedSchemasOf(database);
  const ofDatabase = roleSet({
    prefix: name,
    ownersAdmin: OWNERS_ADMIN,
    searchPath: searchPath(schemas.map(([schema]) => schema)),
    namespace,
    withUsers: database.defaultUsers === true,
  });
  const ofSchemas = schemas
    .filter(([, schema]) => schema.defaultRoles !== false)
    .flatMap(([schemaName, schema]) =>
      roleSet({
        prefix: `${name}_${schemaName}`,
        ownersAdmin: `${name}_owner`,
        searchPath: searchPath([schemaName]),
        namespace,
        withUsers: schema.defaultUsers === true,
      })
    );
  return [...ofDatabase, ...ofSchemas];
}

interface RoleSet {
  readonly prefix: string;
  readonly ownersAdmin: string;
  readonly searchPath: string;
  readonly namespace: string;
  readonly withUsers: boolean;
}

function roleSet(set: RoleSet): DesiredRole[] {
  const { prefix } = set;
  const groups = [
    presetRole(set, "_owner", []),
    presetRole(set, "_reader", []),
    presetRole(set, "_writer", [`${prefix}_reader`]),
  ];
  if (!set.withUsers) return groups;
  const users = ["_owner", "_reader", "_writer"].map((suffix) =>
    presetRole(set, `${suffix}_user`, [`${prefix}${suffix}`])
  );
  return [...groups, ...users];
}

function presetRole(set: RoleSet, suffix: string, memberOf: readonly string[]): DesiredRole {
  const isUser = suffix.endsWith("_user");
  const isOwner = suffix.startsWith("_owner");
  return {
    name: `${set.prefix}${suffix}`,
    origin: "bootstrap",
    flags: [isUser ? "LOGIN" : "NOLOGIN"],
    login: isUser,
    memberOf,
    parameters: { search_path: set.searchPath },
    adminRole: isOwner ? set.ownersAdmin : `${set.prefix}_owner`,
    isDbOwner: isOwner,
    namespace: set.namespace,
    hasPassword: isUser,
  };
}

/** The reference lists schemas in random order; sorted, the setting stays as it is. */
function searchPath(schemas: readonly string[]): string {
  const quoted = [...schemas].sort().map((schema) => `"${schema.replaceAll('"', '""')}"`);
  return ['"$user"', ...quoted].join(", ");
}
