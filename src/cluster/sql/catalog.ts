/**
 * Queries of the system catalogues. Each gives one row with one column of JSON, so that a look
 * costs one statement for the cluster and one for each database.
 *
 * Zalando: pkg/cluster/database.go, getUserSQL, getDatabasesSQL, getSchemasSQL, getExtensionsSQL,
 * getPublicationsSQL. https://www.postgresql.org/docs/current/catalogs.html
 */

import type { SqlText } from "../../ports/requests.ts";
import { LOOKUP_FUNCTION } from "./pooler_lookup.ts";
import { literal, textArray } from "./quote.ts";

/** The column with the JSON. */
export const CATALOG_COLUMN = "catalog";

/** Publications of event streams begin like this. */
export const PUBLICATION_PREFIX = "fes_";

export interface RoleSelection {
  readonly names: readonly string[];
  /** Members of this role are told too: among them are persons who have left their teams. */
  readonly group: string;
  /** What the roles of those persons may be renamed by; roles that have such a name are told too. */
  readonly suffix?: string;
  /** Parameters whose values in effect are told. */
  readonly followed: readonly string[];
}

/**
 * The server, its databases, and the roles that matter: those named, login roles of their password
 * rotations, members of one group, and what stands in the way of renaming them. Holds verifiers.
 */
export function clusterQuery({ names, group, suffix, followed }: RoleSelection): SqlText {
  const wanted = textArray(names);
  const text = `SELECT pg_catalog.json_build_object(
  'version', pg_catalog.current_setting('server_version_num')::pg_catalog.int4,
  'passwordEncryption', pg_catalog.current_setting('password_encryption'),
  'followed', (SELECT pg_catalog.json_object_agg(s.name, s.setting)
    FROM pg_catalog.pg_settings AS s WHERE s.name = ANY (${textArray(followed)})),
  'recovering', pg_catalog.pg_is_in_recovery(),
  'roles', (SELECT pg_catalog.json_agg(r) FROM (
    SELECT a.rolname AS name, a.rolsuper AS superuser, a.rolinherit AS inherit,
      a.rolcreaterole AS createrole, a.rolcreatedb AS createdb, a.rolcanlogin AS login,
      a.rolreplication AS replication, a.rolbypassrls AS bypassrls, a.rolpassword AS verifier,
      (SELECT s.setconfig FROM pg_catalog.pg_db_role_setting AS s
        WHERE s.setrole = a.oid AND s.setdatabase = 0) AS settings,
      ARRAY(SELECT DISTINCT g.rolname::pg_catalog.text FROM pg_catalog.pg_auth_members AS m
        JOIN pg_catalog.pg_authid AS g ON g.oid = m.roleid
        WHERE m.member = a.oid ORDER BY 1) AS "memberOf",
      ARRAY(SELECT DISTINCT u.rolname::pg_catalog.text FROM pg_catalog.pg_auth_members AS m
        JOIN pg_catalog.pg_authid AS u ON u.oid = m.member
        WHERE m.roleid = a.oid AND NOT u.rolsuper ORDER BY 1) AS "openTo",
      EXISTS (SELECT FROM pg_catalog.pg_shdepend AS d WHERE d.refobjid = a.oid
        AND d.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass) AS "neededByObjects"
    FROM pg_catalog.pg_authid AS a
    WHERE a.rolname::pg_catalog.text = ANY (${wanted})
      OR (a.rolname::pg_catalog.text ~ '[0-9]{6}$'
        AND pg_catalog."left"(a.rolname::pg_catalog.text, -6) = ANY (${wanted}))
      OR EXISTS (SELECT FROM pg_catalog.pg_auth_members AS m
        JOIN pg_catalog.pg_authid AS g ON g.oid = m.roleid
        WHERE m.member = a.oid AND g.rolname::pg_catalog.text = ${literal(group)})${
    suffix ? renamed(group, suffix) : ""
  }
    ORDER BY a.rolname) AS r),
  'databases', (SELECT pg_catalog.json_agg(d) FROM (
    SELECT datname AS name, pg_catalog.pg_get_userbyid(datdba) AS owner,
      datallowconn AS connectable, datistemplate AS template
    FROM pg_catalog.pg_database ORDER BY datname) AS d)
) AS ${CATALOG_COLUMN}`;
  return { text, purpose: "read roles and databases" };
}

/** Roles that have the name of a member of the group with the suffix. */
function renamed(group: string, suffix: string): string {
  return `
      OR EXISTS (SELECT FROM pg_catalog.pg_auth_members AS m
        JOIN pg_catalog.pg_authid AS g ON g.oid = m.roleid
        JOIN pg_catalog.pg_authid AS p ON p.oid = m.member
        WHERE g.rolname::pg_catalog.text = ${literal(group)}
        AND a.rolname::pg_catalog.text = pg_catalog.concat(p.rolname, ${literal(suffix)}))`;
}

/** What of one database is looked at. */
export interface DatabaseSelection {
  readonly schemas: readonly string[];
  readonly extensions: readonly string[];
  /** Schema of the look-up function; absent where there is no pooler. */
  readonly lookupSchema?: string;
  readonly publications: boolean;
}

/** Schemas, extensions, default privileges, look-up function and publications of one database. */
export function databaseQuery(selection: DatabaseSelection): SqlText {
  const { schemas, extensions, lookupSchema, publications } = selection;
  const parts = [
    `'schemas', (SELECT pg_catalog.json_object_agg(n.nspname,
      pg_catalog.pg_get_userbyid(n.nspowner)) FROM pg_catalog.pg_namespace AS n
    WHERE n.nspname::pg_catalog.text = ANY (${textArray(schemas)}))`,
    `'extensions', (SELECT pg_catalog.json_object_agg(e.extname, n.nspname)
    FROM pg_catalog.pg_extension AS e JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace
    WHERE e.extname::pg_catalog.text = ANY (${textArray(extensions)}))`,
    `'privilegedOwners', ARRAY(SELECT DISTINCT pg_catalog.pg_get_userbyid(d.defaclrole)::pg_catalog.text
    FROM pg_catalog.pg_default_acl AS d WHERE d.defaclnamespace = 0 ORDER BY 1)`,
    `'privilegedIn', (SELECT pg_catalog.json_object_agg(n.nspname, ARRAY(
      SELECT DISTINCT pg_catalog.pg_get_userbyid(d.defaclrole)::pg_catalog.text
      FROM pg_catalog.pg_default_acl AS d WHERE d.defaclnamespace = n.oid ORDER BY 1))
    FROM pg_catalog.pg_namespace AS n
    WHERE n.nspname::pg_catalog.text = ANY (${textArray(schemas)}))`,
    ...(lookupSchema === undefined ? [] : [`'lookup', (${lookupPart(lookupSchema)})`]),
    ...(publications ? [`'publications', (${PUBLICATIONS})`] : []),
  ];
  const text = `SELECT pg_catalog.json_build_object(\n  ${parts.join(",\n  ")}\n) ` +
    `AS ${CATALOG_COLUMN}`;
  return { text, purpose: "read schemas and extensions" };
}

/** Names of those who have a privilege; `public` for everyone. */
function grantees(acl: string, privilege: "EXECUTE" | "USAGE"): string {
  return `ARRAY(SELECT CASE WHEN x.grantee = 0 THEN 'public'
      ELSE pg_catalog.pg_get_userbyid(x.grantee)::pg_catalog.text END
    FROM pg_catalog.aclexplode(${acl}) AS x WHERE x.privilege_type = '${privilege}' ORDER BY 1)`;
}

/** 25 is the type text in every PostgreSQL. */
function lookupPart(schema: string): string {
  const functionAcl = "COALESCE(p.proacl, pg_catalog.acldefault('f', p.proowner))";
  const schemaAcl = "COALESCE(n.nspacl, pg_catalog.acldefault('n', n.nspowner))";
  return `SELECT pg_catalog.json_build_object(
    'language', l.lanname, 'body', p.prosrc, 'securityDefiner', p.prosecdef,
    'ownedBySuperuser', o.rolsuper, 'config', COALESCE(p.proconfig, ARRAY[]::pg_catalog.text[]),
    'executableBy', ${grantees(functionAcl, "EXECUTE")},
    'schemaUsableBy', ${grantees(schemaAcl, "USAGE")})
  FROM pg_catalog.pg_proc AS p
  JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
  JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang
  JOIN pg_catalog.pg_authid AS o ON o.oid = p.proowner
  WHERE n.nspname::pg_catalog.text = ${literal(schema)} AND p.proname = '${LOOKUP_FUNCTION}'
    AND p.proargtypes = '25'::pg_catalog.oidvector`;
}

const PUBLICATIONS = `SELECT pg_catalog.json_agg(q) FROM (
    SELECT p.pubname AS name, pg_catalog.pg_get_userbyid(p.pubowner) AS owner,
      (SELECT pg_catalog.json_agg(pg_catalog.json_build_object('schema', n.nspname, 'name', c.relname)
        ORDER BY n.nspname, c.relname)
      FROM pg_catalog.pg_publication_rel AS r
      JOIN pg_catalog.pg_class AS c ON c.oid = r.prrelid
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
      WHERE r.prpubid = p.oid) AS tables
    FROM pg_catalog.pg_publication AS p
    WHERE pg_catalog.starts_with(p.pubname::pg_catalog.text, '${PUBLICATION_PREFIX}')
    ORDER BY p.pubname) AS q`;
