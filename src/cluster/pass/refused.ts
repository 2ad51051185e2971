/**
 * Requests that the API server, or the cloud, refused for good: forbidden, invalid, over a quota or
 * a limit of changes. The same request
 * is not sent again until its pause is over, however often the cluster is looked at meanwhile; one
 * with another content is sent at once. Pure.
 */

import { createHash } from "node:crypto";
import type { KubeObject } from "../../kubernetes/types.gen.ts";
import { isRefusal } from "../../ports/errors.ts";
import type { RefusedRequest } from "./memory.ts";
import type { Action, Step, StepOutcome } from "../plan/steps/action.ts";

/** How long a refused request is left, the first time and at most. */
export const REFUSED_MS = { first: 60_000, longest: 5 * 60_000 };

/** True for a request that would get the same answer if it were repeated soon. */
export function isRefused(outcome: StepOutcome): boolean {
  if (outcome.result !== "failed" || contentOf(outcome.step.action) === undefined) return false;
  return isRefusal(outcome.error);
}

/** The answer that a step would get again, while it is not to be asked for. */
export function refusalOf(
  refused: ReadonlyMap<string, RefusedRequest>,
  step: Step,
  nowMs: number,
): Error | undefined {
  const key = keyOf(step.action);
  const found = key === undefined ? undefined : refused.get(key);
  return found !== undefined && nowMs < found.untilMs ? found.error : undefined;
}

/** How long until the first refused request may be sent again; undefined where none waits. */
export function pauseLeftMs(
  refused: ReadonlyMap<string, RefusedRequest>,
  nowMs: number,
): number | undefined {
  const ends = [...refused.values()].map(({ untilMs }) => untilMs).filter((ms) => ms > nowMs);
  return ends.length === 0 ? undefined : Math.min(...ends) - nowMs;
}

/** Takes over what a pass was refused, and what was granted or is no longer needed. */
export function noteRefusals(
  refused: Map<string, RefusedRequest>,
  outcomes: readonly StepOutcome[],
  nowMs: number,
): void {
  const asked = new Set<string>();
  for (const outcome of outcomes) {
    const key = keyOf(outcome.step.action);
    if (key === undefined) continue;
    asked.add(key);
    if (outcome.result === "done") refused.delete(key);
    if (outcome.result !== "failed" || outcome.remembered || !isRefused(outcome)) continue;
    const count = (refused.get(key)?.count ?? 0) + 1;
    const pauseMs = Math.min(REFUSED_MS.first * 2 ** (count - 1), REFUSED_MS.longest);
    refused.set(key, { error: outcome.error, count, untilMs: nowMs + pauseMs });
  }
  for (const [key, { untilMs }] of refused) {
    if (!asked.has(key) && nowMs > untilMs + REFUSED_MS.longest) refused.delete(key);
  }
}

/**
 * Tells one request from another. Values of Secrets do not count: a password is recreated for each
 * attempt. Undefined for what is no request to the API server.
 */
function keyOf(action: Action): string | undefined {
  const content = contentOf(action);
  if (content === undefined) return undefined;
  return createHash("sha256").update(JSON.stringify([action.kind, content])).digest("base64");
}

function contentOf(action: Action): unknown {
  switch (action.kind) {
    case "create":
    case "replace":
      return withoutValues(action.object);
    case "recreate":
      return [withoutValues(action.object), action.uid];
    case "patch": {
      const { target, body } = action.request;
      return [target, target.kind === "Secret" ? withoutValues(body) : body];
    }
    case "delete":
    case "modifyVolume":
      return action.request;
    default:
      return undefined;
  }
}

function withoutValues(object: unknown): unknown {
  const { data, stringData, ...rest } = object as Partial<KubeObject>;
  if (rest["kind"] !== undefined && rest["kind"] !== "Secret") return object;
  const names = [data, stringData].map((map) => Object.keys(map ?? {}));
  return [rest, names];
}
