/**
 * Restarts PostgreSQL where a changed parameter waits for it, one server a pass. A pod that is about
 * to be recreated or to leave is let be: its server ends anyway.
 *
 * A standby may not have fewer connections, workers, … than its primary runs with. So where such a
 * value goes up the replicas come first, and where it goes down the primary; a replica that restarts
 * too early keeps the old value and waits on. What the servers run with is asked of Patroni and of
 * PostgreSQL, so that the order does not hang on what this process has seen.
 *
 * Zalando: pkg/cluster/sync.go, restartInstances
 */

import type { Pod } from "../../../kubernetes/types.gen.ts";
import type { ObservedPatroni } from "../../observed/cluster.ts";
import { isFlagged, isMember, podRef, primariesOf } from "../../observed/pods.ts";
import { directionOf, followedParameters, type ValueChange } from "../../observed/followed.ts";
import {
  eventStep,
  heldPlan,
  NOTHING,
  type PlanContext,
  step,
  type SubjectPlan,
} from "../steps/context.ts";
import { standstill } from "./standstill.ts";
import { leavesByScaling } from "./takeover.ts";
import { clusterEvent } from "../../events.ts";

const SUBJECT = "postgres restart";

const DEFAULT_LOOP_WAIT_S = 10;
const ASK_AGAIN_MS = 500;
/** How long a replica may take to hear what its restarted primary runs with. */
const REPLAY_MARGIN_MS = 5000;

/** Plans the next restart that a changed parameter needs. */
export function planPostgresRestart(context: PlanContext): SubjectPlan {
  const { patroni, pods } = context.observed;
  if (!patroni?.known || !pods.known) return NOTHING;
  const members = pods.value.filter((pod) => isMember(pod, context.config.podRoleLabel));
  const pending = members.filter((pod) => waits(patroni.value, pod));
  if (pending.length === 0) return NOTHING;
  const marked = pods.value.find(isFlagged);
  if (marked !== undefined) {
    const reason = `${marked.metadata.name} is to be recreated, which restarts its server too`;
    return heldPlan(SUBJECT, "postponed", reason);
  }
  const still = standstill(context, SUBJECT);
  if (still !== undefined) return still;
  const [primary] = primariesOf(members, context.config.podRoleLabel);
  const staying = pending.filter((pod) => !leavesByScaling(context, pod));
  return nextRestart(context, { patroni: patroni.value, primary, pending: staying });
}

interface State {
  readonly patroni: ObservedPatroni;
  readonly primary: Pod | undefined;
  /** Pods that stay and whose server has to restart. */
  readonly pending: readonly Pod[];
}

function nextRestart(context: PlanContext, state: State): SubjectPlan {
  const { primary, pending } = state;
  const primaryWaits = primary !== undefined && pending.includes(primary);
  const replicas = pending.filter((pod) => pod !== primary);
  if (pending.length > 0 && mayTell(context, state)) return untilTold(state);
  if (primaryFirst(context, state)) {
    return primaryWaits ? once(context, state, primary, "master") : untilPrimaryWaits(state);
  }
  const soon = primary === undefined ? undefined : stillReplaying(context, state, primary);
  if (soon !== undefined && replicas.length > 0) return soon;
  const replica = replicas.find((pod) => !isDone(context, state, pod));
  if (replica !== undefined) return restart(context, replica, "replica");
  if (primaryWaits) return once(context, state, primary, "master");
  return replicas.length === 0 ? NOTHING : inVain(replicas[0]!);
}

/** True when every value that standbys follow and that changes at the primary goes down. */
function primaryFirst(context: PlanContext, { patroni, primary }: State): boolean {
  if (primary === undefined) return false;
  const changes = runningChanges(context, patroni, primary);
  if (changes === undefined) return context.memory.restartPrimaryFirst && waits(patroni, primary);
  return directionOf(changes) === "down";
}

/** True where PostgreSQL can say what the primary runs with, and an earlier look spared this one. */
function mayTell(context: PlanContext, { patroni, primary }: State): boolean {
  const { observed, memory } = context;
  if (primary === undefined || observed.catalog !== undefined) return false;
  return memory.catalogLook !== undefined &&
    runningChanges(context, patroni, primary) === undefined;
}

function untilTold({ primary }: State): SubjectPlan {
  const reason = `what ${primary?.metadata.name} runs with is asked first`;
  return { ...heldPlan(SUBJECT, "waiting", reason), requeueAfterMs: ASK_AGAIN_MS };
}

/** What the primary's server runs with and what it should; undefined where nobody says. */
function runningChanges(
  { observed }: PlanContext,
  patroni: ObservedPatroni,
  primary: Pod,
): ValueChange[] | undefined {
  const state = patroni.states.get(primary.metadata.name ?? "");
  const reasons = state?.known ? state.value.restartReasons : undefined;
  const wanted = followedParameters(patroni.config);
  if (reasons !== undefined) {
    return [...wanted].map(([name, to]) => ({ from: reasons[name]?.from ?? String(to), to }));
  }
  const running = observed.catalog?.known ? observed.catalog.value.followed : undefined;
  if (running === undefined) return undefined;
  return [...wanted].map(([name, to]) => ({ from: running[name] ?? String(to), to }));
}

function waits({ states }: ObservedPatroni, { metadata }: Pod): boolean {
  const state = states.get(metadata.name ?? "");
  return state?.known === true && state.value.pendingRestart;
}

function untilPrimaryWaits({ primary }: State): SubjectPlan {
  const reason = `Patroni on ${primary?.metadata.name} has not taken up the lower values yet`;
  return { ...heldPlan(SUBJECT, "waiting", reason), requeueAfterMs: REPLAY_MARGIN_MS };
}

/** After the primary's restart: a replica that restarts at once still knows the old values. */
function stillReplaying(
  { memory, now }: PlanContext,
  { patroni }: State,
  primary: Pod,
): SubjectPlan | undefined {
  const made = memory.restarted.get(primary.metadata.uid ?? "");
  const startedMs = startOf(patroni, primary);
  const times = [
    ...(made?.parameters === parametersOf(patroni) ? [made.atMs] : []),
    // A clock that is ahead tells nothing.
    ...(startedMs !== undefined && startedMs <= now.getTime() ? [startedMs] : []),
  ];
  const loopMs = Number(patroni.config["loop_wait"] ?? DEFAULT_LOOP_WAIT_S) * 1000;
  const leftMs = Math.max(...times) + loopMs + REPLAY_MARGIN_MS - now.getTime();
  if (leftMs <= 0) return undefined;
  const reason = `replicas take up what ${primary.metadata.name} runs with now`;
  return { ...heldPlan(SUBJECT, "waiting", reason), requeueAfterMs: leftMs };
}

/** When a server was started, also before this process; undefined where nobody says. */
function startOf({ states }: ObservedPatroni, { metadata }: Pod): number | undefined {
  const state = states.get(metadata.name ?? "");
  return state?.known ? state.value.startedMs : undefined;
}

/** True when the server was restarted for these very parameters, and the primary not since. */
function isDone({ memory }: PlanContext, { patroni, primary }: State, pod: Pod): boolean {
  const parameters = parametersOf(patroni);
  const made = memory.restarted.get(pod.metadata.uid ?? "");
  if (made?.parameters !== parameters) return false;
  if (pod === primary || primary === undefined) return true;
  const before = memory.restarted.get(primary.metadata.uid ?? "");
  const since = before?.parameters === parameters && before.atMs > made.atMs;
  return !since && (startOf(patroni, primary) ?? 0) <= made.atMs;
}

/** Tells one wish of parameters from another. */
export function parametersOf({ config }: Pick<ObservedPatroni, "config">): string {
  const section = config["postgresql"] as { readonly parameters?: unknown } | null | undefined;
  return JSON.stringify(section?.parameters ?? {});
}

function once(
  context: PlanContext,
  state: State,
  pod: Pod,
  role: "master" | "replica",
): SubjectPlan {
  return isDone(context, state, pod) ? inVain(pod) : restart(context, pod, role);
}

function inVain(pod: Pod): SubjectPlan {
  const reason =
    `PostgreSQL in ${pod.metadata.name} was restarted and still waits for a restart; ` +
    `look at its log, and restart it by Patroni once the cause is gone`;
  return heldPlan(SUBJECT, "left", reason);
}

function restart(context: PlanContext, pod: Pod, role: "master" | "replica"): SubjectPlan {
  const target = `${role} pod ${pod.metadata.namespace}/${pod.metadata.name}`;
  const request = { call: "restart", body: { restart_pending: true } } as const;
  const reasons = [`restart PostgreSQL in ${pod.metadata.name}: a changed parameter waits for it`];
  return {
    steps: [
      eventStep(SUBJECT, clusterEvent("serverRestartBegun", target)),
      step(SUBJECT, reasons, { kind: "patroni", pod: podRef(pod), request }, {
        onError: "continue",
        effect: "restart",
      }),
      eventStep(SUBJECT, clusterEvent("serverRestarted", target)),
    ],
    held: [],
    requeueAfterMs: context.config.patroniApiCheckIntervalMs,
  };
}
