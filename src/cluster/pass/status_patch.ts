/** A status as a merge patch, which takes nothing away that it does not name. */
import { ownValue } from "../../lib/own_value.ts";

/** The patch that makes the one of the other: what is gone is named by null, at any depth. */
export function statusPatch(before: object | undefined, after: object): Record<string, unknown> {
  const gone = Object.keys(before ?? {}).filter((key) => !Object.hasOwn(after, key));
  return {
    ...Object.fromEntries(gone.map((key) => [key, null])),
    ...Object.fromEntries(
      Object.entries(after).map(([key, value]) => {
        const former = ownValue(before as Record<string, unknown> | undefined, key);
        return [key, isMap(former) && isMap(value) ? statusPatch(former, value) : value];
      }),
    ),
  };
}

function isMap(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
