/**
 * A switchover that is asked for. It is begun once: what came of it is read off the pods, so that an
 * operator that was killed meanwhile never asks Patroni a second time.
 */

import type { Pod } from "../../../kubernetes/types.gen.ts";
import type { AskedRequest } from "../../effective/requests.ts";
import { podRef, primariesOf } from "../../observed/pods.ts";
import { switchoverSteps } from "../pods/switchover.ts";
import { takeoverFrom } from "../pods/takeover.ts";
import type { Step } from "../steps/action.ts";
import {
  ended,
  memberOf,
  type RequestPlan,
  type RequestQuestion,
  SUBJECT,
  waiting,
} from "./question.ts";

type Switchover = Extract<AskedRequest, { what: "switchover" }>;

/** How long a switchover may take before it counts as failed. */
const PATIENCE_MS = 60_000;
/** A replica further behind would lose time, or data. */
const MOST_LAG_BYTES = 16 * 1024 * 1024;

/** Plans a switchover, or says what came of it. */
export function planSwitchover(request: Switchover, question: RequestQuestion): RequestPlan {
  const { context, before, busy } = question;
  const { pods } = context.observed;
  if (!pods.known) return waiting(pods.reason);
  const [primary, second] = primariesOf(pods.value, context.config.podRoleLabel);
  if (before?.state === "started") return afterStart(request, question, primary);
  const waitMs = (request.at?.getTime() ?? 0) - context.now.getTime();
  if (waitMs > 0) return waiting(`it is due at ${request.at?.toISOString()}`, waitMs);
  if (busy !== undefined) return waiting(busy);
  if (primary === undefined || second !== undefined) return waiting("there is not one primary");
  if (request.to !== undefined && primary.metadata.name === request.to) {
    return ended("done", `${request.to} is the primary already`);
  }
  return begin(request, question, { primary, pods: pods.value });
}

function begin(
  request: Switchover,
  { context }: RequestQuestion,
  { primary, pods }: { readonly primary: Pod; readonly pods: readonly Pod[] },
): RequestPlan {
  const { to, id } = request;
  const allowed = pods.filter(({ metadata }) => to === undefined || metadata.name === to);
  if (allowed.length === 0) return ended("refused", `there is no pod ${to}`);
  const found = takeoverFrom(context, primary, allowed);
  const pauseMs = context.config.patroniApiCheckIntervalMs;
  if (found.kind !== "candidate") return waiting(found.reason, pauseMs);
  const successor = found.pod.metadata.name ?? "";
  const { patroni } = context.observed;
  const lag = patroni?.known
    ? patroni.value.members.find(({ name }) => name === successor)?.lagBytes
    : undefined;
  if (lag !== undefined && lag > MOST_LAG_BYTES) {
    return waiting(`${successor} is ${lag} bytes behind`, pauseMs);
  }
  const from = primary.metadata.name ?? "";
  const message = `from ${from} to ${successor}`;
  const steps = switchoverSteps(SUBJECT, podRef(primary), successor, [`asked for: ${id}`]);
  return {
    state: "started",
    message,
    members: [memberOf(primary)],
    steps: steps.map((step) => askedStep(step, request, message)),
    requeueAfterMs: pauseMs,
  };
}

/** What Patroni has accepted is done once the pods show it. */
function askedStep(step: Step, { what, id }: Switchover, message: string): Step {
  const asked = { what, id, then: { state: "started", message } } as const;
  return { ...step, onError: "continue", asked };
}

function afterStart(
  { to }: Switchover,
  { context, before }: RequestQuestion,
  primary: Pod | undefined,
): RequestPlan {
  const former = before?.members?.[0]?.split("=")[0];
  const name = primary?.metadata.name;
  const members = before?.members ?? [];
  if (name !== undefined && (to === undefined ? name !== former : name === to)) {
    return { ...ended("done", `${name} is the primary`), members };
  }
  const startedMs = Date.parse(before?.time ?? "");
  if (context.now.getTime() - startedMs > PATIENCE_MS) {
    const why = `${name ?? "no pod"} is the primary; it is not tried again: ask with another id`;
    return { ...ended("failed", why), members };
  }
  return {
    state: "started",
    message: before?.message ?? "",
    members,
    requeueAfterMs: context.config.patroniApiCheckIntervalMs,
  };
}
