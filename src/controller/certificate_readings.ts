/**
 * When the certificates end that the servers of clusters showed to the operator's own sessions: what
 * clients see, without a right to read their Secrets.
 */

import type { Reading } from "../metrics/metrics.ts";
import type { Registry } from "./registry.ts";

/** Ends of certificates, by the key of their cluster. */
export interface CertificateEnds {
  note(cluster: { readonly namespace: string; readonly cluster: string }, until: Date): void;
  /** Those of the clusters that are still there; the others are forgotten. */
  of(keys: readonly string[]): ReadonlyMap<string, Date>;
}

/** Keeps the last end of each cluster. */
export function certificateEnds(): CertificateEnds {
  const ends = new Map<string, Date>();
  return {
    note: ({ namespace, cluster }, until) => void ends.set(`${namespace}/${cluster}`, until),
    of(keys) {
      const there = new Set(keys);
      for (const key of ends.keys()) if (!there.has(key)) ends.delete(key);
      return ends;
    },
  };
}

/** The reading of all clusters whose servers were talked to. */
export function certificateReadings(
  registry: Pick<Registry, "keys">,
  ends: Pick<CertificateEnds, "of">,
): Reading[] {
  return [{
    name: "pgop_certificate_expiry_timestamp_seconds",
    help: "When the certificate ends that the primary last showed to the operator.",
    labels: ["namespace", "cluster"],
    read: () =>
      [...ends.of(registry.keys())].map(([key, until]) => {
        const [namespace = "", cluster = ""] = key.split("/");
        return { labels: { namespace, cluster }, value: until.getTime() / 1000 };
      }),
  }];
}
