/** Figures of a long run: how memory grows, and how long answers take (pure). */

/** One look at a process. */
export interface Sample {
  readonly atMs: number;
  readonly value: number;
}

/** The slope of a straight line through the samples, a minute; 0 for fewer than two. */
export function slopePerMinute(samples: readonly Sample[]): number {
  if (samples.length < 2) return 0;
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const [at, value] = [mean(samples.map((it) => it.atMs)), mean(samples.map((it) => it.value))];
  const spread = samples.reduce((sum, it) => sum + (it.atMs - at) ** 2, 0);
  if (spread === 0) return 0;
  const together = samples.reduce((sum, it) => sum + (it.atMs - at) * (it.value - value), 0);
  return together / spread * 60_000;
}

/** The value that so many of a hundred do not exceed; 0 for none. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * percent / 100))] ?? 0;
}

/** Resident memory in MiB of a process, from the text of /proc/PID/status; 0 where it has ended. */
export function residentMb(status: string): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1024;
}
