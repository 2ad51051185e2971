/**
 * Statements about roles and databases. Names and values come in through `quote.ts` only; a
 * statement that holds a verifier is sensitive and shows its purpose instead.
 *
 * Zalando: pkg/util/users/users.go, pkg/cluster/database.go
 */

import type { Sensitive } from "../../lib/sensitive.ts";
import type { SqlText } from "../../ports/requests.ts";
import { identifier, identifiers, literal } from "./quote.ts";
import { settingName, settingValue } from "./settings.ts";

const FLAG = /^(NO)?(SUPERUSER|INHERIT|LOGIN|CREATEROLE|CREATEDB|REPLICATION|BYPASSRLS)$/;

export interface NewRole {
  readonly name: string;
  readonly flags: readonly string[];
  readonly memberOf: readonly string[];
  /** Becomes a member with admin option. */
  readonly adminRole?: string;
  /** Absent: nobody logs in with a password. */
  readonly verifier?: Sensitive;
}

/** Makes a role with everything that only its creation gives it, in one statement. */
export function createRole(role: NewRole): SqlText {
  const { name, flags, memberOf, adminRole, verifier } = role;
  const parts = [
    `CREATE ROLE ${identifier(name)}`,
    ...flags.map(flagWord),
    ...(memberOf.length === 0 ? [] : [`IN ROLE ${identifiers(memberOf)}`]),
    ...(adminRole === undefined ? [] : [`ADMIN ${identifier(adminRole)}`]),
    passwordClause(verifier),
  ];
  return {
    text: parts.join(" "),
    ...(verifier === undefined ? {} : { sensitive: true }),
    purpose: `create role ${name}`,
  };
}

/** Gives a role flags (or takes them by their NO form), or a password, or both. */
export function alterRole(
  name: string,
  change: { readonly flags: readonly string[]; readonly verifier?: Sensitive },
): SqlText {
  const { flags, verifier } = change;
  const clauses = [
    ...flags.map(flagWord),
    ...(verifier === undefined ? [] : [passwordClause(verifier)]),
  ];
  return {
    text: `ALTER ROLE ${identifier(name)} ${clauses.join(" ")}`,
    ...(verifier === undefined ? {} : { sensitive: true }),
    purpose: `alter role ${name}`,
  };
}

/** Makes `member` a member of each group. */
export function grantMembership(groups: readonly string[], member: string): SqlText {
  return {
    text: `GRANT ${identifiers(groups)} TO ${identifier(member)}`,
    purpose: `make ${member} a member of ${groups.join(", ")}`,
  };
}

/** Ends the membership of `member` in a group. */
export function revokeMembership(group: string, member: string): SqlText {
  return {
    text: `REVOKE ${identifier(group)} FROM ${identifier(member)}`,
    purpose: `end the membership of ${member} in ${group}`,
  };
}

/** A setting of a role in all databases. */
export function setRoleSetting(role: string, name: string, value: string): SqlText {
  const target = `ALTER ROLE ${identifier(role)} SET ${settingName(name)}`;
  return {
    text: `${target} TO ${settingValue(name, value)}`,
    purpose: `set ${name} of role ${role}`,
  };
}

/** Takes a setting of a role away. */
export function resetRoleSetting(role: string, name: string): SqlText {
  return {
    text: `ALTER ROLE ${identifier(role)} RESET ${settingName(name)}`,
    purpose: `reset ${name} of role ${role}`,
  };
}

export function renameRole(name: string, to: string): SqlText {
  return {
    text: `ALTER ROLE ${identifier(name)} RENAME TO ${identifier(to)}`,
    purpose: `rename role ${name} to ${to}`,
  };
}

export function dropRole(name: string): SqlText {
  return { text: `DROP ROLE ${identifier(name)}`, purpose: `drop role ${name}` };
}

/** Cannot run in a transaction. */
export function createDatabase(name: string, owner: string): SqlText {
  return {
    text: `CREATE DATABASE ${identifier(name)} OWNER ${identifier(owner)}`,
    purpose: `create database ${name}`,
  };
}

export function alterDatabaseOwner(name: string, owner: string): SqlText {
  return {
    text: `ALTER DATABASE ${identifier(name)} OWNER TO ${identifier(owner)}`,
    purpose: `make ${owner} the owner of database ${name}`,
  };
}

export function createSchema(name: string, owner: string): SqlText {
  return {
    text: `CREATE SCHEMA ${identifier(name)} AUTHORIZATION ${identifier(owner)}`,
    purpose: `create schema ${name}`,
  };
}

export function createExtension(name: string, schema: string): SqlText {
  return {
    text: `CREATE EXTENSION ${identifier(name)} SCHEMA ${identifier(schema)}`,
    purpose: `create extension ${name} in schema ${schema}`,
  };
}

export function moveExtension(name: string, schema: string): SqlText {
  return {
    text: `ALTER EXTENSION ${identifier(name)} SET SCHEMA ${identifier(schema)}`,
    purpose: `move extension ${name} to schema ${schema}`,
  };
}

/** One table of a publication. */
export interface PublishedTable {
  readonly schema: string;
  readonly name: string;
}

/** A publication of what is inserted and updated. */
export function createPublication(name: string, tables: readonly PublishedTable[]): SqlText {
  return {
    text: `CREATE PUBLICATION ${identifier(name)} FOR TABLE ${tableList(tables)} ` +
      "WITH (publish = 'insert, update')",
    purpose: `create publication ${name}`,
  };
}

export function setPublicationTables(name: string, tables: readonly PublishedTable[]): SqlText {
  return {
    text: `ALTER PUBLICATION ${identifier(name)} SET TABLE ${tableList(tables)}`,
    purpose: `set the tables of publication ${name}`,
  };
}

export function dropPublication(name: string): SqlText {
  return { text: `DROP PUBLICATION ${identifier(name)}`, purpose: `drop publication ${name}` };
}

function tableList(tables: readonly PublishedTable[]): string {
  return tables.map(({ schema, name }) => `${identifier(schema)}.${identifier(name)}`).join(", ");
}

function flagWord(flag: string): string {
  if (!FLAG.test(flag)) {
    throw new RangeError(`Cannot use ${JSON.stringify(flag)} as an attribute of a role`);
  }
  return flag;
}

function passwordClause(verifier: Sensitive | undefined): string {
  return verifier === undefined ? "PASSWORD NULL" : `PASSWORD ${literal(verifier.reveal())}`;
}
