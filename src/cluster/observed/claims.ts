/** Questions asked of volume claims; pure. */

import type { PersistentVolumeClaim } from "../../kubernetes/types.gen.ts";
import { compareQuantities, parseQuantity } from "../../lib/quantity.ts";

/** What a claim asks for and what it has, as quantities (`10Gi`). */
export interface ClaimSize {
  readonly requested: string;
  /** What the volume has; what was asked for where nobody says. */
  readonly there: string;
  /** Why the storage driver does not grow it: `ControllerResizeInfeasible`; absent where it may. */
  readonly growthRefused?: string;
}

/** Conditions of a claim whose growth goes wrong. */
const ERRORS: readonly string[] = ["ControllerResizeError", "NodeResizeError"];

/** Reads the sizes of a claim. https://kubernetes.io/docs/concepts/storage/persistent-volumes/ */
export function claimSize({ spec, status }: PersistentVolumeClaim): ClaimSize {
  const requested = String(spec?.resources?.requests?.["storage"] ?? "");
  const there = String(status?.capacity?.["storage"] ?? requested);
  const state = status?.allocatedResourceStatuses?.["storage"] ?? "";
  const error = status?.conditions?.find((one) =>
    ERRORS.includes(one.type) && one.status === "True"
  );
  const refused = /(Infeasible|Failed)$/.test(state) ? state : error?.type;
  const pending = order(there, requested) === -1;
  return {
    requested,
    there,
    ...(pending && refused !== undefined ? { growthRefused: refused } : {}),
  };
}

/** -1, 0 or 1 as `a` is less, the same or more; undefined where one is no quantity. */
export function order(a: string, b: string): number | undefined {
  const [one, other] = [parseQuantity(a), parseQuantity(b)];
  if (one === undefined || other === undefined) return undefined;
  return Math.sign(compareQuantities(one, other));
}

/** The largest size that claims are known to keep; undefined without claims. */
export function largestKept(claims: readonly PersistentVolumeClaim[]): string | undefined {
  const sizes = claims.map(claimSize).map(({ requested, there, growthRefused }) =>
    growthRefused === undefined ? requested : there
  );
  return sizes.reduce<string | undefined>(
    (most, size) => most === undefined || order(size, most) === 1 ? size : most,
    undefined,
  );
}
