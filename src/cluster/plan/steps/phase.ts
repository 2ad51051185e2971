/** Whether a pass creates a cluster, brings a change to it, or only looks after it. */

import type { Postgresql } from "../../../api/types.gen.ts";

/** What kind of pass it was: it decides the word for a failure. */
export type Phase = "creation" | "update" | "sync";

/** Words of a cluster that was never as its manifest asks; one that was refused is new once mended. */
const NEW_WORDS: readonly (string | undefined)[] = [
  undefined,
  "",
  "Invalid",
  "Creating",
  "CreateFailed",
];

/** Annotations of a manifest that operator and tools write: they are no change of what is asked. */
const NO_WISH = /^(acid\.zalan\.do\/|last-major-upgrade-|kubectl\.kubernetes\.io\/last-applied-)/;

/**
 * Whether a pass creates a cluster, brings a change to it, or only looks after it. `settledManifest`
 * is what `manifestOf` said when all was well.
 */
export function phaseOf(
  cr: Postgresql,
  settledGeneration: number | undefined,
  settledManifest?: string,
): Phase {
  if (NEW_WORDS.includes(cr.status?.PostgresClusterStatus)) return "creation";
  const seen = settledGeneration ?? cr.status?.observedGeneration;
  if (seen !== undefined && seen !== cr.metadata.generation) return "update";
  return settledManifest !== undefined && settledManifest !== manifestOf(cr) ? "update" : "sync";
}

/** Tells one wish of people from another: the generation, and labels and annotations of theirs. */
export function manifestOf({ metadata }: Postgresql): string {
  const sorted = (map: Readonly<Record<string, string>> = {}) =>
    Object.entries(map).filter(([key]) => !NO_WISH.test(key)).sort(([a], [b]) => a < b ? -1 : 1);
  return JSON.stringify([
    metadata.generation,
    sorted(metadata.labels),
    sorted(metadata.annotations),
  ]);
}
