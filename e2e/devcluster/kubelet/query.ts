/** Flags in the query of a request to the kubelet. */

/** Whether a query parameter is true, as Go's ParseBool reads it. */
export function isSet(value: string | null): boolean {
  return ["1", "t", "T", "true", "TRUE", "True"].includes(value ?? "");
}
