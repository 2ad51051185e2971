/**
 * One of several operators works, the others stand by: they keep their caches filled and take over
 * when the leader ends or is lost. Rules and names are those of client-go's leader election.
 *
 * A leader that cannot renew its lease stops before another one may start: others wait for the whole
 * duration of the lease, the leader writes no longer than until its renewal deadline.
 */

import type { Logger } from "../log/logger.ts";

/** The lease that leaders hold. */
export interface LeaseClient {
  /** Takes the lease if it is free or ours. Rejects when it cannot be told. */
  acquireOrRenew(
    signal: AbortSignal,
  ): Promise<{ readonly held: true } | { readonly held: false; readonly holder: string }>;
  /** Gives it up, so that the next one need not wait. */
  release(signal: AbortSignal): Promise<void>;
}

/** Time that never jumps, in milliseconds, and waiting that ends early when aborted. */
export interface LeadershipClock {
  nowMs(): number;
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export interface LeadershipOptions {
  readonly lease: LeaseClient;
  readonly clock: LeadershipClock;
  readonly logger: Logger;
  /** How long the leader may go on after its last renewal; shorter than the lease lasts. */
  readonly renewDeadlineMs: number;
  /** Pause between two attempts. */
  readonly retryMs: number;
}

export interface Leadership {
  /** Resolves once this process leads; rejects when aborted. */
  acquire(signal: AbortSignal): Promise<void>;
  /** Resolves with the reason when this process leads no longer, unless it gave up by `release`. */
  readonly lost: Promise<string>;
  isLeader(): boolean;
  /**
   * Milliseconds that are left for a write.
   * @throws when this process is not the leader
   */
  remainingMs(): number;
  /** Ends the renewals and gives the lease up. */
  release(): Promise<void>;
}

const RELEASE_MS = 2000;

/** Makes the leadership of one process; it asks for nothing before `acquire`. */
export function createLeadership(options: LeadershipOptions): Leadership {
  const { lease, clock, logger, renewDeadlineMs, retryMs } = options;
  const renewals = new AbortController();
  const { promise: lost, resolve: lose } = Promise.withResolvers<string>();
  let deadlineMs = -Infinity;
  let renewing = Promise.resolve();
  const isLeader = () => clock.nowMs() < deadlineMs;

  /** One attempt; the deadline counts from before the request, which others may see later. */
  async function attempt(signal: AbortSignal): Promise<string | undefined> {
    const startedMs = clock.nowMs();
    const limit = AbortSignal.timeout(renewDeadlineMs);
    const state = await lease.acquireOrRenew(AbortSignal.any([signal, limit]));
    if (!state.held) return state.holder;
    deadlineMs = startedMs + renewDeadlineMs;
    return undefined;
  }

  async function renew(): Promise<void> {
    const { signal } = renewals;
    while (!signal.aborted) {
      await clock.sleep(retryMs, signal).catch(() => {});
      if (signal.aborted) return;
      const holder = await attempt(signal).catch((error: unknown) => {
        if (!signal.aborted) logger.warn(`cannot renew the lease: ${textOf(error)}`);
        return undefined;
      });
      if (holder !== undefined) return end(`${holder === "" ? "another one" : holder} leads`);
      if (!isLeader() && !signal.aborted) return end("the lease could not be renewed in time");
    }
  }

  function end(reason: string): void {
    deadlineMs = -Infinity;
    lose(reason);
  }

  return {
    async acquire(signal) {
      let told: string | undefined;
      for (;;) {
        const holder = await attempt(signal).catch((error: unknown) => {
          signal.throwIfAborted();
          logger.warn(`cannot ask for the lease: ${textOf(error)}`);
          return told ?? "";
        });
        if (holder === undefined) break;
        if (holder !== told && holder !== "") logger.info(`standing by: ${holder} leads`);
        told = holder;
        await clock.sleep(retryMs, signal);
      }
      logger.info("leading");
      renewing = renew();
    },
    lost,
    isLeader,
    remainingMs() {
      const left = deadlineMs - clock.nowMs();
      if (left > 0) return left;
      throw new Error("this operator is not the leader: nothing is written");
    },
    async release() {
      const held = isLeader();
      renewals.abort(new Error("the lease is given up"));
      await renewing;
      deadlineMs = -Infinity;
      if (!held) return;
      await lease.release(AbortSignal.timeout(RELEASE_MS)).catch((error: unknown) => {
        logger.warn(`cannot give the lease up: ${textOf(error)}`);
      });
    },
  };
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
