/** What one role logs in with, as the planners of roles, databases and the pooler need to know it. */

import type { Sensitive } from "../../../lib/sensitive.ts";

/** What one role logs in with, once the plan's steps are done. */
export type Credential =
  | {
    readonly state: "ready";
    readonly role: string;
    /** The role itself, or the dated login role of a rotation, which is a member of it. */
    readonly username: string;
    readonly password: Sensitive;
  }
  /** The database is not touched for this role. */
  | {
    readonly state: "degraded";
    readonly role: string;
    readonly reason: string;
    /** Its Secret is being written, so that the next look finds it. */
    readonly pending?: true;
  };

/** Left-over login roles of one role: those made before a date, except the one in use. */
export interface RotationCleanup {
  readonly role: string;
  /** In the Secret now; never dropped. */
  readonly username: string;
  readonly madeBefore: Date;
}
