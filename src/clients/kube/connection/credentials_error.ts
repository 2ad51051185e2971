/** Credentials that cannot be loaded. Layer: client of the API server. */

/** The message names the file or variable at fault, and what to do. */
export class CredentialsError extends Error {
  override readonly name = "CredentialsError";
}
