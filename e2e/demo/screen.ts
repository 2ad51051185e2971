/** What the demo tells a person: each line with the time since the start. */

/** Writes lines, and waits aloud. */
export interface Screen {
  say(text: string): void;
  /** Text without the time in front. */
  plain(text: string): void;
  /**
   * Asks again and again until the answer is "done"; any other answer says what is missing, and
   * is shown when it changes and every few seconds.
   *
   * @throws Error when it takes longer than `limitMs`, and the signal's reason when that is aborted.
   */
  waitFor(ask: () => Promise<"done" | Missing>, options: WaitOptions): Promise<void>;
}

/** What is waited for, in words. */
export interface Missing {
  readonly missing: string;
}

export interface WaitOptions {
  readonly limitMs: number;
  readonly signal: AbortSignal;
}

const PAUSE_MS = 200;
const REPEAT_MS = 5_000;

/** Makes a screen; `write` gets whole lines, `nowMs` is a clock. */
export function createScreen(write: (line: string) => void, nowMs: () => number): Screen {
  const startMs = nowMs();
  const say = (text: string) => {
    const elapsed = ((nowMs() - startMs) / 1000).toFixed(1).padStart(6);
    write(`${elapsed}s  ${text}`);
  };
  return {
    say,
    plain: write,
    async waitFor(ask, { limitMs, signal }) {
      const beganMs = nowMs();
      let shown = "";
      let shownMs = 0;
      for (;;) {
        signal.throwIfAborted();
        const answer = await ask();
        if (answer === "done") return;
        const waitedMs = nowMs() - beganMs;
        if (waitedMs > limitMs) {
          const seconds = Math.round(waitedMs / 1000);
          throw new Error(`cannot go on: after ${seconds} s still waiting for ${answer.missing}`);
        }
        if (answer.missing !== shown || nowMs() - shownMs > REPEAT_MS) {
          say(`waiting for ${answer.missing}`);
          shown = answer.missing;
          shownMs = nowMs();
        }
        await pause(PAUSE_MS, signal);
      }
    },
  };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", abort);
      resolve();
    }, ms);
    signal.addEventListener("abort", abort, { once: true });
  });
}
