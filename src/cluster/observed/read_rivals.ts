/**
 * Reads the manifests of clusters that would want the same names as one that is to be made: some
 * names are taken only later, by Patroni, so that nobody could tell from objects alone.
 */

import type { Postgresql } from "../../api/types.gen.ts";
import { typedReader } from "../../ports/client.gen.ts";
import { known, type Observation } from "../../ports/observation.ts";
import type { KubeReader } from "../../ports/ports.ts";
import type { Namespaced } from "../../ports/typed.ts";

/** The manifests that are there under any of the names. */
export async function readRivals(
  reader: KubeReader,
  namespace: string,
  names: readonly string[],
  signal: AbortSignal,
): Promise<Observation<readonly Postgresql[]>> {
  const { postgresqls } = typedReader(reader);
  const read = (name: Namespaced) => postgresqls.read(name, signal);
  const found = await Promise.all(names.map((name) => read({ namespace, name })));
  const unread = found.find((one) => !one.known);
  if (unread !== undefined && !unread.known) return unread;
  return known(found.flatMap((one) => one.known && one.value ? [one.value] : []));
}
