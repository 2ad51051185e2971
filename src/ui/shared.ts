/** Answers that several visitors of the same rights share for a moment. */

/** How long an answer is good. */
const AGE_MS = 2000;
const MOST = 200;

export interface Shared {
  /** The answer for a key: a running or recent one, else a new one. A failure is not kept. */
  once<T>(key: string, ask: () => Promise<T>): Promise<T>;
  /** Drops everything: somebody has changed something. */
  drop(): void;
}

/** Makes the memory of answers. */
export function createShared(now: () => number = () => performance.now()): Shared {
  const kept = new Map<string, { readonly at: number; readonly answer: Promise<unknown> }>();
  return {
    once<T>(key: string, ask: () => Promise<T>): Promise<T> {
      const known = kept.get(key);
      if (known !== undefined && now() - known.at < AGE_MS) return known.answer as Promise<T>;
      const answer = ask();
      kept.delete(key);
      kept.set(key, { at: now(), answer });
      answer.catch(() => kept.get(key)?.answer === answer && kept.delete(key));
      // The oldest goes first.
      if (kept.size > MOST) kept.delete(kept.keys().next().value!);
      return answer;
    },
    drop: () => kept.clear(),
  };
}
