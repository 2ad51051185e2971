/**
 * Follows a selection of objects: a paged list first, then its changes, for as long as it is wanted.
 * Layer: client of the API server.
 *
 *   Empty ──► InitPage ──► InitListed ──► Watching
 *     ▲          │ 410          │ 410        │ 410: list again
 *     └──────────┴──────────────┴────────────┘ else: back to InitListed, resume where it was
 *
 * The steps and their recoveries are those of kube-rs' watcher; every failure is told to the
 * consumer, which may stop (a forbidden kind), and followed by a growing pause.
 */

import type { ChangeEvent } from "../client.ts";
import { isExpired, KubeError } from "../errors.ts";
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
  /** The server gave us something: the next failure starts with a short pause again. */
  readonly progress: boolean;
}

const FIRST_PAUSE_MS = 800;
const LONGEST_PAUSE_MS = 30_000;
/** A watch that the server ends sooner than this is not resumed at once. */
const SHORT_WATCH_MS = 5_000;

/** Yields events until the signal is aborted (then it returns) or the consumer stops. */
export async function* follow(
  source: FollowSource,
  { signal, random = Math.random }: FollowOptions,
): AsyncGenerator<FollowEvent> {
  let state: State = { step: "Empty" };
  let failures = 0;
  try {
    while (!signal.aborted) {
      try {
        const step: Step = await advance(state, source);
        state = step.state;
        if (step.progress) failures = 0;
        yield* step.events;
        continue;
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof KubeError)) throw error;
        yield { type: "Failed", during: phaseOf(state), error };
        state = recover(state, error);
      }
      await sleep(pauseMs(failures++, random()), signal).catch(() => {});
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
  return { state, events, progress: false };
}

function afterPage(page: KubeList<KubeObject>): Step {
  const applies = page.items.map((object) => ({ type: "InitApply" as const, object }));
  if (page.metadata.continue) {
    const state = { step: "InitPage" as const, next: page.metadata.continue };
    return { state, events: applies, progress: true };
  }
  const resourceVersion = page.metadata.resourceVersion ?? "";
  return {
    state: { step: "InitListed", resourceVersion },
    events: [...applies, { type: "InitDone", resourceVersion }],
    progress: true,
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
  if (type === "BOOKMARK") return { state: watching, events: [], progress: true };
  const event: FollowEvent = { type: type === "DELETED" ? "Delete" : "Apply", object };
  return { state: watching, events: [event], progress: true };
}

/** Where to go on after a failure. A stream that has failed needs no closing. */
function recover(state: State, error: KubeError): State {
  if (state.step === "Empty" || state.step === "InitPage" || isExpired(error)) {
    return { step: "Empty" };
  }
  return { step: "InitListed", resourceVersion: state.resourceVersion };
}

function phaseOf(state: State): "list" | "watch" {
  return state.step === "Empty" || state.step === "InitPage" ? "list" : "watch";
}

/** Doubles up to half a minute; between half and all of it, so that not all come back at once. */
function pauseMs(failures: number, random: number): number {
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures) * (0.5 + random / 2);
}
