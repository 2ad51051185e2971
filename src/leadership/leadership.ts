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
  /** Pause between two renewals. Who stands by asks twice as often. */
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
  const { lease, clock, logger, retryMs } = options;
  const term = createTerm(options);
  const renewals = new AbortController();
  let renewing = Promise.resolve();

  async function renew(): Promise<void> {
    const { signal } = renewals;
    while (!signal.aborted) {
      await clock.sleep(retryMs, signal).catch(() => {});
      if (signal.aborted) return;
      const holder = await term.extend(signal).catch((error: unknown) => {
        if (!signal.aborted) logger.warn(`cannot renew the lease: ${textOf(error)}`);
        return undefined;
      });
      if (holder !== undefined) return term.lose(`${holder === "" ? "another one" : holder} leads`);
      if (term.leftMs() <= 0 && !signal.aborted) {
        return term.lose("the lease could not be renewed in time");
      }
    }
  }

  return {
    async acquire(signal) {
      await standBy(options, term, signal);
      logger.info("leading");
      renewing = renew();
    },
    lost: term.lost,
    isLeader: () => term.leftMs() > 0,
    remainingMs() {
      const left = term.leftMs();
      if (left > 0) return left;
      throw new Error("this operator is not the leader: nothing is written");
    },
    async release() {
      const held = term.leftMs() > 0;
      renewals.abort(new Error("the lease is given up"));
      await renewing;
      term.end();
      if (!held) return;
      await lease.release(AbortSignal.timeout(RELEASE_MS)).catch((error: unknown) => {
        logger.warn(`cannot give the lease up: ${textOf(error)}`);
      });
    },
  };
}

/** How long this process leads, as far as it is known. */
interface Term {
  /** Milliseconds until this process leads no longer; none or fewer where it does not lead. */
  leftMs(): number;
  /** Asks for the lease once; the holder where that is another process. Rejects as the lease does. */
  extend(signal: AbortSignal): Promise<string | undefined>;
  end(): void;
  lose(reason: string): void;
  readonly lost: Promise<string>;
}

function createTerm({ lease, clock, renewDeadlineMs }: LeadershipOptions): Term {
  const { promise: lost, resolve } = Promise.withResolvers<string>();
  let deadlineMs = -Infinity;
  const end = () => void (deadlineMs = -Infinity);
  return {
    lost,
    end,
    leftMs: () => deadlineMs - clock.nowMs(),
    async extend(signal) {
      // The deadline counts from before the request, which others may see later.
      const startedMs = clock.nowMs();
      const limit = AbortSignal.timeout(renewDeadlineMs);
      const state = await lease.acquireOrRenew(AbortSignal.any([signal, limit]));
      if (!state.held) return state.holder;
      deadlineMs = startedMs + renewDeadlineMs;
      return undefined;
    },
    lose(reason) {
      end();
      resolve(reason);
    },
  };
}

/** Asks for the lease until this process has it; says once who leads meanwhile. */
async function standBy(
  { clock, logger, retryMs }: LeadershipOptions,
  term: Term,
  signal: AbortSignal,
): Promise<void> {
  let told: string | undefined;
  for (;;) {
    const holder = await term.extend(signal).catch((error: unknown) => {
      signal.throwIfAborted();
      logger.warn(`cannot ask for the lease: ${textOf(error)}`);
      return told ?? "";
    });
    if (holder === undefined) return;
    if (holder !== told && holder !== "") logger.info(`standing by: ${holder} leads`);
    told = holder;
    await clock.sleep(retryMs / 2, signal);
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
