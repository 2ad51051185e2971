/**
 * Runs one function for keys that changed: equal keys are merged, one key never runs twice at
 * once, an error is tried again later (client layer of the dev cluster).
 */
import { ApiError, isConflict } from "./client.ts";

/** Brings one object to what it should be; may ask to be called again after some milliseconds. */
export type Reconcile = (key: string) => Promise<{ againInMs: number } | undefined | void>;

export interface Reconciler {
  enqueue(key: string): void;
  /** Lets runs under way finish and forgets the rest. */
  stop(): Promise<void>;
}

const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 30_000;
/** A conflict means that a newer object is on its way: no reason to wait longer each time. */
const CONFLICT_RETRY_MS = 100;

/** Starts a reconciler; `onError` hears of failed runs other than lost races. */
export function reconciler(reconcile: Reconcile, onError: (error: unknown) => void): Reconciler {
  const running = new Map<string, Promise<void>>();
  const again = new Set<string>();
  const failures = new Map<string, number>();
  const timers = new Map<string, ReturnType<typeof setTimeout>>();
  let stopped = false;

  function enqueueLater(key: string, ms: number): void {
    if (stopped) return;
    clearTimeout(timers.get(key));
    timers.set(key, setTimeout(() => enqueue(key), ms));
  }

  function failed(key: string, error: unknown): void {
    if (stopped) return;
    if (isConflict(error)) return enqueueLater(key, CONFLICT_RETRY_MS);
    if (isEndingNamespace(error)) return; // nothing more is to be made there
    const count = failures.get(key) ?? 0;
    failures.set(key, count + 1);
    onError(error);
    enqueueLater(key, Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** count));
  }

  async function run(key: string): Promise<void> {
    try {
      const result = await reconcile(key);
      failures.delete(key);
      if (result) enqueueLater(key, result.againInMs);
    } catch (error) {
      failed(key, error);
    }
    running.delete(key);
    if (again.delete(key)) enqueue(key);
  }

  function enqueue(key: string): void {
    if (stopped) return;
    clearTimeout(timers.get(key));
    timers.delete(key);
    if (running.has(key)) again.add(key);
    // A microtask merges the events of one batch into one run.
    else running.set(key, Promise.resolve().then(() => run(key)));
  }

  return {
    enqueue,
    async stop() {
      stopped = true;
      for (const timer of timers.values()) clearTimeout(timer);
      await Promise.all(running.values());
    },
  };
}

function isEndingNamespace(error: unknown): boolean {
  return error instanceof ApiError && error.status === 403 &&
    error.message.includes("because it is being terminated");
}
