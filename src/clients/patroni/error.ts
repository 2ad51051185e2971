/** A failed call of Patroni's REST API. Layer: client of Patroni. */

import { kindOfStatus, PortError } from "../../ports/errors.ts";

/** The message names the call, the pod and Patroni's own words. */
export class PatroniError extends PortError {
  override readonly name = "PatroniError";
  /** HTTP status; 0 when the pod did not answer. */
  readonly status: number;

  constructor(message: string, status: number, options?: ErrorOptions) {
    super(message, kindOfStatus(status), options);
    this.status = status;
  }
}
