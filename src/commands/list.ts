/** `kubectl pg list`: a line for each cluster. */

import type { Postgresql } from "../api/types.gen.ts";
import { RESOURCES } from "../ports/resources.gen.ts";
import type { Session } from "./session.ts";
import { ageOf, cut, table } from "./table.ts";

/** The clusters of a namespace, or of all. */
export async function readClusters(session: Session, everywhere: boolean): Promise<Postgresql[]> {
  const { kube, namespace, signal } = session;
  const scope = everywhere ? {} : { namespace };
  const { items } = await kube.list(RESOURCES.Postgresql, { ...scope, signal });
  return items as Postgresql[];
}

/** A table of them; what is not as it should be is told in the last column. */
export function listText(clusters: readonly Postgresql[], now: Date): string {
  if (clusters.length === 0) return "no clusters\n";
  const rows = clusters.map(({ metadata, spec, status }) => {
    const wrong = (status?.conditions ?? []).find(({ type, status }) =>
      (type === "Ready" || type === "Synced") && status !== "True"
    );
    const ready = status?.readyInstances;
    return [
      metadata.namespace ?? "",
      metadata.name ?? "",
      status?.PostgresClusterStatus || "-",
      spec.postgresql.version,
      `${ready ?? "?"}/${spec.numberOfInstances}`,
      status?.primary ?? "-",
      ageOf(metadata.creationTimestamp, now),
      wrong === undefined ? "" : cut(`${wrong.reason}: ${wrong.message}`, 60),
    ];
  });
  const head = ["NAMESPACE", "NAME", "STATUS", "PG", "UP", "PRIMARY", "AGE", ""];
  return table(head, rows).join("\n") + "\n";
}
