/** Refused requests: which are left, until when, and what makes them be sent again. */

import assert from "node:assert/strict";
import { kindOfStatus, PortError } from "../../ports/errors.ts";
import type { RefusedRequest } from "./memory.ts";
import { step } from "../plan/steps/context.ts";
import type { Action, Step, StepOutcome } from "../plan/steps/action.ts";
import { noteRefusals, refusalOf, REFUSED_MS } from "./refused.ts";

function claim(storage: string): Step {
  const target = { apiVersion: "v1", kind: "PersistentVolumeClaim", namespace: "n", name: "c" };
  const body = { spec: { resources: { requests: { storage } } } };
  return of({ kind: "patch", request: { target, type: "merge", body } });
}

function secret(data: Record<string, string>): Step {
  const metadata = { namespace: "n", name: "s" };
  return of({ kind: "create", object: { apiVersion: "v1", kind: "Secret", metadata, data } });
}

function restart(): Step {
  const request = { call: "restart", body: { restart_pending: true } } as const;
  return of({ kind: "patroni", pod: { namespace: "n", name: "p", ip: "" }, request });
}

function of(action: Action): Step {
  return step("volumes", ["wanted"], action);
}

function answer(status: number): Error {
  return new PortError(`status ${status}`, kindOfStatus(status));
}

function failed(step: Step, status: number): StepOutcome {
  return { step, result: "failed", error: answer(status) };
}

/** What was answered at time 0, what is asked for then, and until when it is left. */
const ROWS: readonly [string, StepOutcome, Step, number | undefined][] = [
  ["a forbidden patch", failed(claim("6Gi"), 403), claim("6Gi"), REFUSED_MS.first],
  ["an invalid patch", failed(claim("6Gi"), 422), claim("6Gi"), REFUSED_MS.first],
  ["a bad request", failed(claim("6Gi"), 400), claim("6Gi"), REFUSED_MS.first],
  ["the same for another size", failed(claim("6Gi"), 403), claim("7Gi"), undefined],
  ["a conflict", failed(claim("6Gi"), 409), claim("6Gi"), undefined],
  ["too many requests", failed(claim("6Gi"), 429), claim("6Gi"), undefined],
  ["a fault of the server", failed(claim("6Gi"), 500), claim("6Gi"), undefined],
  ["no answer", failed(claim("6Gi"), 0), claim("6Gi"), undefined],
  ["a patch that was granted", { step: claim("6Gi"), result: "done" }, claim("6Gi"), undefined],
  [
    "a Secret, with a new password each time",
    failed(secret({ password: "YQ==" }), 403),
    secret({ password: "Yg==" }),
    REFUSED_MS.first,
  ],
  [
    "a Secret with other keys",
    failed(secret({ password: "YQ==" }), 403),
    secret({ password: "YQ==", username: "YQ==" }),
    undefined,
  ],
  ["an answer of Patroni", failed(restart(), 403), restart(), undefined],
];

for (const [given, outcome, next, untilMs] of ROWS) {
  Deno.test(`${given} is ${untilMs === undefined ? "tried again" : "left for a while"}`, () => {
    const refused = new Map<string, RefusedRequest>();
    noteRefusals(refused, [outcome], 0);
    const left = (nowMs: number) => refusalOf(refused, next, nowMs)?.message;
    if (untilMs === undefined) return assert.equal(left(1), undefined);
    assert.match(left(1) ?? "", /^status 4/);
    assert.match(left(untilMs - 1) ?? "", /^status 4/);
    assert.equal(left(untilMs), undefined);
  });
}

Deno.test("the pause grows with each refusal, and a look in between does not count", () => {
  const refused = new Map<string, RefusedRequest>();
  const pauses: number[] = [];
  let nowMs = 0;
  for (let attempt = 0; attempt < 5; attempt++) {
    noteRefusals(refused, [failed(claim("6Gi"), 403)], nowMs);
    const error = refusalOf(refused, claim("6Gi"), nowMs + 1);
    assert.ok(error);
    const between = { step: claim("6Gi"), result: "failed", error, remembered: true } as const;
    noteRefusals(refused, [between], nowMs + 1);
    const [{ untilMs }] = [...refused.values()] as [RefusedRequest];
    pauses.push(untilMs - nowMs);
    nowMs = untilMs;
  }
  assert.deepEqual(pauses.map((ms) => ms / 60_000), [1, 2, 4, 5, 5]);
});

Deno.test("what is no longer asked for is forgotten", () => {
  const refused = new Map<string, RefusedRequest>();
  noteRefusals(refused, [failed(claim("6Gi"), 403)], 0);
  noteRefusals(refused, [], REFUSED_MS.first + REFUSED_MS.longest);
  assert.equal(refused.size, 1);
  noteRefusals(refused, [], REFUSED_MS.first + REFUSED_MS.longest + 1);
  assert.equal(refused.size, 0);
});
