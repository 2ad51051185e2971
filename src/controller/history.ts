/**
 * Recent changes of a cluster's manifest, for `/clusters/…/history`. A manifest is compared when it
 * changes, so a request costs nothing.
 *
 * Zalando: pkg/controller/postgresql.go, queueClusterEvent; pkg/spec/types.go, Diff
 */

import type { Postgresql } from "../api/types.gen.ts";
import { describeMismatch } from "../cluster/plan/compare/difference.ts";
import { mismatches } from "../cluster/plan/compare/structure.ts";
import type { Mismatch } from "../cluster/plan/compare/difference.ts";

/** One change of a manifest. */
export interface ManifestChange {
  readonly at: Date;
  /** When the first pass with it began. */
  readonly begunAt?: Date;
  readonly lines: readonly string[];
  /** Who wrote the manifest last, as the API server noted it; empty where it did not. */
  readonly manager: string;
}

/** Appends a change, and drops the oldest above `limit`. Gives back the same list without a change. */
export function withChange(
  history: readonly ManifestChange[],
  change: { readonly from: Postgresql; readonly to: Postgresql; readonly at: Date },
  limit: number,
): readonly ManifestChange[] {
  const lines = changedLines(change.from, change.to);
  if (lines.length === 0 || limit <= 0) return history;
  const added = { at: change.at, lines, manager: managerOf(change.to) };
  return [...history, added].slice(-limit);
}

/** Notes when the first pass with the newest change began. */
export function withBeginning(
  history: readonly ManifestChange[],
  at: Date,
): readonly ManifestChange[] {
  const last = history.at(-1);
  if (last === undefined || last.begunAt !== undefined) return history;
  return [...history.slice(0, -1), { ...last, begunAt: at }];
}

/** What changed in the part that people write: labels, annotations, spec. */
export function changedLines(from: Postgresql, to: Postgresql): string[] {
  return differing(from, to).map(describeMismatch);
}

function differing(from: Postgresql, to: Postgresql): Mismatch[] {
  return [
    ...mismatches("metadata.labels", to.metadata.labels, from.metadata.labels),
    ...mismatches("metadata.annotations", to.metadata.annotations, from.metadata.annotations),
    ...mismatches("spec", to.spec, from.spec),
  ];
}

/** The writer of the newest entry that is not about the status. */
function managerOf({ metadata }: Postgresql): string {
  const entries = (metadata.managedFields ?? []).filter(({ subresource }) => !subresource);
  const newest = entries.reduce<typeof entries[number] | undefined>(
    (best, entry) => (entry.time ?? "") >= (best?.time ?? "") ? entry : best,
    undefined,
  );
  return newest?.manager ?? "";
}
