/** Why a step is taken, as data; its text is made where people read it. */

import { describeMismatch, type Mismatch } from "../compare/difference.ts";
import type { Reason, Step } from "./action.ts";

/** One reason in words: `spec.type: "ClusterIP" → "LoadBalancer"`, or the sentence. */
export function describeReason(reason: Reason): string {
  return typeof reason === "string" ? reason : describeMismatch(reason);
}

/** The reasons of a step in words, each once. */
export function reasonTexts({ reasons }: Pick<Step, "reasons">): string[] {
  return [...new Set(reasons.map(describeReason))];
}

/** The reasons of a step that are sentences, each once. */
export function sentencesOf({ reasons }: Pick<Step, "reasons">): string[] {
  return [...new Set(reasons.filter((reason) => typeof reason === "string"))];
}

/** The fields that a step is about; none where its reasons are sentences alone. */
export function mismatchesOf({ reasons }: Pick<Step, "reasons">): Mismatch[] {
  return reasons.filter((reason) => typeof reason !== "string");
}
