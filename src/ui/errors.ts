/** What a request of a page fails with: a status, a sentence, and the fields that it is about. */

/** An answer other than success. */
export class UiError extends Error {
  constructor(
    message: string,
    readonly status: 400 | 401 | 403 | 404 | 409 | 413 | 415 | 422 | 502 | 503,
    readonly fields: readonly FieldError[] = [],
  ) {
    super(message);
  }
}

/** What is wrong with one field. */
export interface FieldError {
  readonly path: string;
  readonly message: string;
}
