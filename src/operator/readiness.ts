/** When an operator is ready: its caches are filled, and it hears of what happens to clusters. */

import type { Caches } from "../clients/kube/caches/cache.ts";

/** Without news of clusters for so long the operator is not ready: it would not see a new one. */
const LOST_MS = 60_000;

export interface Filling {
  /** Resolves once this process leads; undefined where the operator is the only one. */
  readonly lead: (() => Promise<void>) | undefined;
  /** Registers the definitions, without which some caches stay empty. */
  readonly register: () => Promise<void>;
  readonly signal: AbortSignal;
}

export interface Readiness {
  ready(): boolean;
  /**
   * Fills the caches; resolves when they are filled, and this process leads. Who stands by fills its
   * caches meanwhile, and registers nothing.
   */
  fill(filling: Filling): Promise<void>;
}

/** Makes the readiness of one operator; it is not ready before its caches are filled. */
export function createReadiness(caches: Pick<Caches, "start" | "clustersLostMs">): Readiness {
  let filled = false;
  return {
    ready: () => filled && caches.clustersLostMs() < LOST_MS,
    async fill({ lead, register, signal }) {
      if (lead === undefined) await register();
      const filling = caches.start(signal).then(() => void (filled = true));
      // Whatever fails first is told below; this one must not count as unheard meanwhile.
      filling.catch(() => {});
      if (lead !== undefined) await lead().then(register);
      await filling;
    },
  };
}
