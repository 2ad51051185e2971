/** How to reach a cluster's databases, out of its manifest; passwords stay where they are. Pure. */

import type { Json } from "../changed_paths.ts";
import { fieldAt } from "./manifest_text.ts";

/** A name that clients connect to. */
export interface Way {
  readonly what: string;
  readonly host: string;
}

/** Ways into a cluster: the primary, replicas, and the poolers that the manifest wants. */
export function waysTo(manifest: Json): Way[] {
  const name = textAt(manifest, "metadata", "name");
  const namespace = textAt(manifest, "metadata", "namespace");
  const pooler = fieldAt(manifest, ["spec", "enableConnectionPooler"]) === true ||
    isSection(fieldAt(manifest, ["spec", "connectionPooler"])) &&
      fieldAt(manifest, ["spec", "enableConnectionPooler"]) !== false;
  const replicaPooler = fieldAt(manifest, ["spec", "enableReplicaConnectionPooler"]) === true;
  const at = (suffix: string) => `${name}${suffix}.${namespace}`;
  return [
    { what: "Primary", host: at("") },
    { what: "Replicas, to read", host: at("-repl") },
    ...(pooler ? [{ what: "Pooler of the primary", host: at("-pooler") }] : []),
    ...(replicaPooler ? [{ what: "Pooler of the replicas", host: at("-pooler-repl") }] : []),
  ];
}

/** Users that the manifest names, and the owner roles of databases. */
export function usersOf(manifest: Json): string[] {
  const users = keysAt(manifest, "users");
  const owners = Object.values(sectionAt(manifest, "databases")).map(String);
  return [...new Set([...users, ...owners, "postgres"])];
}

export function databasesOf(manifest: Json): string[] {
  return [...keysAt(manifest, "databases"), ...keysAt(manifest, "preparedDatabases"), "postgres"];
}

const TEMPLATE = "{username}.{cluster}.credentials.{tprkind}.{tprgroup}";

/** The Secret with a user's password; `template` is the operator's `secret_name_template`. */
export function secretOf(manifest: Json, user: string, template = TEMPLATE): string {
  return template
    .replaceAll("{username}", user.replaceAll("_", "-"))
    .replaceAll("{cluster}", textAt(manifest, "metadata", "name"))
    .replaceAll("{namespace}", textAt(manifest, "metadata", "namespace"))
    .replaceAll("{tprkind}", "postgresql")
    .replaceAll("{tprgroup}", "acid.zalan.do");
}

/** Texts for clients; `PASSWORD` stands where the password belongs. */
export function clientTexts(host: string, user: string, database: string): [string, string][] {
  const [u, d] = [encodeURIComponent(user), encodeURIComponent(database)];
  return [
    [
      "psql",
      `psql "host=${host} port=5432 dbname=${quoted(database)} user=${
        quoted(user)
      } sslmode=require"`,
    ],
    ["URI", `postgresql://${u}:PASSWORD@${host}:5432/${d}?sslmode=require`],
    ["JDBC", `jdbc:postgresql://${host}:5432/${d}?user=${u}&sslmode=require`],
  ];
}

/** A value of a connection string of libpq. */
function quoted(text: string): string {
  return /^[\w.-]+$/.test(text) ? text : `'${text.replaceAll(/['\\]/g, "\\$&")}'`;
}

function textAt(manifest: Json, ...path: string[]): string {
  const value = fieldAt(manifest, path);
  return typeof value === "string" ? value : "";
}

function isSection(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function sectionAt(manifest: Json, field: string): { [key: string]: Json } {
  const value = fieldAt(manifest, ["spec", field]);
  return isSection(value) ? value : {};
}

function keysAt(manifest: Json, field: string): string[] {
  return Object.keys(sectionAt(manifest, field));
}
