/**
 * Resolves the manifest's event streams: one group for each application, with its publications,
 * logical slots and resource wishes. Entries that share application and database are merged, so
 * that no table is streamed twice.
 *
 * Zalando: pkg/cluster/streams.go, syncStreams, generateFabricEventStream
 */

import type { Postgresql, Stream, StreamTable } from "../../api/types.gen.ts";
import { compareUtf8 } from "../../lib/go_json.ts";
import { compareQuantities, parseQuantity } from "../../lib/quantity.ts";
import { ownValue } from "../../lib/own_value.ts";

/** The role that stream readers log in with. */
export const STREAM_USER = "fes_user";

const SLOT_PREFIX = "fes";
const PLUGIN = "pgoutput";

/** One table of a stream. */
export interface StreamedTable {
  readonly schema: string;
  readonly name: string;
  readonly eventType: string;
  readonly idColumn?: string;
  readonly payloadColumn?: string;
  readonly filter?: string;
  readonly batchSize?: number;
  readonly recovery:
    | { readonly type: "None" | "Ignore" }
    | { readonly type: "DeadLetter"; readonly eventType: string };
}

/** What one application reads from one database: a publication and a slot of the same name. */
export interface StreamSource {
  readonly database: string;
  /** Name of publication and slot. */
  readonly slot: string;
  readonly tables: readonly StreamedTable[];
}

/** All that one application reads. */
export interface StreamApplication {
  readonly applicationId: string;
  readonly cpu?: string;
  readonly memory?: string;
  readonly sources: readonly StreamSource[];
}

export interface EffectiveStreams {
  readonly applications: readonly StreamApplication[];
  /** Logical slots that Patroni has to keep, by name. */
  readonly slots: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** Groups the streams of a manifest by application; both lists are in a stable order. */
export function resolveStreams(cluster: Postgresql): EffectiveStreams {
  const byApplication = new Map<string, Stream[]>();
  for (const stream of cluster.spec.streams ?? []) {
    const group = byApplication.get(stream.applicationId);
    if (group) group.push(stream);
    else byApplication.set(stream.applicationId, [stream]);
  }
  const applications = [...byApplication].map(([id, streams]) => application(id, streams));
  const slots = applications
    .flatMap(({ sources }) => sources)
    .map(({ slot, database }) => [slot, { type: "logical", plugin: PLUGIN, database }] as const);
  return { applications, slots: Object.fromEntries(slots) };
}

/** The name of publication and slot; dashes are not allowed there. */
export function streamSlotName(database: string, applicationId: string): string {
  return `${SLOT_PREFIX}_${database}_${applicationId.replaceAll("-", "_")}`;
}

function application(applicationId: string, streams: readonly Stream[]): StreamApplication {
  const byDatabase = new Map<string, Map<string, StreamedTable>>();
  for (const stream of streams) {
    const tables = byDatabase.get(stream.database) ?? new Map<string, StreamedTable>();
    byDatabase.set(stream.database, tables);
    for (const [name, table] of Object.entries(stream.tables)) {
      tables.set(name, streamedTable(stream, name, table));
    }
  }
  const cpu = largest(streams.map((stream) => stream.cpu));
  const memory = largest(streams.map((stream) => stream.memory));
  return {
    applicationId,
    ...(cpu === undefined ? {} : { cpu }),
    ...(memory === undefined ? {} : { memory }),
    sources: [...byDatabase].map(([database, tables]) => ({
      database,
      slot: streamSlotName(database, applicationId),
      tables: [...tables].sort(([a], [b]) => compareUtf8(a, b)).map(([, table]) => table),
    })),
  };
}

function streamedTable(stream: Stream, fullName: string, table: StreamTable): StreamedTable {
  const [first = "", second] = fullName.split(".");
  const filter = ownValue(stream.filter, fullName);
  return {
    schema: second === undefined ? "public" : first,
    name: second ?? first,
    eventType: table.eventType,
    ...(table.idColumn === undefined ? {} : { idColumn: table.idColumn }),
    ...(table.payloadColumn === undefined ? {} : { payloadColumn: table.payloadColumn }),
    ...(filter === undefined ? {} : { filter }),
    ...(stream.batchSize === undefined ? {} : { batchSize: stream.batchSize }),
    recovery: recovery(stream.enableRecovery, table),
  };
}

function recovery(enabled: boolean | undefined, table: StreamTable): StreamedTable["recovery"] {
  const eventType = table.recoveryEventType ?? "";
  if (enabled === false || (enabled === undefined && eventType === "")) return { type: "None" };
  if (table.ignoreRecovery === true) return { type: "Ignore" };
  return {
    type: "DeadLetter",
    eventType: eventType === "" ? `${table.eventType}-dead-letter-queue` : eventType,
  };
}

/** The largest quantity; one that does not parse never outranks another. */
function largest(quantities: readonly (string | undefined)[]): string | undefined {
  let best: string | undefined;
  for (const text of quantities) {
    if (text === undefined) continue;
    const candidate = parseQuantity(text);
    const current = best === undefined ? undefined : parseQuantity(best);
    if (best === undefined || (candidate && current && compareQuantities(candidate, current) > 0)) {
      best = text;
    }
  }
  return best;
}
