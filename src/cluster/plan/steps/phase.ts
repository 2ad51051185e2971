/** Whether a pass creates a cluster, brings a change to it, or only looks after it. */

import type { Postgresql } from "../../../api/types.gen.ts";

/** What kind of pass it was: it decides the word for a failure. */
export type Phase = "creation" | "update" | "sync";

const NEW_WORDS: readonly (string | undefined)[] = [undefined, "", "Creating", "CreateFailed"];

/** Whether a pass creates a cluster, brings a change to it, or only looks after it. */
export function phaseOf(cr: Postgresql, settledGeneration: number | undefined): Phase {
  if (NEW_WORDS.includes(cr.status?.PostgresClusterStatus)) return "creation";
  const seen = settledGeneration ?? cr.status?.observedGeneration;
  return seen !== undefined && seen !== cr.metadata.generation ? "update" : "sync";
}
