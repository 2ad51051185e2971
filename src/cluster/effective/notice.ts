/** What resolving a manifest wants a person to know: a future Event or log line, not a failure. */

export interface Notice {
  readonly severity: "info" | "warning";
  /** Reason of the Event that tells it; absent for what is only logged and shown. */
  readonly reason?: string;
  /** Names the field and what was made of it. */
  readonly message: string;
}
