/**
 * What a port throws. The kind says what may be done about it, whoever was asked; the message is for
 * people. Nobody has to know the codes of a peer to tell a lost race from a refusal.
 */

/**
 * - `unavailable`: nobody answered, or the answer broke off: it may have been done or not;
 * - `unauthorized`: whoever asks is not known, or not with this password;
 * - `forbidden`: whoever asks may not do this;
 * - `not found`: what is asked about is not there;
 * - `conflict`: somebody else has written it since it was read;
 * - `already exists`: something of that name is there already;
 * - `expired`: what the request builds on is too old;
 * - `invalid`: the request was understood, and its content is not accepted;
 * - `too large`: the answer has more than is read;
 * - `failed`: anything else that was answered.
 */
export type FailureKind =
  | "unavailable"
  | "unauthorized"
  | "forbidden"
  | "not found"
  | "conflict"
  | "already exists"
  | "expired"
  | "invalid"
  | "too large"
  | "failed";

/** A call to the outside that failed. */
export class PortError extends Error {
  override readonly name: string = "PortError";
  readonly kind: FailureKind;

  constructor(message: string, kind: FailureKind, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/** How a call failed; undefined for what no port threw. */
export function failureKind(error: unknown): FailureKind | undefined {
  return error instanceof PortError ? error.kind : undefined;
}

/** True where another writer was first: what is there now has to be looked at, then tried again. */
export function isConflict(error: unknown): boolean {
  const kind = failureKind(error);
  return kind === "conflict" || kind === "already exists";
}

/** True where the request was refused for good: asking again soon is no use. */
export function isRefusal(error: unknown): boolean {
  const kind = failureKind(error);
  return kind === "forbidden" || kind === "invalid";
}

/** True where somebody answered: what was asked for has not begun, or has ended. */
export function isAnswer(error: unknown): boolean {
  const kind = failureKind(error);
  return kind !== undefined && kind !== "unavailable" && kind !== "too large";
}

const BY_STATUS: Readonly<Record<number, FailureKind>> = {
  0: "unavailable",
  400: "invalid",
  401: "unauthorized",
  403: "forbidden",
  404: "not found",
  409: "conflict",
  410: "expired",
  413: "invalid",
  422: "invalid",
};

/** The kind that an HTTP status stands for; 0 stands for no answer. */
export function kindOfStatus(status: number): FailureKind {
  return BY_STATUS[status] ?? "failed";
}
