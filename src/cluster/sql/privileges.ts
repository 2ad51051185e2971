/**
 * Default privileges of prepared databases: what the objects that an owner role makes grant to the
 * reader and the writer role, for all schemas or for one.
 *
 * Zalando: pkg/cluster/database.go, execAlterGlobalDefaultPrivileges,
 * execAlterSchemaDefaultPrivileges
 */

import type { SqlText } from "../../ports/requests.ts";
import { identifier, identifiers } from "./quote.ts";

/** Whose objects are read and written by whom. */
export interface OwnerPrivileges {
  readonly owner: string;
  readonly reader: string;
  readonly writer: string;
}

/** Privileges on what the owner makes anywhere in the database. */
export function databasePrivileges(roles: OwnerPrivileges): SqlText[] {
  const { owner, reader, writer } = roles;
  const schemas = `ALTER DEFAULT PRIVILEGES FOR ROLE ${identifier(owner)} ` +
    `GRANT USAGE ON SCHEMAS TO ${identifiers([writer, reader])}`;
  return [
    { text: schemas, purpose: `privileges on schemas that ${owner} makes` },
    ...objectPrivileges(roles, ""),
  ];
}

/** Use of a schema, and privileges on what the owner makes in it. */
export function schemaPrivileges(schema: string, roles: OwnerPrivileges): SqlText[] {
  const { reader, writer } = roles;
  const use = `GRANT USAGE ON SCHEMA ${identifier(schema)} TO ${identifiers([reader, writer])}`;
  return [
    { text: use, purpose: `use of schema ${schema} for ${reader} and ${writer}` },
    ...objectPrivileges(roles, `IN SCHEMA ${identifier(schema)} `),
  ];
}

function objectPrivileges(
  { owner, reader, writer }: OwnerPrivileges,
  where: string,
): SqlText[] {
  const both = [reader, writer];
  const grants: readonly (readonly [string, readonly string[]])[] = [
    ["SELECT ON TABLES", [reader]],
    ["SELECT ON SEQUENCES", [reader]],
    ["INSERT, UPDATE, DELETE ON TABLES", [writer]],
    ["USAGE, UPDATE ON SEQUENCES", [writer]],
    ["EXECUTE ON FUNCTIONS", both],
    ["USAGE ON TYPES", both],
  ];
  const start = `ALTER DEFAULT PRIVILEGES FOR ROLE ${identifier(owner)} ${where}GRANT`;
  return grants.map(([privileges, roles]) => ({
    text: `${start} ${privileges} TO ${identifiers(roles)}`,
    purpose: `privileges on what ${owner} makes`,
  }));
}
