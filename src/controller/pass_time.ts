/**
 * How long a pass may take. A pass that is over its time begins no further step and gives up the one
 * under way, so that its worker is free again; the next pass goes on from what it sees.
 */

import type { Cancellation } from "../cluster/apply/apply_plan.ts";
import type { QueueClock } from "./queue.ts";

export interface PassTimeOptions {
  readonly clock: Pick<QueueClock, "now" | "setTimer" | "clearTimer">;
  readonly limitMs: number;
  /** Of the process: begin nothing more, and give up what is under way. */
  readonly stopping: AbortSignal;
  readonly aborting: AbortSignal;
}

export interface PassTime {
  readonly cancellation: Cancellation;
  /** The pass has ended. */
  end(): void;
}

/** Starts the clock of one pass. */
export function startPassTime(options: PassTimeOptions): PassTime {
  const { clock, limitMs, stopping, aborting } = options;
  const over = new AbortController();
  let leftMs = limitMs;
  let running: { readonly timer: number; readonly sinceMs: number } | undefined;
  const resume = () => {
    const timer = clock.setTimer(() => {
      over.abort(new Error(`the pass took longer than ${limitMs / 1000} s and was given up`));
    }, leftMs);
    running = { timer, sinceMs: clock.now() };
  };
  const pause = () => {
    if (running === undefined) return;
    clock.clearTimer(running.timer);
    leftMs = Math.max(0, leftMs - (clock.now() - running.sinceMs));
    running = undefined;
  };
  resume();
  return {
    end: pause,
    cancellation: {
      stop: AbortSignal.any([stopping, over.signal]),
      abort: AbortSignal.any([aborting, over.signal]),
      process: aborting,
      async untimed(work) {
        pause();
        try {
          return await work();
        } finally {
          resume();
        }
      },
    },
  };
}
