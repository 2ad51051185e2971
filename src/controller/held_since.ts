/** Since when subjects of a plan are held; pure. */

import type { Held } from "../cluster/plan/steps/action.ts";

/** What tells held subjects apart: the reason may change while one goes on waiting. */
export function heldKey({ subject, kind }: Pick<Held, "subject" | "kind">): string {
  return `${subject} ${kind}`;
}

/** Those that were held before keep their time. */
export function heldSinceAfter(
  before: ReadonlyMap<string, number> | undefined,
  held: readonly Pick<Held, "subject" | "kind">[],
  nowMs: number,
): ReadonlyMap<string, number> {
  return new Map(held.map(heldKey).map((key) => [key, before?.get(key) ?? nowMs]));
}
