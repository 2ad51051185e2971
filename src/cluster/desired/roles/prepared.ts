/**
 * Roles of prepared databases: for each database, and for each of its schemas, an owner, a reader
 * and a writer, and on request users that log in as one of them.
 *
 * Zalando: pkg/cluster/cluster.go, initPreparedDatabaseRoles, initDefaultRoles
 */

import type { Postgresql, PreparedDatabase, PreparedSchema } from "../../../api/types.gen.ts";
import type { Config } from "../../../config/config.ts";
import { longNameProblem } from "../../../api/role_names.ts";
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

/** Names that the reference makes databases and schemas of; others would need quotes. */
export const SQL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** One prepared database without what is left out of it. */
export interface UsablePrepared {
  readonly name: string;
  readonly database: PreparedDatabase;
  readonly schemas: readonly (readonly [string, PreparedSchema])[];
}

/**
 * The prepared databases and schemas that can be made. What is left out has no roles either. A name
 * that needs quotes is passed over, as in the reference; roles whose names PostgreSQL would cut are a
 * fault of the manifest.
 */
export function usablePrepared(
  cluster: Postgresql,
): { readonly databases: readonly UsablePrepared[]; readonly problems: readonly RoleProblem[] } {
  const problems: RoleProblem[] = [];
  const databases = preparedDatabasesOf(cluster).flatMap(([name, database]): UsablePrepared[] => {
    const field = `spec.preparedDatabases.${name}`;
    const problem = nameProblem(`database ${JSON.stringify(name)}`, name) ??
      roleProblem(field, name, database.defaultUsers);
    if (problem !== undefined) {
      problems.push(problem);
      return [];
    }
    const schemas = preparedSchemasOf(database).filter(
      ([schema, { defaultRoles, defaultUsers }]) => {
        const what = `schema ${JSON.stringify(schema)} of database ${JSON.stringify(name)}`;
        const problem = nameProblem(what, schema) ??
          (defaultRoles === false
            ? undefined
            : roleProblem(`${field}.schemas.${schema}`, `${name}_${schema}`, defaultUsers));
        if (problem !== undefined) {
          problems.push(problem);
        }
        return problem === undefined;
      },
    );
    return [{ name, database, schemas }];
  });
  return { databases, problems };
}

function nameProblem(what: string, name: string): RoleProblem | undefined {
  if (SQL_NAME.test(name)) return undefined;
  const message = `${what} is left out: the name does not match ${SQL_NAME.source}`;
  return { name, severity: "warning", origin: "bootstrap", message };
}

function roleProblem(
  field: string,
  prefix: string,
  withUsers: boolean | undefined,
): RoleProblem | undefined {
  const longest = `${prefix}_reader${withUsers === true ? "_user" : ""}`;
  const problem = longNameProblem(longest);
  if (problem === undefined) return undefined;
  const message = `${field} cannot be used: of its role ${longest}, ${problem}`;
  return { name: prefix, severity: "error", origin: "bootstrap", message };
}

/** The roles of all prepared databases. */
export function preparedRoles(
  cluster: Postgresql,
  config: Config,
): { roles: readonly DesiredRole[]; problems: readonly RoleProblem[] } {
  const usable = usablePrepared(cluster);
  // What only has an odd name is told with the databases.
  const problems = usable.problems.filter(({ severity }) => severity === "error");
  const roles = usable.databases.flatMap((prepared) => {
    const { name, database: { secretNamespace } } = prepared;
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
    return rolesOfDatabase(prepared, namespace);
  });
  return { roles, problems };
}

/** The search path of a database's roles has all schemas, as in the reference. */
function rolesOfDatabase(
  { name, database, schemas }: UsablePrepared,
  namespace: string,
): DesiredRole[] {
  const ofDatabase = roleSet({
    prefix: name,
    ownersAdmin: OWNERS_ADMIN,
    searchPath: searchPath(preparedSchemasOf(database).map(([schema]) => schema)),
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
