/**
 * A bound on how many sessions are open at the same time, over all clusters; of one owner no more
 * than a share of them, so that one whose servers never answer leaves room for the others.
 */

/** Gives a slot back; a second call does nothing. */
export type Release = () => void;

export interface Slots {
  /** Waits for a free slot, first come, first served. Rejects when the signal aborts. */
  take(owner: string, signal: AbortSignal): Promise<Release>;
}

interface Waiting {
  readonly owner: string;
  readonly go: () => void;
}

/** Makes `size` slots, of which one owner may have `share`. */
export function createSlots(size: number, share = size): Slots {
  let free = size;
  const held = new Map<string, number>();
  const waiting = new Set<Waiting>();
  const mayTake = (owner: string) => free > 0 && (held.get(owner) ?? 0) < share;
  const take = (owner: string): Release => {
    free--;
    held.set(owner, (held.get(owner) ?? 0) + 1);
    let mine = true;
    return () => {
      if (mine) give(owner);
      mine = false;
    };
  };
  const give = (owner: string): void => {
    free++;
    const left = (held.get(owner) ?? 1) - 1;
    if (left === 0) held.delete(owner);
    else held.set(owner, left);
    const next = [...waiting].find((each) => mayTake(each.owner));
    if (next === undefined) return;
    waiting.delete(next);
    next.go();
  };
  const wait = (owner: string, signal: AbortSignal): Promise<Release> =>
    new Promise((resolve, reject) => {
      const abort = () => {
        waiting.delete(one);
        reject(signal.reason);
      };
      const go = () => {
        signal.removeEventListener("abort", abort);
        resolve(take(owner));
      };
      const one = { owner, go };
      waiting.add(one);
      signal.addEventListener("abort", abort, { once: true });
    });
  return {
    async take(owner, signal) {
      await Promise.resolve();
      signal.throwIfAborted();
      return mayTake(owner) ? take(owner) : wait(owner, signal);
    },
  };
}
