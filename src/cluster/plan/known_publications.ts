/** Publications that event streams read from, as far as the databases were looked into. */

import type { Observation } from "../../lib/observation.ts";
import type { Catalog } from "../observed/catalog.ts";

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
