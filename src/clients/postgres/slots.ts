/** A bound on how many sessions are open at the same time, over all clusters. */

/** Gives a slot back; a second call does nothing. */
export type Release = () => void;

export interface Slots {
  /** Waits for a free slot, first come, first served. Rejects when the signal aborts. */
  take(signal: AbortSignal): Promise<Release>;
}

/** Makes `size` slots. */
export function createSlots(size: number): Slots {
  let free = size;
  const waiting = new Set<() => void>();
  const give = (): void => {
    const [next] = waiting;
    if (next === undefined) free++;
    else {
      waiting.delete(next);
      next();
    }
  };
  const once = (): Release => {
    let held = true;
    return () => {
      if (held) give();
      held = false;
    };
  };
  const take = (signal: AbortSignal): Promise<Release> => {
    signal.throwIfAborted();
    if (free > 0) {
      free--;
      return Promise.resolve(once());
    }
    return new Promise((resolve, reject) => {
      const abort = () => {
        waiting.delete(go);
        reject(signal.reason);
      };
      const go = () => {
        signal.removeEventListener("abort", abort);
        resolve(once());
      };
      waiting.add(go);
      signal.addEventListener("abort", abort, { once: true });
    });
  };
  return { take: (signal) => Promise.resolve().then(() => take(signal)) };
}
