/**
 * Follows a selection of objects: a paged list first, then its changes, for as long as it is wanted.
 * Layer: client of the API server.
 *
 *   Empty ──► InitPage ──► InitListed ──► Watching
 *     ▲          │ 410          │ 410        │ 410: list again
 *     └──────────┴──────────────┴────────────┘ else: back to InitListed, resume where it was
 *
 * The steps and their recoveries are those of kube-rs' watcher; every failure is told to the
 * consumer and followed by a growing pause. None ends it: what is refused today may be allowed
 * tomorrow, so a refusal is asked about again as well, only less often.
 */

import type { ChangeEvent } from "../client.ts";
import { isExpired, isForbidden, isNotFound, KubeError } from "../errors.ts";
import { CredentialsError } from "../connection/credentials_error.ts";
import { sleep } from "../connection/limiter.ts";
import type { KubeList, KubeObject } from "../../../kubernetes/types.gen.ts";

/** What the consumer sees. Between Init and InitDone all objects come, as InitApply. */
export type FollowEvent =
  | { readonly type: "Init" }
  | { readonly type: "InitApply"; readonly object: KubeObject }
  | { readonly type: "InitDone"; readonly resourceVersion: string }
  | { readonly type: "Apply"; readonly object: KubeObject }
  | { readonly type: "Delete"; readonly object: KubeObject }
  | { readonly type: "Failed"; readonly during: "list" | "watch"; readonly error: KubeError };

/** The two requests that following needs, for one selection. */
export interface FollowSource {
  listPage(next: string | undefined): Promise<KubeList<KubeObject>>;
  watch(resourceVersion: string): AsyncGenerator<ChangeEvent>;
}

export interface FollowOptions {
  readonly signal: AbortSignal;
  /** From 0 to 1; spreads the pauses of many watches. */
  readonly random?: () => number;
}

type State =
  | { readonly step: "Empty" }
  | { readonly step: "InitPage"; readonly next: string | undefined }
  | { readonly step: "InitListed"; readonly resourceVersion: string }
  | {
    readonly step: "Watching";
    readonly resourceVersion: string;
    readonly stream: AsyncGenerator<ChangeEvent>;
    readonly sinceMs: number;
  };

interface Step {
  readonly state: State;
  readonly events: readonly FollowEvent[];
  /** What gave us something: its next failure starts with a short pause again. */
  readonly progress?: "list" | "watch";
}

const FIRST_PAUSE_MS = 800;
const LONGEST_PAUSE_MS = 30_000;
/** A watch that the server ends sooner than this is not resumed at once. */
const SHORT_WATCH_MS = 5_000;

/** A role or a definition may come at any time; each question costs a list. */
const LONGEST_REFUSED_PAUSE_MS = 5 * 60_000;

/** Yields events until the signal is aborted (then it returns) or the consumer stops. */
export async function* follow(
  source: FollowSource,
  { signal, random = Math.random }: FollowOptions,
): AsyncGenerator<FollowEvent> {
  let state: State = { step: "Empty" };
  // Counted apart: a list that works and a watch that fails must not follow each other quickly.
  const failures = { list: 0, watch: 0 };
  try {
    while (!signal.aborted) {
      let pauseMs = 0;
      try {
        const step: Step = await advance(state, source);
        state = step.state;
        if (step.progress !== undefined) failures[step.progress] = 0;
        yield* step.events;
        continue;
      } catch (error) {
        if (signal.aborted) return;
        const failure = failureOf(error);
        const during = phaseOf(state);
        yield { type: "Failed", during, error: failure };
        if (livedLong(state)) failures.watch = 0;
        state = recover(state, failure);
        pauseMs = pauseAfter(failure, failures[during]++, random());
      }
      await sleep(pauseMs, signal).catch(() => {});
    }
  } finally {
    if (state.step === "Watching") await state.stream.return(undefined);
  }
}

async function advance(state: State, source: FollowSource): Promise<Step> {
  switch (state.step) {
    case "Empty":
      return moved({ step: "InitPage", next: undefined }, [{ type: "Init" }]);
    case "InitPage":
      return afterPage(await source.listPage(state.next));
    case "InitListed": {
      const { resourceVersion } = state;
      const stream = source.watch(resourceVersion);
      return moved({ step: "Watching", resourceVersion, stream, sinceMs: performance.now() }, []);
    }
    case "Watching":
      return afterWatchEvent(state, await state.stream.next());
  }
}

function moved(state: State, events: readonly FollowEvent[]): Step {
  return { state, events };
}

function afterPage(page: KubeList<KubeObject>): Step {
  const applies = page.items.map((object) => ({ type: "InitApply" as const, object }));
  if (page.metadata.continue) {
    const state = { step: "InitPage" as const, next: page.metadata.continue };
    return { state, events: applies, progress: "list" };
  }
  const resourceVersion = page.metadata.resourceVersion ?? "";
  return {
    state: { step: "InitListed", resourceVersion },
    events: [...applies, { type: "InitDone", resourceVersion }],
    progress: "list",
  };
}

function afterWatchEvent(
  state: State & { step: "Watching" },
  next: IteratorResult<ChangeEvent>,
): Step {
  const listed = { step: "InitListed" as const, resourceVersion: state.resourceVersion };
  if (next.done) {
    if (performance.now() - state.sinceMs < SHORT_WATCH_MS) {
      throw new KubeError("the API server ended a watch at once", {
        status: 0,
        reason: "Disconnected",
      });
    }
    return moved(listed, []);
  }
  const { type, object } = next.value;
  const watching = { ...state, resourceVersion: object.metadata.resourceVersion ?? "" };
  if (type === "BOOKMARK") return { state: watching, events: [], progress: "watch" };
  const event: FollowEvent = { type: type === "DELETED" ? "Delete" : "Apply", object };
  return { state: watching, events: [event], progress: "watch" };
}

/** Where to go on after a failure. A stream that has failed needs no closing. */
function recover(state: State, error: KubeError): State {
  // What happens while a watch is refused is not told afterwards: a list tells where things stand.
  const gap = isExpired(error) || isForbidden(error) || isNotFound(error);
  if (state.step === "Empty" || state.step === "InitPage" || gap) {
    return { step: "Empty" };
  }
  return { step: "InitListed", resourceVersion: state.resourceVersion };
}

function phaseOf(state: State): "list" | "watch" {
  return state.step === "Empty" || state.step === "InitPage" ? "list" : "watch";
}

/** Credentials that cannot be read now may be there later. @throws what is no failed request */
function failureOf(error: unknown): KubeError {
  if (error instanceof KubeError) return error;
  if (!(error instanceof CredentialsError)) throw error;
  return new KubeError(error.message, { status: 0, reason: "Credentials", cause: error });
}

function livedLong(state: State): boolean {
  return state.step === "Watching" && performance.now() - state.sinceMs >= SHORT_WATCH_MS;
}

/** Doubles up to a bound; between half and all of it, so that not all come back at once. */
function pauseAfter(error: KubeError, failures: number, random: number): number {
  const refused = isForbidden(error) || isNotFound(error);
  const longestMs = refused ? LONGEST_REFUSED_PAUSE_MS : LONGEST_PAUSE_MS;
  return Math.min(longestMs, FIRST_PAUSE_MS * 2 ** failures) * (0.5 + random / 2);
}
