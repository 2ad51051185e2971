/** How far this operator's wishes are from what another operator keeps up, by cluster and subject. */

import type { Reading } from "../metrics/metrics.ts";
import type { Registry } from "./registry.ts";

/** Stands for a cluster in which nothing would be done. */
const NOTHING = "none";

/** The readings of an operator in shadow mode. */
export function shadowReadings(registry: Pick<Registry, "entries">): Reading[] {
  return [{
    name: "pgop_shadow_divergence",
    help: "Steps that this operator would take, which only watches, by subject.",
    labels: ["namespace", "cluster", "subject"],
    read: () =>
      registry.entries().flatMap(({ key, last }) => {
        if (last === undefined) return [];
        const [namespace = "", cluster = ""] = key.split("/");
        const counts = new Map<string, number>();
        for (const { subject, action } of last.plan.steps) {
          if (action.kind !== "event") counts.set(subject, (counts.get(subject) ?? 0) + 1);
        }
        const rows = counts.size === 0 ? [[NOTHING, 0] as const] : [...counts];
        return rows.map(([subject, value]) => ({ labels: { namespace, cluster, subject }, value }));
      }),
  }];
}
