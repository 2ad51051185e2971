/** A failed call of Patroni's REST API. Layer: client of Patroni. */

/** The message names the call, the pod and Patroni's own words. */
export class PatroniError extends Error {
  override readonly name = "PatroniError";
  /** HTTP status; 0 when the pod did not answer. */
  readonly status: number;

  constructor(message: string, status: number, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}
