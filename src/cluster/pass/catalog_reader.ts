/**
 * Looks into the databases of a cluster when a pass needs it, and says what of them matters: the
 * roles that are wanted and those they belong to, and of each database only what the manifest asks
 * for. Reads only.
 */

import { Sensitive } from "../../lib/sensitive.ts";
import { decodeBase64 } from "../../lib/base64.ts";
import { type CatalogQuestion, needsCatalog } from "./due.ts";
import type { Catalog, CatalogObservation } from "../observed/catalog.ts";
import { observedOf } from "../observed/cluster.ts";
import { FOLLOWED_PARAMETERS } from "../observed/followed.ts";
import { readCatalog } from "../observed/read_catalog.ts";
import type { SqlConnector } from "../../ports/ports.ts";
import type { SqlTarget } from "../../ports/requests.ts";
import { RESOURCES } from "../../ports/resources.gen.ts";
import type { DatabaseSelection, RoleSelection } from "../sql/catalog.ts";
import { foldedName } from "../sql/unquoted.ts";

/** What the databases of a cluster hold; undefined when this pass has no need to know. */
export type CatalogReader = (
  question: CatalogQuestion,
  signal: AbortSignal,
) => Promise<CatalogObservation | undefined>;

/** Makes the reader of a connector. */
export function createCatalogReader(connector: SqlConnector): CatalogReader {
  return async (question, signal) => {
    if (!needsCatalog(question)) return undefined;
    const target = superuserOf(question);
    // Without its Secret there is nobody to log in as: this pass makes it, the next one looks.
    if (target === undefined) return undefined;
    return await readCatalog(connector, {
      target,
      roles: roleSelection(question),
      select: (databases) => databaseSelections(question, databases),
    }, signal);
  };
}

function superuserOf(question: CatalogQuestion): Omit<SqlTarget, "database"> | undefined {
  const { desired, effective, objects, config } = question;
  const credential = desired.credentials.find(({ role }) => role === config.superUsername);
  if (credential === undefined) return undefined;
  const secret = observedOf(objects, RESOURCES.Secret, credential.secret);
  if (!secret.known) return undefined;
  const password = decodeBase64(secret.value?.data?.["password"] ?? "");
  if (!password) return undefined;
  const { namespace, name: cluster } = effective.identity;
  return { namespace, cluster, user: config.superUsername, password: new Sensitive(password) };
}

/** Wanted roles under present and former names, and the groups and administrators they refer to. */
function roleSelection({ desired, config }: CatalogQuestion): RoleSelection {
  const names = new Set<string>();
  for (const { name, origin, memberOf, adminRole } of desired.roles) {
    names.add(name);
    for (const group of memberOf) names.add(group);
    if (adminRole) names.add(adminRole);
    if (origin === "team") names.add(`${name}${config.roleDeletionSuffix}`);
  }
  const suffix = config.enableTeamMemberDeprecation ? config.roleDeletionSuffix : "";
  const group = config.pamRoleName;
  return { names: [...names], group, suffix, followed: FOLLOWED_PARAMETERS };
}

function databaseSelections(
  question: CatalogQuestion,
  databases: Catalog["databases"],
): Map<string, DatabaseSelection> {
  const { desired, effective, eventStreams } = question;
  const prepared = new Map(desired.databases.prepared.map((database) => [database.name, database]));
  const pooler = desired.poolers.length > 0;
  const streams = effective.streams.applications.length > 0 ||
    (eventStreams.known && (eventStreams.value ?? []).length > 0);
  const selections = new Map<string, DatabaseSelection>();
  for (const [name, { connectable }] of databases) {
    const wanted = prepared.get(name);
    const everyone = name !== "template0" && name !== "template1" && (pooler || streams);
    if (!connectable || (wanted === undefined && !everyone)) continue;
    selections.set(name, {
      schemas: wanted?.schemas.map((schema) => schema.name) ?? [],
      extensions: Object.keys(wanted?.extensions ?? {}),
      ...(pooler ? { lookupSchema: foldedName(effective.pooler.schema) } : {}),
      publications: streams,
    });
  }
  return selections;
}
