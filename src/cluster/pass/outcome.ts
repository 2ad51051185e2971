/** How a pass over one cluster ended: one value, which says what is done about the cluster next. */

import type { Plan, StepOutcome } from "../plan/steps/action.ts";
import type { Phase } from "../plan/steps/phase.ts";

/** What a pass planned and did. */
export interface PassRecord {
  readonly plan: Plan;
  readonly outcomes: readonly StepOutcome[];
  /** What failed or could not be read, in words. */
  readonly failure: string | undefined;
}

/** A pass that has brought the cluster nearer to its manifest, or found it there. */
export interface PassReport extends PassRecord {
  readonly phase: Phase;
  /** Nothing was left to do, nothing waits, nothing failed. */
  readonly settled: boolean;
}

/**
 * - `gone`: nothing of the cluster is left, or it is none of ours;
 * - `deleting`: its deletion needs another pass;
 * - `unmanaged`: its manifest is none that this operator takes on, which its status says;
 * - `reconciled`: it was looked after, with or without success;
 * - `left`: another operator has taken over in the course of the pass.
 */
export type PassOutcome =
  | { readonly kind: "gone"; readonly record?: PassRecord }
  | { readonly kind: "deleting"; readonly record?: PassRecord }
  | { readonly kind: "unmanaged" }
  | { readonly kind: "left" }
  | { readonly kind: "reconciled"; readonly report: PassReport };
