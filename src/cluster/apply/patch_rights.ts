/**
 * Which kinds the operator's role does not let it patch, as far as refusals tell. An old role may
 * lack the right, so what cannot be patched is recreated; but recreating takes an object away for a
 * moment, and one refusal may be a role that is just being exchanged, or a policy. So it takes a
 * second refusal of the same object, which comes no sooner than after the pause for refused requests,
 * and every patch that is granted ends the belief.
 */

import { describeRef, type ObjectRef } from "../../ports/requests.ts";

/** Most objects that are remembered; the oldest is forgotten first. */
const MOST_SUSPECTED = 10_000;

export class PatchRights {
  readonly #suspected = new Set<string>();
  readonly #lacking = new Set<string>();

  /** Notes that a patch was refused; true where the role is known by now not to grant it. */
  refused(target: ObjectRef): boolean {
    const object = describeRef(target);
    if (this.#lacking.has(target.kind)) return true;
    if (this.#suspected.delete(object)) {
      this.#lacking.add(target.kind);
      return true;
    }
    const [oldest] = this.#suspected;
    if (this.#suspected.size >= MOST_SUSPECTED && oldest !== undefined) {
      this.#suspected.delete(oldest);
    }
    this.#suspected.add(object);
    return false;
  }

  /** Notes that a patch was granted. */
  granted(target: ObjectRef): void {
    this.#suspected.delete(describeRef(target));
    this.#lacking.delete(target.kind);
  }
}
