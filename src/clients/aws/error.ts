/** A failed call to AWS; the message names the call and the volume, and never a key or token. */

import { type FailureKind, PortError } from "../../ports/errors.ts";

export class AwsError extends PortError {
  override readonly name = "AwsError";
  /** The code of AWS (`VolumeModificationRateExceeded`); empty where nobody answered. */
  readonly code: string;

  constructor(message: string, kind: FailureKind, code = "") {
    super(message, kind);
    this.code = code;
  }
}
