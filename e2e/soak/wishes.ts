/** What was asked of a cluster, and whether that explains that a pod had to go (pure). */

/** A state that was asked for, until the next wish. */
export interface Wish {
  readonly fromMs: number;
  readonly image: string;
  readonly instances: number;
}

/** A pod that was deleted. */
export interface EndedPod {
  readonly image: string;
  readonly ordinal: number;
  readonly createdMs: number;
  readonly endedMs: number;
}

/** An operator finishes what it has begun: for so long it may act on a wish that was replaced. */
const LAG_MS = 10_000;

/** Whether a wish that stood while the pod lived, or just before, asked for another image or fewer pods. */
export function isExplained(wishes: readonly Wish[], pod: EndedPod): boolean {
  return wishes.some((wish, index) => {
    const untilMs = wishes[index + 1]?.fromMs ?? Infinity;
    const stood = untilMs > pod.createdMs - LAG_MS && wish.fromMs < pod.endedMs;
    return stood && (wish.image !== pod.image || wish.instances <= pod.ordinal);
  });
}
