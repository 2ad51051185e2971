/**
 * Whether a process would hear a signal (dev cluster, kubelet layer).
 *
 * The kernel drops a signal for process 1 of a pid namespace unless it has a handler. A program that
 * has just been started has none yet, so a TERM that comes too early would be lost.
 */

const NUMBER = { SIGTERM: 15 } as const;
const LOOK_EVERY_MS = 50;

/** Waits until the process has a handler for the signal, or `over` says that it has ended. */
export async function untilHeard(
  pid: number,
  signal: keyof typeof NUMBER,
  over: () => boolean,
): Promise<void> {
  while (!over()) {
    const status = await Deno.readTextFile(`/proc/${pid}/status`).catch(() => undefined);
    if (status === undefined || hears(status, NUMBER[signal])) return;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

/** Reads from /proc/PID/status whether a signal is caught, or held back to be caught later. */
export function hears(status: string, number: number): boolean {
  return ["SigCgt", "SigBlk"].some((name) => {
    const mask = new RegExp(`^${name}:\\s*([0-9a-f]+)$`, "m").exec(status)?.[1] ?? "0";
    return (BigInt(`0x${mask}`) >> BigInt(number - 1) & 1n) === 1n;
  });
}
