/** What the databases of a cluster hold. */

import type { Observation } from "../../lib/observation.ts";

export interface Catalog {
  /** As PostgreSQL numbers it: 170005. */
  readonly serverVersion: number;
  /** Names of the publications of event streams, by database. */
  readonly publications: ReadonlyMap<string, readonly string[]>;
}

/** Publications known to exist; none while the databases were not looked at. */
export function publications(catalog: Observation<Catalog> | undefined): ReadonlySet<string> {
  if (catalog === undefined || !catalog.known) return new Set();
  return new Set([...catalog.value.publications.values()].flat());
}
