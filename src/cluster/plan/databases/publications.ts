/**
 * Publications of event streams: one for what an application reads from a database. Those that the
 * operator made for streams that are gone are dropped.
 *
 * Zalando: pkg/cluster/streams.go, syncPublication
 */

import type { Observation } from "../../../ports/observation.ts";
import type { StreamSource } from "../../effective/streams.ts";
import type { Catalog, CatalogPublication } from "../../observed/catalog.ts";
import {
  createPublication,
  dropPublication,
  type PublishedTable,
  setPublicationTables,
} from "../../sql/statements.ts";
import {
  heldPlan,
  joinPlans,
  NOTHING,
  type PlanContext,
  type SubjectPlan,
} from "../steps/context.ts";
import { sqlChange } from "../steps/sql_step.ts";
import { unreachable } from "../steps/unreachable.ts";

const SUBJECT = "streams";

/** Names of publications known to exist; none while the databases were not looked at. */
export function knownPublications(
  catalog: Observation<Catalog> | undefined,
): ReadonlySet<string> {
  if (catalog === undefined || !catalog.known) return new Set();
  const contents = [...catalog.value.contents.values()];
  return new Set(
    contents.flatMap((read) => read.known ? read.value.publications.map(({ name }) => name) : []),
  );
}

/** Plans publications; nothing where nobody streams from the cluster. */
export function planPublications(context: PlanContext): SubjectPlan {
  const { catalog, eventStreams } = context.observed;
  const sources = context.effective.streams.applications.flatMap(({ sources }) => sources);
  const streams = eventStreams.known ? eventStreams.value : undefined;
  const idle = sources.length === 0 && (streams ?? []).length === 0;
  if (streams === undefined || idle || catalog === undefined) return NOTHING;
  if (!catalog.known) return unreachable(context, SUBJECT, catalog.reason);
  return joinPlans([
    ...sources.map((source) => planSource(context, source, catalog.value)),
    ...[...catalog.value.contents].map(([database, contents]) => {
      if (!contents.known) return NOTHING;
      const wanted = new Set(
        sources.filter((source) => source.database === database).map(({ slot }) => slot),
      );
      return planRemoval(context, database, contents.value.publications, wanted);
    }),
  ]);
}

function planSource(
  context: PlanContext,
  { database, slot, tables }: StreamSource,
  catalog: Catalog,
): SubjectPlan {
  if (!catalog.databases.has(database)) {
    return heldPlan(SUBJECT, "waiting", `there is no database ${database} to stream from yet`);
  }
  const contents = catalog.contents.get(database);
  if (contents === undefined) return NOTHING;
  if (!contents.known) return heldPlan(SUBJECT, "unreadable", contents.reason);
  const wanted = tables.map(({ schema, name }) => ({ schema, name }));
  const found = contents.value.publications.find(({ name }) => name === slot);
  if (found !== undefined && tableKeys(found.tables) === tableKeys(wanted)) return NOTHING;
  const what = `publication ${slot} of database ${database}`;
  return sqlChange(context, {
    subject: SUBJECT,
    database,
    reasons: [found === undefined ? `${what} is missing` : `${what}: other tables are wanted`],
    statements: () => [
      found === undefined ? createPublication(slot, wanted) : setPublicationTables(slot, wanted),
    ],
  });
}

function planRemoval(
  context: PlanContext,
  database: string,
  found: readonly CatalogPublication[],
  wanted: ReadonlySet<string>,
): SubjectPlan {
  const { superUsername } = context.config;
  const extra = found.filter(({ name, owner }) => owner === superUsername && !wanted.has(name));
  return joinPlans(extra.map(({ name }) =>
    sqlChange(context, {
      subject: SUBJECT,
      database,
      reasons: [`publication ${name} of database ${database}: no stream needs it`],
      statements: () => [dropPublication(name)],
    })
  ));
}

function tableKeys(tables: readonly PublishedTable[]): string {
  return JSON.stringify(tables.map(({ schema, name }) => [schema, name]).sort());
}
