/**
 * Keeps the passes that did something, packed, within a bound of bytes and a number for each cluster.
 * Writing one down costs some milliseconds: it is done between passes, a few a second, and where many
 * come at once those are left out first that disturb nothing. The oldest go first.
 */

import type { Effect, Plan } from "../cluster/plan/steps/action.ts";
import { type PlannedPass, recordingOf, snapshot } from "./recording.ts";

/** Bytes of all that is kept, packed. */
export const MOST_BYTES = 3 * 1024 * 1024;
export const MOST_OF_A_CLUSTER = 10;
/** Passes that wait to be written down. */
export const MOST_WAITING = 16;
const PAUSE_MS = 200;

export interface RingPass extends PlannedPass {
  readonly key: string;
  readonly cause: string;
  readonly at: Date;
}

/** A pass that is kept. */
export interface KeptPass {
  readonly key: string;
  readonly id: number;
  /** As ISO 8601. */
  readonly at: string;
  readonly cause: string;
  readonly generation: number;
  /** What the worst of its steps does to running pods. */
  readonly effect: Effect;
  readonly steps: number;
  /** Of the operator. */
  readonly version: string;
  /** A `Recording` as JSON, packed by gzip. */
  readonly packed: Uint8Array<ArrayBuffer>;
}

export interface RingOptions {
  readonly version: string;
  /** Random; see `seal.ts`. */
  readonly key: Uint8Array;
  readonly pause: (ms: number) => Promise<void>;
  /** Told of a pass that could not be written down. */
  readonly failed: (error: unknown) => void;
  readonly mostBytes?: number;
}

export interface PassRing {
  record(pass: RingPass): void;
  /** What is kept of a cluster, oldest first. */
  of(key: string): readonly KeptPass[];
  forget(key: string): void;
  /** Settles once nothing waits any more. */
  idle(): Promise<void>;
}

const EFFECTS: readonly Effect[] = ["none", "reload", "restart", "destructive"];

/** What the worst step of a plan does. */
export function worstOf({ steps }: Plan): Effect {
  return steps.reduce<Effect>(
    (worst, { effect }) => EFFECTS.indexOf(effect) > EFFECTS.indexOf(worst) ? effect : worst,
    "none",
  );
}

/** Makes a ring with nothing in it. */
export function createPassRing(options: RingOptions): PassRing {
  const { mostBytes = MOST_BYTES } = options;
  const waiting: RingPass[] = [];
  let kept: KeptPass[] = [];
  let writing: Promise<void> | undefined;
  let ids = 0;

  function keep(pass: KeptPass): void {
    kept.push(pass);
    const own = kept.filter(({ key }) => key === pass.key);
    if (own.length > MOST_OF_A_CLUSTER) kept = kept.filter((one) => one !== own[0]);
    let bytes = kept.reduce((sum, { packed }) => sum + packed.length, 0);
    while (bytes > mostBytes) bytes -= kept.shift()?.packed.length ?? 0;
  }

  async function write(): Promise<void> {
    for (let pass = waiting.shift(); pass !== undefined; pass = waiting.shift()) {
      await options.pause(PAUSE_MS);
      try {
        keep(await keptPass(pass, ++ids, options));
      } catch (error) {
        options.failed(error);
      }
    }
    writing = undefined;
  }

  return {
    record(pass) {
      if (waiting.length >= MOST_WAITING) {
        const harmless = waiting.findIndex(({ plan }) => worstOf(plan) === "none");
        waiting.splice(Math.max(0, harmless), 1);
      }
      waiting.push({ ...pass, ...snapshot(pass) });
      writing ??= write();
    },
    of: (key) => kept.filter((pass) => pass.key === key),
    forget(key) {
      kept = kept.filter((pass) => pass.key !== key);
    },
    idle: async () => await writing,
  };
}

async function keptPass(
  pass: RingPass,
  id: number,
  { key: secret, version }: RingOptions,
): Promise<KeptPass> {
  const { key, cause, at, plan } = pass;
  const packed = await gzip(JSON.stringify(recordingOf(pass, secret)));
  return {
    ...{ key, id, cause, version, packed },
    at: at.toISOString(),
    generation: plan.generation,
    effect: worstOf(plan),
    steps: plan.steps.length,
  };
}

async function gzip(text: string): Promise<Uint8Array<ArrayBuffer>> {
  const packed = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return await new Response(packed).bytes();
}
