/**
 * Clusters and base backups in a bucket, as Spilo lays them out: `PREFIX/CLUSTER[/UID]/wal/MAJOR/`.
 *
 * Zalando: ui/operator_ui/spiloutils.py, read_stored_clusters, read_versions, read_basebackups
 */

import { UiError } from "./errors.ts";
import type { ObjectStore, StoredObject } from "../clients/stores/object_store.ts";

/** One base backup, under the names that Zalando's UI gives it. */
export interface BaseBackup {
  readonly name: string;
  readonly last_modified: string;
  readonly expanded_size_bytes: number | null;
  readonly wal_segment_backup_start: string;
  readonly wal_segment_backup_stop: string;
  readonly wal_segment_offset_backup_start: string;
  readonly wal_segment_offset_backup_stop: string;
}

const UUID = /^[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}$/i;
const SENTINEL = "_backup_stop_sentinel.json";
const SEGMENT_BYTES = 16n * 1024n * 1024n;
/** Sentinels that are read at once. */
const AT_ONCE = 8;

/** Names of the clusters that there is anything of. */
export async function storedClusters(store: ObjectStore, prefix: string): Promise<string[]> {
  return await store.folders(prefix);
}

/** Uids of a cluster's lives; `base` for one without a uid in its path. */
export async function storedLives(
  store: ObjectStore,
  prefix: string,
  cluster: string,
): Promise<string[]> {
  const folders = await store.folders(`${prefix}${plainName(cluster)}/`);
  return folders.filter((name) => name === "wal" || UUID.test(name))
    .map((name) => name === "wal" ? "base" : name);
}

/** Base backups of one life, over all majors. */
export async function baseBackups(
  store: ObjectStore,
  prefix: string,
  { cluster, uid, versions }: {
    readonly cluster: string;
    readonly uid: string;
    readonly versions: readonly string[];
  },
): Promise<BaseBackup[]> {
  const life = uid === "base" ? "" : `/${plainName(uid)}`;
  const lists = await Promise.all(
    versions.map((version) =>
      store.objects(
        `${prefix}${plainName(cluster)}${life}/wal/${plainName(version)}/basebackups_005/`,
      )
    ),
  );
  const sentinels = lists.flat().filter(({ key }) => key.endsWith(SENTINEL));
  const found: BaseBackup[] = [];
  for (let at = 0; at < sentinels.length; at += AT_ONCE) {
    const some = sentinels.slice(at, at + AT_ONCE);
    const read = await Promise.all(
      some.map(async (object) => backupOf(object, await store.text(object.key))),
    );
    found.push(...read.filter((backup) => backup !== undefined));
  }
  return found;
}

/** A name that cannot lead out of its folder. @throws UiError 400 */
function plainName(name: string): string {
  if (/^[\w.-]+$/.test(name) && !/^\.+$/.test(name)) return name;
  throw new UiError(`${JSON.stringify(name)} is no name of a folder`, 400);
}

/** WAL-G's or WAL-E's sentinel; undefined for what is neither. */
export function backupOf({ key, modified }: StoredObject, text: string): BaseBackup | undefined {
  const name = (key.split("/").at(-1) ?? "").slice(0, -SENTINEL.length);
  const [, segment = "", offset = ""] = /^base_([0-9A-F]{24})(?:_(\w+))?/.exec(name) ?? [];
  const info = parsed(text);
  const common = {
    name,
    last_modified: finishOf(info) ?? modified,
    wal_segment_backup_start: segment,
  };
  const { LSN: start, FinishLSN: finish } = info;
  if (isWhole(start) && isWhole(finish)) {
    return {
      ...common,
      expanded_size_bytes: numberOrNull(info["UncompressedSize"]),
      wal_segment_backup_stop: segmentOf(BigInt(finish), segment),
      wal_segment_offset_backup_start: offsetOf(BigInt(start)),
      wal_segment_offset_backup_stop: offsetOf(BigInt(finish)),
    };
  }
  const { wal_segment_backup_stop: stop, wal_segment_offset_backup_stop: stopOffset } = info;
  if (typeof stop !== "string") return undefined;
  return {
    ...common,
    expanded_size_bytes: numberOrNull(info["expanded_size_bytes"]),
    wal_segment_backup_stop: stop,
    wal_segment_offset_backup_start: offset,
    wal_segment_offset_backup_stop: typeof stopOffset === "string" ? stopOffset : "",
  };
}

/** WAL-G says when it has finished; the time of the object is later, and changes when it is copied. */
function finishOf(info: Readonly<Record<string, unknown>>): string | undefined {
  const { FinishTime: time } = info;
  const ms = typeof time === "string" ? Date.parse(time) : NaN;
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}

function isWhole(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function segmentOf(position: bigint, startSegment: string): string {
  const hex = (value: bigint) => value.toString(16).toUpperCase().padStart(8, "0");
  const log = position >> 32n;
  const segment = (position & 0xffffffffn) / SEGMENT_BYTES;
  return startSegment.slice(0, 8) + hex(log) + hex(segment);
}

function offsetOf(position: bigint): string {
  return (position % SEGMENT_BYTES).toString(16).toUpperCase().padStart(8, "0");
}

function numberOrNull(value: unknown): number | null {
  if (typeof value === "number") return value;
  return typeof value === "string" && /^\d+$/.test(value) ? Number(value) : null;
}

function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value as Record<string, unknown> : {};
  } catch {
    return {};
  }
}
