/** Resolves after so many milliseconds, and keeps no program from ending. */
export function delay(ms: number): Promise<void> {
  return new Promise((resolve) => Deno.unrefTimer(Number(setTimeout(resolve, ms))));
}
