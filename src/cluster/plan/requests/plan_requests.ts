/**
 * Adds to a plan what people ask for by annotations, and the answers as the status shows them. What
 * the manifest needs goes first: pods are disturbed by a request once nothing else disturbs them.
 */

import type { PostgresqlRequest } from "../../../api/types.gen.ts";
import { type AskedRequest, isLasting } from "../../effective/requests.ts";
import type { Subject } from "../../subject.ts";
import { isPending, type Plan, type Step } from "../steps/action.ts";
import type { PlanContext } from "../steps/context.ts";
import { planBackup } from "./backup.ts";
import { checkpointBefore, heldByPause, planHibernation, planPause } from "./lasting.ts";
import { type RequestPlan, type RequestQuestion, waiting } from "./question.ts";
import { planRestart } from "./restart.ts";
import { planSwitchover } from "./switchover.ts";
import { planUpgradeCheck } from "./upgrade_check.ts";

/** Answers that are kept after their annotations are gone. */
const MOST_FORMER = 20;

const FINAL: readonly string[] = ["done", "failed", "refused"];

/** True for an answer after which nothing more is done. */
export function isFinal({ state }: Pick<PostgresqlRequest, "state">): boolean {
  return FINAL.includes(state);
}

/** True while a request needs to know what Patroni says. */
export function asksPatroni(
  context: Pick<PlanContext, "effective" | "cr" | "memory">,
): boolean {
  return context.effective.requests.asked.some((request) => {
    if (request.what !== "switchover" && request.what !== "restart") return false;
    const before = answerOf(knownAnswers(context), request);
    return before === undefined || !isFinal(before);
  });
}

/** The answers so far: what this process has written counts before what a cache says. */
function knownAnswers(
  { cr, memory }: Pick<PlanContext, "cr" | "memory">,
): readonly PostgresqlRequest[] {
  const written = memory.answers ?? [];
  const stored = cr.status?.requests ?? [];
  return [...written, ...stored.filter((one) => answerOf(written, one) === undefined)];
}

/** The plan with what is asked for. The same plan where nobody asks and nobody has asked. */
export function withRequests(context: PlanContext, plan: Plan): Plan {
  const { asked, wrong } = context.effective.requests;
  const known = knownAnswers(context);
  if (asked.length + wrong.length + known.length === 0) return plan;
  const pause = asked.find(({ what }) => what === "pause");
  const planned = planAsked(context, plan, known);
  const answers = [
    ...planned.map(({ request, answer, before }) => answered(request, answer, before, context)),
    ...wrong.map(({ problem, ...request }) => {
      const refused = { state: "refused", message: problem } as const;
      return answered(request, refused, answerOf(known, request), context);
    }),
  ];
  const steps = planned.flatMap(({ answer }) => answer.steps ?? []);
  const whole = {
    ...withSteps(context, plan, steps),
    requests: [...answers, ...former(known, answers, context.now)],
  };
  if (pause !== undefined) return heldByPause(whole, pause);
  return lookAgain(whole, planned.flatMap(({ answer }) => answer.requeueAfterMs ?? []));
}

interface Planned {
  readonly request: AskedRequest;
  readonly answer: RequestPlan;
  readonly before: PostgresqlRequest | undefined;
}

/** One request after the other: those that were begun go first, and one disturbs pods at a time. */
function planAsked(
  context: PlanContext,
  plan: Plan,
  known: readonly PostgresqlRequest[],
): Planned[] {
  const { asked } = context.effective.requests;
  const pause = asked.find(({ what }) => what === "pause");
  const begun = (request: AskedRequest) => answerOf(known, request)?.state === "started" ? 0 : 1;
  const planned: Planned[] = [];
  for (const request of [...asked].sort((a, b) => begun(a) - begun(b))) {
    const running = planned.find(({ answer }) => answer.state === "started")?.request;
    const paused = pause === undefined || isLasting(request)
      ? undefined
      : `the cluster is paused by request ${pause.id}`;
    const after = running === undefined ? undefined : `after ${running.what} ${running.id}`;
    const before = answerOf(known, request);
    const busy = paused ?? after ?? disturbance(plan);
    const question = { context, plan, before, paused, busy };
    planned.push({ request, answer: planRequest(request, question), before });
  }
  return planned;
}

function planRequest(request: AskedRequest, question: RequestQuestion): RequestPlan {
  const { before } = question;
  if (before !== undefined && isFinal(before) && !isLasting(request)) return unchanged(before);
  switch (request.what) {
    case "switchover":
      return planSwitchover(request, question);
    case "restart":
      return planRestart(request, question);
    case "pause":
      return planPause(question);
    case "hibernate":
      return planHibernation(question);
    case "backup":
      return question.paused === undefined
        ? planBackup(request, question)
        : waiting(question.paused);
    case "upgrade-check":
      return planUpgradeCheck(request, question);
    default:
      return request satisfies never;
  }
}

function unchanged({ state, message = "", members }: PostgresqlRequest): RequestPlan {
  return {
    state: state as RequestPlan["state"],
    message,
    ...(members === undefined ? {} : { members }),
  };
}

/** Subjects that have to be settled before a request may disturb pods. */
const ABOUT_PODS: readonly Subject[] = [
  "manifest",
  "services",
  "credentials",
  "volumes",
  "interrupted upgrade",
  "standby",
  "statefulset",
  "patroni config",
  "postgres restart",
  "rollout",
  "node move",
  "major upgrade",
];

/** What of the plan has to come first, in words. */
function disturbance({ steps, held }: Plan): string | undefined {
  const step = steps.find(({ subject, action, effect }) =>
    ABOUT_PODS.includes(subject) && (action.kind !== "event" || effect !== "none")
  );
  if (step !== undefined) return `after ${step.subject}`;
  const wait = held.find((one) => ABOUT_PODS.includes(one.subject) && isPending(one));
  return wait === undefined ? undefined : `after ${wait.subject}: ${wait.reason}`;
}

/** A checkpoint comes before everything else, the rest after it. */
function withSteps(context: PlanContext, plan: Plan, steps: readonly Step[]): Plan {
  const hibernation = context.effective.requests.asked.find(({ what }) => what === "hibernate");
  const first = hibernation === undefined ? [] : checkpointBefore(context, hibernation);
  return { ...plan, steps: [...first, ...plan.steps, ...steps] };
}

/** Where there is something to do, the next pass comes at once anyhow. */
function lookAgain(plan: Plan, waits: readonly number[]): Plan {
  const acts = plan.steps.some(({ action, asked }) => action.kind !== "event" && !asked);
  if (waits.length === 0 || acts) return plan;
  return { ...plan, requeueAfterMs: Math.min(plan.requeueAfterMs ?? Infinity, ...waits) };
}

function answerOf(
  known: readonly PostgresqlRequest[] | undefined,
  { what, id }: { readonly what: string; readonly id: string },
): PostgresqlRequest | undefined {
  return known?.find((answer) => answer.what === what && answer.id === id);
}

function answered(
  { what, id }: { readonly what: string; readonly id: string },
  { state, message, members }: RequestPlan,
  before: PostgresqlRequest | undefined,
  { now }: PlanContext,
): PostgresqlRequest {
  const time = before?.state === state ? before.time : timeOf(now);
  const pods = members === undefined || members.length === 0 ? {} : { members: [...members] };
  return { what, id, state, time, message, ...pods };
}

/** As the API server takes times. */
export function timeOf(now: Date): string {
  return now.toISOString().replace(/\.\d+Z$/, "Z");
}

/** Answers whose annotations are gone; what was never begun is forgotten. */
function former(
  known: readonly PostgresqlRequest[],
  answers: readonly PostgresqlRequest[],
  now: Date,
): PostgresqlRequest[] {
  return known.filter((one) => answerOf(answers, one) === undefined)
    .filter(({ state }) => state !== "waiting")
    .map((one) =>
      isFinal(one) ? one : {
        ...one,
        state: "done",
        time: timeOf(now),
        message: one.state === "active" ? "its annotation is gone" : `withdrawn: ${one.message}`,
      }
    )
    .sort((a, b) => a.time < b.time ? 1 : -1)
    .slice(0, MOST_FORMER);
}
