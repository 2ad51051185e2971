/** What a pass says of a name that it needs and does not have. */

import type { ObjectRef } from "../../../ports/requests.ts";
import type { Subject } from "../../subject.ts";

/** A name that somebody else's object has. */
export interface ForeignObject {
  readonly subject: Subject;
  readonly ref: ObjectRef;
  /** Names object and owner, and says what to do. */
  readonly reason: string;
}
