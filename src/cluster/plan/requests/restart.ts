/**
 * A restart that is asked for: of all pods, or of PostgreSQL where a changed parameter waits for it.
 * The answer holds which pods it is about by their uids, so none of them is restarted twice.
 */

import type { Pod } from "../../../kubernetes/types.gen.ts";
import { refOf } from "../../../ports/requests.ts";
import type { AskedRequest } from "../../effective/requests.ts";
import {
  isFlagged,
  isMember,
  isTerminating,
  podRef,
  primariesOf,
  ROLLING_UPDATE_ANNOTATION,
} from "../../observed/pods.ts";
import type { Step } from "../steps/action.ts";
import { step } from "../steps/context.ts";
import {
  ended,
  memberOf,
  type RequestPlan,
  type RequestQuestion,
  SUBJECT,
  waiting,
} from "./question.ts";

type Restart = Extract<AskedRequest, { what: "restart" }>;

/** Plans a restart, or says how far it is. */
export function planRestart(request: Restart, question: RequestQuestion): RequestPlan {
  const { pods } = question.context.observed;
  if (!pods.known) return waiting(pods.reason);
  const { before, busy } = question;
  if (before?.state !== "started" && busy !== undefined) return waiting(busy);
  if (pods.value.length === 0) return ended("refused", "the cluster has no pods");
  return request.only === "pending"
    ? pendingOnly(request, question, pods.value)
    : rolling(request, question, pods.value);
}

/** The rollout recreates marked pods, replicas first; here they are only marked. */
function rolling(
  request: Restart,
  { before, busy }: RequestQuestion,
  pods: readonly Pod[],
): RequestPlan {
  const begun = before?.state === "started";
  const members = begun ? before?.members ?? [] : pods.map(memberOf);
  const left = pods.filter((pod) => members.includes(memberOf(pod)));
  if (left.length === 0 && busy === undefined) {
    return { ...ended("done", `${members.length} pods were recreated`), members };
  }
  const unmarked = left.filter((pod) => !isFlagged(pod) && !isTerminating(pod));
  return {
    state: "started",
    message: `${members.length - left.length} of ${members.length} pods are recreated`,
    members,
    steps: unmarked.map((pod) => markStep(pod, request)),
  };
}

function markStep(pod: Pod, { what, id }: Restart): Step {
  const body = { metadata: { annotations: { [ROLLING_UPDATE_ANNOTATION]: "true" } } };
  const request = { target: refOf(pod), type: "merge", body } as const;
  const reasons = [`mark ${pod.metadata.name} for a restart`, `asked for: ${id}`];
  const asked = { what, id, then: { state: "started", message: "pods are marked" } } as const;
  return step(SUBJECT, reasons, { kind: "patch", request }, {
    effect: "restart",
    onError: "continue",
    asked,
  });
}

/** One server a pass, the primary last; each once. */
function pendingOnly(
  request: Restart,
  { context, before, plan }: RequestQuestion,
  pods: readonly Pod[],
): RequestPlan {
  const { patroni } = context.observed;
  if (!patroni?.known) return waiting(patroni?.reason ?? "Patroni was not asked yet");
  const members = before?.members ?? [];
  if (plan.steps.some(({ subject }) => subject === "postgres restart")) {
    return { state: "waiting", message: "PostgreSQL is being restarted already", members };
  }
  const label = context.config.podRoleLabel;
  const [primary] = primariesOf(pods, label);
  const pending = pods.filter((pod) => {
    const state = patroni.value.states.get(pod.metadata.name ?? "");
    return isMember(pod, label) && state?.known === true && state.value.pendingRestart;
  });
  const next = pending.filter((pod) => !members.includes(memberOf(pod)))
    .sort((a, b) => Number(a === primary) - Number(b === primary))[0];
  if (next === undefined) {
    return pending.length === 0
      ? { ...ended("done", `${members.length} servers were restarted; none waits`), members }
      : { ...ended("failed", `${pending[0]?.metadata.name} still waits for a restart`), members };
  }
  return {
    state: "started",
    message: `PostgreSQL in ${next.metadata.name} restarts`,
    members: [...members, memberOf(next)],
    steps: [serverStep(next, request)],
    requeueAfterMs: context.config.patroniApiCheckIntervalMs,
  };
}

function serverStep(pod: Pod, { what, id }: Restart): Step {
  const request = { call: "restart", body: { restart_pending: true } } as const;
  const reasons = [`restart PostgreSQL in ${pod.metadata.name}`, `asked for: ${id}`];
  const message = `PostgreSQL in ${pod.metadata.name} was restarted`;
  const asked = { what, id, then: { state: "started", message } } as const;
  return step(SUBJECT, reasons, { kind: "patroni", pod: podRef(pod), request }, {
    effect: "restart",
    onError: "continue",
    asked,
  });
}
