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

/** Whether a wish that stood while the pod lived asked for another image, or for fewer pods. */
export function isExplained(wishes: readonly Wish[], pod: EndedPod): boolean {
  return wishes.some((wish, index) => {
    const untilMs = wishes[index + 1]?.fromMs ?? Infinity;
    const stood = untilMs > pod.createdMs && wish.fromMs < pod.endedMs;
    return stood && (wish.image !== pod.image || wish.instances <= pod.ordinal);
  });
}
