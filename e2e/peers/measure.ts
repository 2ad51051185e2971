/** What a piece of work costs everybody else: memory, and time in which the event loop stood still. */

export interface Cost {
  readonly tookMs: number;
  /** Of the event loop, in milliseconds: 99 of 100 turns were later by no more. */
  readonly p99Ms: number;
  readonly worstMs: number;
  /** Growth of the process at its highest, in MB. */
  readonly grewMb: number;
}

const TICK_MS = 2;
/** The shortest time that is watched: of fewer turns, one in a hundred says nothing. */
const WATCHED_MS = 1000;

/** Does the work and measures meanwhile. */
export async function measured(work: () => Promise<unknown>): Promise<Cost> {
  const delays: number[] = [];
  const before = rssMb();
  let peak = before;
  let last = performance.now();
  const ticks = setInterval(() => {
    const now = performance.now();
    delays.push(Math.max(0, now - last - TICK_MS));
    last = now;
    peak = Math.max(peak, rssMb());
  }, TICK_MS);
  const startMs = performance.now();
  let tookMs: number;
  try {
    await work();
  } finally {
    tookMs = performance.now() - startMs;
    // What was begun and not waited for counts too.
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, WATCHED_MS - tookMs)));
    clearInterval(ticks);
  }
  delays.sort((a, b) => a - b);
  return {
    tookMs: Math.round(tookMs),
    p99Ms: Math.round(delays[Math.floor(delays.length * 0.99)] ?? 0),
    worstMs: Math.round(delays.at(-1) ?? 0),
    grewMb: Math.round(peak - before),
  };
}

function rssMb(): number {
  return Deno.memoryUsage().rss / 1e6;
}
