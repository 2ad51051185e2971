/**
 * Asks the API server itself whether a manifest is there, before anything of its cluster is deleted:
 * a cache may be behind, and a note may be anybody's.
 */

import type { Postgresql } from "../../api/types.gen.ts";
import type { Deletion } from "../plan/deletion.ts";
import { typedReader } from "../../ports/client.gen.ts";
import type { KubeReader } from "../../ports/ports.ts";
import { owns } from "./ownership.ts";

/** What is asked, and who asks. */
export interface LivePorts {
  /** Reads without a cache. */
  readonly live: KubeReader;
  readonly controllerId: string;
}

/**
 * The manifest of a cluster as the API server has it now.
 * @throws where it cannot be asked: then nobody knows, and nothing may be deleted
 */
export async function liveManifest(
  { live }: LivePorts,
  key: string,
  signal: AbortSignal,
): Promise<Postgresql | undefined> {
  const [namespace = "", name = ""] = key.split("/");
  const read = await typedReader(live).postgresqls.read({ namespace, name }, signal);
  if (!read.known) throw new Error(`cannot tell whether ${key} was deleted: ${read.reason}`);
  return read.value;
}

/**
 * The deletion that a note tells of, where it is true: its manifest is gone, and no other operator
 * has taken on the name. What is younger than a manifest of the same name belongs to that one.
 */
export async function confirmedNote(
  ports: LivePorts,
  key: string,
  note: Deletion,
  signal: AbortSignal,
): Promise<Deletion | undefined> {
  const live = await liveManifest(ports, key, signal);
  if (live === undefined) return note;
  if (live.metadata.uid === note.uid || note.noted?.orphan) return undefined;
  if (!owns(ports.controllerId, live)) return undefined;
  return { ...note, noted: { before: live.metadata.creationTimestamp ?? "" } };
}
