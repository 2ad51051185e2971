/**
 * Reads the catalogues of a cluster: roles and databases on one session, then the databases that
 * matter one after the other, each on its own. Reads only; a database that cannot be read is
 * unknown by itself.
 */

import { known, type Observation, unknown } from "../../ports/observation.ts";
import type { SqlConnector } from "../../ports/ports.ts";
import type { SqlTarget, SqlText } from "../../ports/requests.ts";
import {
  CATALOG_COLUMN,
  clusterQuery,
  databaseQuery,
  type DatabaseSelection,
  type RoleSelection,
} from "../sql/catalog.ts";
import {
  type Catalog,
  type CatalogObservation,
  clusterOf,
  type ClusterRow,
  contentsOf,
  type DatabaseContents,
  type DatabaseRow,
  MAINTENANCE_DATABASE,
} from "./catalog.ts";
import { failureKind } from "../../ports/errors.ts";

export interface CatalogRequest {
  readonly target: Omit<SqlTarget, "database">;
  readonly roles: RoleSelection;
  /** What to look at in which of the databases that exist. */
  readonly select: (databases: Catalog["databases"]) => ReadonlyMap<string, DatabaseSelection>;
}

/** Reads everything; unknown where even roles and databases cannot be read. */
export async function readCatalog(
  connector: SqlConnector,
  request: CatalogRequest,
  signal: AbortSignal,
): Promise<CatalogObservation> {
  const ask = (database: string, query: SqlText) =>
    askOne(connector, { ...request.target, database }, query, signal);
  const answer = await ask(MAINTENANCE_DATABASE, clusterQuery(request.roles));
  if (!answer.known) return answer;
  const row = answer.value as ClusterRow;
  if (row.recovering) return unknown("the server of the primary is still recovering");
  const cluster = clusterOf(row);
  const contents = new Map<string, Observation<DatabaseContents>>();
  for (const [database, selection] of request.select(cluster.databases)) {
    const found = await ask(database, databaseQuery(selection));
    contents.set(database, found.known ? known(contentsOf(found.value as DatabaseRow)) : found);
  }
  return known({ ...cluster, contents });
}

type Answer =
  | { readonly known: true; readonly value: unknown }
  | { readonly known: false; readonly reason: string; readonly lockedOut?: true };

async function askOne(
  connector: SqlConnector,
  target: SqlTarget,
  query: SqlText,
  signal: AbortSignal,
): Promise<Answer> {
  try {
    const session = await connector.open(target, signal);
    try {
      const [row] = await session.query(query);
      return known(row?.[CATALOG_COLUMN]);
    } finally {
      await session.close();
    }
  } catch (error) {
    signal.throwIfAborted();
    const reason = error instanceof Error ? error.message : String(error);
    const lockedOut = failureKind(error) === "unauthorized";
    return { known: false, reason, ...(lockedOut ? { lockedOut } : {}) };
  }
}
