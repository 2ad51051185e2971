/** Failures as Kubernetes reports them: an HTTP code and a `Status` object. */
import type { Json, JsonObject } from "./json.ts";

/** One entry of `status.details.causes`. */
export interface Cause {
  reason: string;
  message: string;
  field: string;
}

/** What kind of object a failure is about; `kind` is the plural resource name where Kubernetes uses it. */
export interface ErrorSubject {
  group: string;
  kind: string;
  name: string;
}

export class ApiError extends Error {
  readonly code: number;
  readonly reason: string;
  readonly details: JsonObject | undefined;
  readonly headers: Record<string, string>;

  constructor(
    code: number,
    reason: string,
    message: string,
    extra: { details?: JsonObject; headers?: Record<string, string> } = {},
  ) {
    super(message);
    this.name = "ApiError";
    this.code = code;
    this.reason = reason;
    this.details = extra.details;
    this.headers = extra.headers ?? {};
  }

  /** The `Status` object sent to the client. */
  status(): JsonObject {
    return {
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      message: this.message,
      ...(this.reason ? { reason: this.reason } : {}),
      ...(this.details ? { details: this.details } : {}),
      code: this.code,
    };
  }
}

function details(subject: ErrorSubject, extra: JsonObject = {}): JsonObject {
  return {
    ...(subject.name ? { name: subject.name } : {}),
    ...(subject.group ? { group: subject.group } : {}),
    ...(subject.kind ? { kind: subject.kind } : {}),
    ...extra,
  };
}

function qualified(subject: ErrorSubject): string {
  return subject.group ? `${subject.kind}.${subject.group}` : subject.kind;
}

/** 404 for a missing object. */
export function notFound(subject: ErrorSubject): ApiError {
  return new ApiError(404, "NotFound", `${qualified(subject)} "${subject.name}" not found`, {
    details: details(subject),
  });
}

/** 404 for a path that is not part of the API; answered in plain text, as Go's mux does. */
export class PageNotFound extends Error {
  constructor() {
    super("404 page not found");
  }
}

/** 404 for an unknown resource of a known group. */
export function unknownResource(): ApiError {
  return new ApiError(404, "NotFound", "the server could not find the requested resource", {
    details: {},
  });
}

/** 409 for a name that is taken. */
export function alreadyExists(subject: ErrorSubject): ApiError {
  return new ApiError(
    409,
    "AlreadyExists",
    `${qualified(subject)} "${subject.name}" already exists`,
    {
      details: details(subject),
    },
  );
}

/** 409 for a write that lost a race; `why` ends the sentence. */
export function conflict(subject: ErrorSubject, why: string): ApiError {
  return new ApiError(
    409,
    "Conflict",
    `Operation cannot be fulfilled on ${qualified(subject)} "${subject.name}": ${why}`,
    { details: details(subject) },
  );
}

/** 409 for an outdated resourceVersion. */
export function modified(subject: ErrorSubject): ApiError {
  return conflict(
    subject,
    "the object has been modified; please apply your changes to the latest version and try again",
  );
}

/** 400. */
export function badRequest(message: string): ApiError {
  return new ApiError(400, "BadRequest", message);
}

/** 405 for a verb that the resource does not have. */
export function methodNotAllowed(): ApiError {
  return new ApiError(
    405,
    "MethodNotAllowed",
    "the server does not allow this method on the requested resource",
    { details: {} },
  );
}

/** 422 with one cause a field. */
export function invalid(subject: ErrorSubject, causes: Cause[]): ApiError {
  const texts = causes.map((cause) =>
    cause.field ? `${cause.field}: ${cause.message}` : cause.message
  );
  const different = [...new Set(texts)];
  const list = different.length === 1 ? different[0] : `[${different.join(", ")}]`;
  return new ApiError(
    422,
    "Invalid",
    `${qualified(subject)} "${subject.name}" is invalid: ${list}`,
    { details: details(subject, { causes: causes as unknown as Json }) },
  );
}

/** 410 for a revision that is no longer in the watch log. */
export function expired(message: string): ApiError {
  return new ApiError(410, "Expired", message);
}

/** 403; the whole sentence is the caller's. */
export function forbidden(subject: ErrorSubject, why: string): ApiError {
  const name = subject.name ? ` "${subject.name}"` : "";
  return new ApiError(403, "Forbidden", `${qualified(subject)}${name} is forbidden: ${why}`, {
    details: details(subject),
  });
}

/** 415. */
export function unsupportedMediaType(message: string): ApiError {
  return new ApiError(415, "UnsupportedMediaType", message);
}
