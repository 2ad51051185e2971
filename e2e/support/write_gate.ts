/**
 * Numbers the operator's writes, whichever way they go, and kills it at one of them: before the
 * write is passed on, or after it was done and before its answer arrives. Every way out asks one
 * gate, so that a number means a moment of the whole operator.
 */

/** One write on its way. */
export interface Write {
  readonly channel: "api" | "sql" | "patroni" | "exec" | "cloud";
  /** HTTP method, first word of a statement, call of Patroni or of the cloud. */
  readonly verb: string;
  /** Path of the object, name of the database, pod or volume. */
  readonly target: string;
  readonly body: string;
}

/** A write that was seen. */
export interface SeenWrite extends Write {
  readonly number: number;
  /** Which of the operators, one after the other, sent it; the first is 1. */
  readonly life: number;
  /** Whether it was done; undefined when that is not known. */
  done: boolean | undefined;
  /** HTTP status, or SQLSTATE. */
  result: string;
}

/** The moment of a kill: `before` the write is passed on, or `after` it was done. */
export interface KillPoint {
  readonly number: number;
  readonly when: "before" | "after";
}

export type Passage = "pass" | "drop";

/** Asked by proxies for each write in its turn. */
export interface WriteGate {
  /** A write arrives; with `drop` it must not be passed on. */
  arrived(write: Write): { readonly seen: SeenWrite; readonly passage: Passage };
  /** A write was answered; with `drop` the answer must not be passed on. */
  answered(seen: SeenWrite, result: { readonly done: boolean; readonly result: string }): Passage;
  /** True once the operator was killed and until another one lives: nothing may pass. */
  closed(): boolean;
  /** Another operator lives. */
  reopen(): void;
  readonly writes: readonly SeenWrite[];
  /** Resolves when the point was reached; never without one. */
  readonly killed: Promise<void>;
}

/** Makes a gate for one run over a scenario. `kill` must not return before the signal was sent. */
export function createWriteGate(point: KillPoint | undefined, kill: () => void): WriteGate {
  const writes: SeenWrite[] = [];
  const killed = Promise.withResolvers<void>();
  let closed = false;
  let life = 1;
  function strike(): Passage {
    closed = true;
    kill();
    killed.resolve();
    return "drop";
  }
  const isNow = (number: number, when: KillPoint["when"]) =>
    life === 1 && point?.number === number && point.when === when;
  return {
    arrived(write) {
      const number = writes.length + 1;
      const seen: SeenWrite = { ...write, number, life, done: undefined, result: "" };
      if (closed) return { seen, passage: "drop" };
      if (isNow(number, "before")) return { seen, passage: strike() };
      writes.push(seen);
      return { seen, passage: "pass" };
    },
    answered(seen, { done, result }) {
      seen.done = done;
      seen.result = result;
      if (closed) return "drop";
      return isNow(seen.number, "after") ? strike() : "pass";
    },
    closed: () => closed,
    reopen() {
      closed = false;
      life++;
    },
    writes,
    killed: killed.promise,
  };
}
