/** One key that waits for a pass, and why. */

/** Why a key is looked at. It never changes what is done; it is logged and shown. */
export type Cause =
  | "delete"
  | "add"
  | "update"
  | "object"
  | "requeue"
  | "retry"
  | "repair"
  | "sync";

export interface QueueItem {
  readonly key: string;
  readonly cause: Cause;
  /** When it was first asked for, in milliseconds of `clock`. */
  readonly sinceMs: number;
  /** Somebody or something waits for it; false for periodic work. */
  readonly urgent: boolean;
}

/** The namespace of a key `namespace/name`. */
export function namespaceOf(key: string): string {
  return key.slice(0, Math.max(0, key.indexOf("/")));
}
