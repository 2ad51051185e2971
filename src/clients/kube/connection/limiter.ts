/**
 * Bounds what one client sends: so many requests at once, and on request so many a second.
 * Layer: client of the API server.
 */

/** Gives permission to send. */
export interface Limiter {
  /** Waits for a free place; the returned function gives it back. Rejects when aborted. */
  acquire(signal: AbortSignal): Promise<() => void>;
}

export interface LimiterOptions {
  /** Requests under way at once. */
  readonly concurrency: number;
  /** Requests a second (`-kubeqps`); without it there is no such limit. */
  readonly qps?: number;
  /** Requests that may go at once after a quiet time (`-kubeburst`). */
  readonly burst?: number;
}

/** Makes a limiter; waiters are served in the order of their arrival. */
export function createLimiter(options: LimiterOptions): Limiter {
  const places = createPlaces(options.concurrency);
  const bucket = options.qps === undefined
    ? undefined
    : createBucket(options.qps, options.burst ?? Math.max(1, Math.ceil(options.qps)));
  return {
    async acquire(signal) {
      const release = await places(signal);
      try {
        if (bucket !== undefined) await bucket(signal);
      } catch (error) {
        release();
        throw error;
      }
      return release;
    },
  };
}

function createPlaces(count: number): (signal: AbortSignal) => Promise<() => void> {
  let free = count;
  const waiting = new Set<() => void>();
  const release = () => {
    const [next] = waiting;
    if (next === undefined) {
      free++;
      return;
    }
    waiting.delete(next);
    next();
  };
  return async (signal) => {
    signal.throwIfAborted();
    if (free > 0) {
      free--;
    } else {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const onAbort = () => {
        // A place that was handed over already is given back by the caller.
        if (waiting.delete(resolve)) reject(signal.reason);
      };
      signal.addEventListener("abort", onAbort, { once: true });
      waiting.add(resolve);
      await promise.finally(() => signal.removeEventListener("abort", onAbort));
    }
    let held = true;
    return () => {
      if (held) release();
      held = false;
    };
  };
}

/** Each caller takes the next free moment; `burst` moments may lie in the past. */
function createBucket(qps: number, burst: number): (signal: AbortSignal) => Promise<void> {
  const everyMs = 1000 / qps;
  let nextMs = -Infinity;
  return async (signal) => {
    const nowMs = performance.now();
    nextMs = Math.max(nextMs + everyMs, nowMs - (burst - 1) * everyMs);
    if (nextMs > nowMs) await sleep(nextMs - nowMs, signal);
  };
}

/** Waits; rejects with the signal's reason when aborted. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.reject(signal.reason);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onAbort = () => {
    clearTimeout(timer);
    reject(signal.reason);
  };
  const timer = setTimeout(() => {
    signal.removeEventListener("abort", onAbort);
    resolve();
  }, ms);
  signal.addEventListener("abort", onAbort, { once: true });
  return promise;
}
