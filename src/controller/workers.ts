/**
 * N worker slots that take keys from the queue and run one pass each. A pass that waits for a peer of
 * its own cluster goes on beside its slot, which takes the next key meanwhile.
 */

import { type KeyQueue } from "./queue.ts";
import { namespaceOf, type QueueItem } from "./queue_item.ts";
import { Shares } from "./shares.ts";

/** What a slot does at the moment, for the debug API. */
export interface SlotState {
  readonly slot: number;
  readonly key: string;
  readonly cause: string;
  readonly startedAt: Date;
}

/** Runs one pass; never throws. `leave` may be called while it waits for somebody. */
export type RunPass = (item: QueueItem, slot: number, leave: () => void) => Promise<void>;

export interface Workers {
  /** What each busy slot does. */
  busy(): readonly SlotState[];
  /** Passes that go on beside their slots. */
  aside(): number;
  /** Resolves once every pass has ended; close the queue first. */
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
  const aside = new Map<string, Promise<void>>();

  const shares = new Shares(count);
  queue.restrain((namespace) => shares.isFull(namespace));

  async function runOne(item: QueueItem, slot: number): Promise<void> {
    const namespace = namespaceOf(item.key);
    shares.begun(namespace);
    const left = Promise.withResolvers<void>();
    const leave = () => {
      aside.set(item.key, pass);
      left.resolve();
    };
    const pass = Promise.resolve().then(() => run(item, slot, leave)).finally(() => {
      aside.delete(item.key);
      shares.ended(namespace);
      queue.done(item.key);
    });
    await Promise.race([pass, left.promise]);
  }

  async function work(slot: number): Promise<void> {
    for (let item = await queue.take(); item !== undefined; item = await queue.take()) {
      states.set(slot, { slot, key: item.key, cause: item.cause, startedAt: now() });
      await runOne(item, slot);
      states.delete(slot);
    }
  }

  const slots = Array.from({ length: count }, (_, slot) => work(slot));
  return {
    busy: () => [...states.values()],
    aside: () => aside.size,
    stopped: Promise.all(slots).then(() => Promise.all(aside.values())).then(() => undefined),
  };
}
