/** Requests that hold as long as their annotation is there: a pause, and a cluster without pods. */

import type { StatefulSet } from "../../../kubernetes/types.gen.ts";
import { refOf } from "../../../ports/requests.ts";
import type { AskedRequest } from "../../effective/requests.ts";
import { observedObject } from "../../observed/cluster.ts";
import { isMember, podRef, primariesOf } from "../../observed/pods.ts";
import type { Held, Plan, Step } from "../steps/action.ts";
import { type PlanContext, step } from "../steps/context.ts";
import { reasonTexts } from "../steps/reasons.ts";
import { type RequestPlan, type RequestQuestion, SUBJECT } from "./question.ts";

/** A pause that lasts longer is told by an Event: somebody may have forgotten it. */
export const LONG_PAUSE_MS = 24 * 60 * 60_000;

/** The answer of a pause; `long` once it has lasted a day. */
export function planPause(
  { context: { now }, before }: RequestQuestion,
): RequestPlan {
  const sinceMs = before?.state === "active" ? Date.parse(before.time) : now.getTime();
  return now.getTime() - sinceMs >= LONG_PAUSE_MS
    ? { state: "active", message: "the cluster has been left as it is for more than a day" }
    : { state: "active", message: "the cluster is left as it is while the annotation is there" };
}

/** What a paused cluster would need, as what is held; nothing of it is done. */
export function heldByPause(plan: Plan, { id }: AskedRequest): Plan {
  const { requeueAfterMs: _none, ...rest } = plan;
  const wanted = plan.steps.filter(({ action }) => action.kind !== "event");
  const subjects = [...new Set(wanted.map(({ subject }) => subject))];
  const held = subjects.map((subject): Held => {
    const texts = wanted.filter((one) => one.subject === subject).flatMap(reasonTexts);
    const reason = `paused by request ${id}: ${[...new Set(texts)].join("; ")}`;
    return { subject, kind: "paused", reason };
  });
  return { ...rest, steps: [], held: [...plan.held, ...held] };
}

/** A cluster without pods: the manifest keeps its size, so nothing has to be remembered. */
export function planHibernation(
  { context }: Pick<RequestQuestion, "context">,
): RequestPlan {
  const count = context.cr.spec.numberOfInstances;
  const message = `volumes, Services and Secrets stay; ${count} pods come back with the end of it`;
  return { state: "active", message };
}

/** A checkpoint before all pods end, so that the next start has little WAL to replay. */
export function checkpointBefore(context: PlanContext, { what, id }: AskedRequest): Step[] {
  const { observed, desired, config } = context;
  const set = observedObject<StatefulSet>(observed.objects, refOf(desired.statefulSet));
  const running = set.known ? set.value?.spec?.replicas ?? 0 : 0;
  const pods = observed.pods.known ? observed.pods.value : [];
  const [primary] = primariesOf(pods, config.podRoleLabel);
  if (running === 0 || primary === undefined || !isMember(primary, config.podRoleLabel)) return [];
  const psql = ["psql", "--no-psqlrc", "--no-password", `--username=${config.superUsername}`];
  const request = {
    pod: podRef(primary),
    container: "postgres",
    command: [...psql, "--dbname=postgres", "--command=CHECKPOINT"],
  };
  const { message } = planHibernation({ context });
  const asked = { what, id, then: { state: "active", message } } as const;
  const reasons = ["checkpoint before the pods end", `asked for: ${id}`];
  const options = { onError: "continue", asked } as const;
  return [step(SUBJECT, reasons, { kind: "exec", request }, options)];
}
