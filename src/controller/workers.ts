/** N worker slots that take keys from the queue and run one pass each. */

import type { KeyQueue, QueueItem } from "./queue.ts";

/** What a slot does at the moment, for the debug API. */
export interface SlotState {
  readonly slot: number;
  readonly key: string;
  readonly cause: string;
  readonly startedAt: Date;
}

/** Runs one pass; never throws. */
export type RunPass = (item: QueueItem, slot: number) => Promise<void>;

export interface Workers {
  /** What each busy slot does. */
  busy(): readonly SlotState[];
  /** Resolves once every slot has ended its pass; close the queue first. */
  stopped: Promise<void>;
}

/** Starts `count` slots. */
export function startWorkers(
  count: number,
  queue: KeyQueue,
  run: RunPass,
  now: () => Date,
): Workers {
  const states = new Map<number, SlotState>();
  async function work(slot: number): Promise<void> {
    for (let item = await queue.take(); item !== undefined; item = await queue.take()) {
      states.set(slot, { slot, key: item.key, cause: item.cause, startedAt: now() });
      try {
        await run(item, slot);
      } finally {
        states.delete(slot);
        queue.done(item.key);
      }
    }
  }
  const slots = Array.from({ length: count }, (_, slot) => work(slot));
  return {
    busy: () => [...states.values()],
    stopped: Promise.all(slots).then(() => undefined),
  };
}
