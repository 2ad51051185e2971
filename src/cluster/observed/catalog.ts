/**
 * What the databases of a cluster hold, as far as the manifest asks about it. The server's JSON is
 * taken apart here; types and pure code only.
 */

import type { Observation } from "../../ports/observation.ts";
import { Sensitive } from "../../lib/sensitive.ts";
import { settingKey } from "../sql/settings.ts";
import type { LookupFunction } from "../sql/pooler_lookup.ts";
import type { PasswordEncryption } from "../sql/scram.ts";
import type { PublishedTable } from "../sql/statements.ts";

/** The database that roles and databases are managed from. */
export const MAINTENANCE_DATABASE = "postgres";

export interface CatalogRole {
  readonly name: string;
  /** The attributes that it has, as CREATE ROLE names them. */
  readonly flags: readonly string[];
  /** Absent: no password. */
  readonly verifier?: Sensitive;
  /** Settings in all databases, by `settingKey`. */
  readonly settings: Readonly<Record<string, string>>;
  readonly memberOf: readonly string[];
  /** Roles without SUPERUSER that are its members, and so may act as it. */
  readonly openTo: readonly string[];
  /** Something in some database depends on it, so that it cannot be dropped. */
  readonly neededByObjects: boolean;
}

export interface CatalogDatabase {
  readonly owner: string;
  readonly connectable: boolean;
  readonly template: boolean;
}

export interface CatalogPublication {
  readonly name: string;
  readonly owner: string;
  readonly tables: readonly PublishedTable[];
}

/** Of what was asked for, what one database has. */
export interface DatabaseContents {
  /** Schema → owner. */
  readonly schemas: ReadonlyMap<string, string>;
  /** Extension → schema. */
  readonly extensions: ReadonlyMap<string, string>;
  /** Roles with default privileges in the whole database. */
  readonly privilegedOwners: ReadonlySet<string>;
  /** Schema → roles with default privileges in it. */
  readonly privilegedIn: ReadonlyMap<string, ReadonlySet<string>>;
  readonly lookup?: LookupFunction;
  readonly publications: readonly CatalogPublication[];
}

export interface Catalog {
  /** As PostgreSQL numbers it: 170005. */
  readonly serverVersion: number;
  readonly passwordEncryption: PasswordEncryption;
  /** What the server runs with of the parameters that standbys follow. */
  readonly followed?: Readonly<Record<string, string>>;
  /** Those asked for, login roles of their rotations, and members of the group of persons. */
  readonly roles: ReadonlyMap<string, CatalogRole>;
  readonly databases: ReadonlyMap<string, CatalogDatabase>;
  /** Only of databases that were looked into; unknown for one that could not be. */
  readonly contents: ReadonlyMap<string, Observation<DatabaseContents>>;
}

/**
 * The catalogue, or why it is unknown. `lockedOut`: the server does not let the superuser in with the
 * password of its Secret.
 */
export type CatalogObservation =
  | Extract<Observation<Catalog>, { known: true }>
  | Extract<Observation<Catalog>, { known: false }> & { readonly lockedOut?: true };

/** Attributes of a role by the field that tells of them. */
const FLAGS = [
  ["superuser", "SUPERUSER"],
  ["inherit", "INHERIT"],
  ["createrole", "CREATEROLE"],
  ["createdb", "CREATEDB"],
  ["login", "LOGIN"],
  ["replication", "REPLICATION"],
  ["bypassrls", "BYPASSRLS"],
] as const;

type FlagField = typeof FLAGS[number][0];

interface RoleRow extends Record<FlagField, boolean> {
  readonly name: string;
  readonly verifier: string | null;
  readonly settings: readonly string[] | null;
  readonly memberOf: readonly string[];
  readonly openTo: readonly string[];
  readonly neededByObjects: boolean;
}

/** The JSON of `clusterQuery`. */
export interface ClusterRow {
  readonly version: number;
  readonly passwordEncryption: string;
  readonly followed?: Readonly<Record<string, string>> | null;
  readonly recovering: boolean;
  readonly roles: readonly RoleRow[] | null;
  readonly databases: readonly (CatalogDatabase & { readonly name: string })[];
}

/** The JSON of `databaseQuery`. */
export interface DatabaseRow {
  readonly schemas: Readonly<Record<string, string>> | null;
  readonly extensions: Readonly<Record<string, string>> | null;
  readonly privilegedOwners: readonly string[];
  readonly privilegedIn: Readonly<Record<string, readonly string[]>> | null;
  readonly lookup?: LookupFunction | null;
  readonly publications?:
    | readonly {
      readonly name: string;
      readonly owner: string;
      readonly tables: readonly PublishedTable[] | null;
    }[]
    | null;
}

/** The cluster-wide part of a catalogue. */
export function clusterOf(row: ClusterRow): Omit<Catalog, "contents"> {
  return {
    serverVersion: row.version,
    passwordEncryption: row.passwordEncryption === "md5" ? "md5" : "scram-sha-256",
    ...(row.followed ? { followed: row.followed } : {}),
    roles: new Map((row.roles ?? []).map((role) => [role.name, roleOf(role)])),
    databases: new Map(row.databases.map(({ name, ...database }) => [name, database])),
  };
}

/** What one database has. */
export function contentsOf(row: DatabaseRow): DatabaseContents {
  const { lookup } = row;
  return {
    schemas: new Map(Object.entries(row.schemas ?? {})),
    extensions: new Map(Object.entries(row.extensions ?? {})),
    privilegedOwners: new Set(row.privilegedOwners),
    privilegedIn: new Map(
      Object.entries(row.privilegedIn ?? {}).map(([schema, roles]) => [schema, new Set(roles)]),
    ),
    ...(lookup ? { lookup } : {}),
    publications: (row.publications ?? []).map(({ tables, ...publication }) => ({
      ...publication,
      tables: tables ?? [],
    })),
  };
}

function roleOf(row: RoleRow): CatalogRole {
  const { name, verifier, settings, memberOf, openTo, neededByObjects } = row;
  return {
    name,
    flags: FLAGS.filter(([field]) => row[field]).map(([, flag]) => flag),
    ...(verifier === null ? {} : { verifier: new Sensitive(verifier) }),
    settings: Object.fromEntries((settings ?? []).map(settingOf)),
    memberOf,
    openTo,
    neededByObjects,
  };
}

/** `name=value`, where only the value may hold a further equals sign. */
function settingOf(text: string): [string, string] {
  const at = text.indexOf("=");
  return [settingKey(text.slice(0, at)), text.slice(at + 1)];
}
