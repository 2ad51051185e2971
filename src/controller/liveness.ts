/** Whether a restart would help the operator. Pure. */

import type { SlotState } from "./workers.ts";

/** What liveness is judged by. */
export interface Load {
  readonly busy: readonly SlotState[];
  /** How many workers there are. */
  readonly workers: number;
  /** Keys that wait for one. */
  readonly waiting: number;
  readonly now: Date;
  /** Whether a slot runs a major upgrade, which may take hours and is not to be cut short. */
  readonly upgrades: (slot: SlotState) => boolean;
}

/** A pass waits for nothing, and each request in it has a limit of its own. */
const STUCK_MS = 3600_000;

/** False when clusters wait and every worker has been in the same pass for an hour. */
export function isAlive({ busy, workers, waiting, now, upgrades }: Load): boolean {
  const stuck = busy.filter((slot) =>
    now.getTime() - slot.startedAt.getTime() > STUCK_MS && !upgrades(slot)
  );
  return waiting === 0 || stuck.length < workers;
}
