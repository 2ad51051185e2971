/**
 * The ledger of restarts: before a pod is deleted, its server restarted or the primary moved, the
 * status says so and why. It outlives pods, Events and the operator. Pure.
 */

import type { PostgresqlRestart } from "../../api/types.gen.ts";
import type { Pod } from "../../kubernetes/types.gen.ts";
import type { Plan, Step, StepOutcome } from "../plan/steps/action.ts";
import { reasonTexts } from "../plan/steps/reasons.ts";
import { ROLLING_UPDATE_ANNOTATION } from "../observed/pods.ts";
import { timeOf } from "../plan/requests/plan_requests.ts";

/** How many entries are kept. */
export const MOST_ENTRIES = 20;
/** The same entry within this time is the same restart: its operator was killed before it. */
const SAME_MS = 15 * 60_000;
const LONGEST_WHY = 1000;
const WISH_LENGTH = 16;

/** What a ledger is written from. */
export interface LedgerView {
  readonly now: Date;
  readonly pods: readonly Pod[];
  /** The changed input behind a step, in words; empty where none is known. */
  readonly causeOf: (step: Step) => string;
  /** Hash of all that is wanted. */
  readonly wish: string;
}

/**
 * What a step does to a running server; undefined where it does nothing to one. A pod that is marked
 * is as good as recreated: that is where the reasons are known.
 */
function disruptionOf({ action }: Step): { what: string; pod: string } | undefined {
  if (action.kind === "patch" && action.request.target.kind === "Pod") {
    const { metadata } = action.request.body as Partial<Pod>;
    const marks = metadata?.annotations?.[ROLLING_UPDATE_ANNOTATION] === "true";
    return marks ? { what: "recreate", pod: action.request.target.name } : undefined;
  }
  if (action.kind === "delete" && action.request.target.kind === "Pod") {
    return { what: "recreate", pod: action.request.target.name };
  }
  if (action.kind !== "patroni" || action.request.call === "patchConfig") return undefined;
  return { what: action.request.call, pod: action.pod.name };
}

/** The ledger before the steps of a plan; the same list where they disturb nothing, or stand in it. */
export function ledgerBefore(
  known: readonly PostgresqlRestart[] | undefined,
  { steps }: Plan,
  view: LedgerView,
): readonly PostgresqlRestart[] | undefined {
  const entries = steps.flatMap((step) => entryOf(step, view));
  const added = entries.filter((entry) => !known?.some((one) => covers(one, entry)));
  if (added.length === 0) return known;
  return [...added, ...known ?? []].slice(0, MOST_ENTRIES);
}

function entryOf(step: Step, { now, pods, wish, causeOf }: LedgerView): PostgresqlRestart[] {
  const found = disruptionOf(step);
  if (found === undefined) return [];
  const uid = pods.find(({ metadata }) => metadata.name === found.pod)?.metadata.uid;
  const cause = causeOf(step);
  return [{
    time: timeOf(now),
    what: found.what,
    pod: found.pod,
    ...(uid === undefined ? {} : { uid }),
    why: reasonTexts(step).join("; ").slice(0, LONGEST_WHY),
    ...(cause === "" ? {} : { cause }),
    wish: wish.slice(0, WISH_LENGTH),
  }];
}

/** The mark on a pod is the reason of everything that is done to it afterwards. */
function covers(one: PostgresqlRestart, entry: PostgresqlRestart): boolean {
  const marked = one.what === "recreate" && one.uid !== undefined && one.uid === entry.uid;
  return marked || isSame(one, entry);
}

function isSame(one: PostgresqlRestart, other: PostgresqlRestart): boolean {
  const apartMs = Date.parse(other.time) - Date.parse(one.time);
  return one.pod === other.pod && one.uid === other.uid && one.what === other.what &&
    one.why === other.why && apartMs < SAME_MS;
}

/** The ledger after the steps: what was not done after all is taken out again. */
export function ledgerAfter(
  known: readonly PostgresqlRestart[] | undefined,
  outcomes: readonly StepOutcome[],
  view: LedgerView,
): readonly PostgresqlRestart[] | undefined {
  const undone = outcomes.filter(({ result }) => result === "skipped")
    .flatMap(({ step }) => entryOf(step, view));
  if (undone.length === 0) return known;
  return known?.filter((one) => !undone.some((entry) => isSame(one, entry)));
}

/** Restarts of the last hour as a ledger has them, for a process that has not seen them. */
export function recentDisruptions(
  known: readonly PostgresqlRestart[] | undefined,
  wish: string,
): { atMs: number; wish: string }[] {
  const mark = wish.slice(0, WISH_LENGTH);
  return (known ?? []).map((one) => ({
    atMs: Date.parse(one.time),
    wish: one.wish === mark ? wish : "",
  })).filter(({ atMs }) => !Number.isNaN(atMs)).reverse();
}
