/**
 * What a failed call to the API server throws. Layer: client of the API server.
 *
 * The message names verb, kind and object; the server's own words follow the colon, as far as they
 * are known to be harmless: a refusal quotes values of what was sent.
 */

import { plainText } from "../../lib/plain_text.ts";
import { type FailureKind, kindOfStatus, PortError } from "../../ports/errors.ts";

/** One entry of `Status.details.causes`. */
export interface StatusCause {
  readonly reason?: string;
  readonly message?: string;
  readonly field?: string;
}

/** The parts of a `Status` object that this client uses. */
export interface StatusBody {
  readonly reason?: string;
  readonly message?: string;
  readonly code?: number;
  readonly details?: {
    readonly name?: string;
    readonly uid?: string;
    readonly retryAfterSeconds?: number;
    readonly causes?: readonly StatusCause[];
  };
}

/** What went wrong, as `KubeError` takes it. */
export interface KubeFailure {
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  /** Kubernetes' reason such as `NotFound`; our own `Unreachable` and `Timeout`. */
  readonly reason: string;
  readonly causes?: readonly StatusCause[];
  /** Name of the object that the server says it is about. */
  readonly about?: string;
  readonly cause?: unknown;
}

/** A request that the API server refused, or that did not reach it (`status` 0). */
export class KubeError extends PortError {
  override readonly name = "KubeError";
  readonly status: number;
  readonly reason: string;
  readonly causes: readonly StatusCause[];
  readonly about: string | undefined;

  constructor(message: string, failure: KubeFailure) {
    const options = failure.cause === undefined ? undefined : { cause: failure.cause };
    super(message, kindOf(failure), options);
    this.status = failure.status;
    this.reason = failure.reason;
    this.causes = failure.causes ?? [];
    this.about = failure.about;
  }
}

function kindOf({ status, reason }: KubeFailure): FailureKind {
  if (reason === TOO_LARGE) return "too large";
  return status === 409 && reason === "AlreadyExists" ? "already exists" : kindOfStatus(status);
}

/** Our own reason for an answer that was not read to its end. */
export const TOO_LARGE = "TooLarge";

/** Reasons by HTTP status, for answers whose body is no `Status`. */
const REASONS: Readonly<Record<number, string>> = {
  400: "BadRequest",
  401: "Unauthorized",
  403: "Forbidden",
  404: "NotFound",
  405: "MethodNotAllowed",
  409: "Conflict",
  410: "Expired",
  413: "RequestEntityTooLarge",
  422: "Invalid",
  429: "TooManyRequests",
  500: "InternalError",
  503: "ServiceUnavailable",
  504: "Timeout",
};

/** Makes the error of an answer; `attempt` is the sentence's start, such as `cannot get Pod ns/x`. */
export function errorOfAnswer(attempt: string, status: number, body: string): KubeError {
  const parsed = parseStatus(body);
  const reason = parsed?.reason || (REASONS[status] ?? `HTTP ${status}`);
  const text = plainText(parsed?.message || body, { known: [attempt] }) || reason;
  return new KubeError(`${attempt}: ${text}`, {
    status,
    reason,
    ...(parsed?.details?.causes === undefined ? {} : { causes: parsed.details.causes }),
    ...(parsed?.details?.name === undefined ? {} : { about: parsed.details.name }),
  });
}

/** Reads a body as a `Status`; anything else gives `undefined`. */
export function parseStatus(body: string): StatusBody | undefined {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value !== "object" || value === null) return undefined;
    return (value as { kind?: unknown }).kind === "Status" ? value as StatusBody : undefined;
  } catch {
    return undefined;
  }
}

/** True for a `KubeError` with this HTTP status. */
export function hasStatus(error: unknown, status: number): error is KubeError {
  return error instanceof KubeError && error.status === status;
}

/** The object does not exist (or its kind is not served). */
export function isNotFound(error: unknown): error is KubeError {
  return hasStatus(error, 404);
}

/**
 * The server itself says that there is no object of this name. Any other 404 (a kind that is not
 * served at the moment, a proxy) tells nothing of the object.
 */
export function isAbsent(error: unknown, name: string): boolean {
  return isNotFound(error) && error.about === name;
}

/** The answer had more bytes than are read. */
export function isTooLarge(error: unknown): error is KubeError {
  return error instanceof KubeError && error.reason === TOO_LARGE;
}

/**
 * Why the API server refuses an object for good, by its answer to a dry run; undefined where it does
 * not, or where the answer tells nothing of the object: no right to create it, a quota that the
 * object's predecessor still counts in, a name that is taken, no answer.
 */
export function refusalOf(error: unknown): string | undefined {
  if (!(error instanceof KubeError)) return undefined;
  const { status, message } = error;
  const said = message.replace(/^cannot \w+ [^:]*: /, "");
  if (status === 400 || status === 422) return said;
  if (status === 403) return /exceeded quota|cannot create resource/.test(said) ? undefined : said;
  // A webhook that must be asked and does not answer keeps the object from being created, too.
  return status === 500 && /failed calling webhook/.test(said) ? said : undefined;
}

/** The caller may not do this. */
export function isForbidden(error: unknown): error is KubeError {
  return hasStatus(error, 403);
}

/** A creation met an object of that name. */
export function isAlreadyExists(error: unknown): error is KubeError {
  return hasStatus(error, 409) && error.reason === "AlreadyExists";
}

/** The resourceVersion or the continue token is too old: list again. */
export function isExpired(error: unknown): error is KubeError {
  return hasStatus(error, 410) ||
    (error instanceof KubeError && (error.reason === "Expired" || error.reason === "Gone"));
}
