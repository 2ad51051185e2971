/**
 * A bound on how many sessions are open at the same time, over all clusters; of one owner no more
 * than a share of them, so that one whose servers never answer leaves room for the others. Once half
 * of them are taken, only owners below their fair share of a half get more; and who has least comes
 * first.
 */

/** Gives a slot back; a second call does nothing. */
export type Release = () => void;

export interface Slots {
  /** Waits for a free slot; of one owner it is first come, first served. Rejects when the signal aborts. */
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
  const half = Math.ceil(size / 2);
  const heldBy = (owner: string) => held.get(owner) ?? 0;
  const mayTake = (owner: string) => {
    if (free === 0) return false;
    if (size - free < half) return heldBy(owner) < share;
    const owners = held.size + (held.has(owner) ? 0 : 1);
    return heldBy(owner) < Math.min(share, Math.max(1, Math.floor(half / owners)));
  };
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
    serve();
  };
  /** One that ends may make room in the shares of several. */
  const serve = (): void => {
    const [next] = [...waiting].filter((each) => mayTake(each.owner))
      .sort((one, other) => heldBy(one.owner) - heldBy(other.owner));
    if (next === undefined) return;
    waiting.delete(next);
    next.go();
    serve();
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
