/** Reviews over HTTP: what is answered to whom, and that no fault stops anybody. */

import assert from "node:assert/strict";
import { createAdmissionApp } from "./app.ts";
import type { Review, Verdict } from "./review.ts";

const REVIEW = {
  apiVersion: "admission.k8s.io/v1",
  kind: "AdmissionReview",
  request: {
    uid: "u1",
    operation: "UPDATE",
    kind: { kind: "postgresql" },
    namespace: "shop",
    name: "acid-orders",
    object: { metadata: { name: "acid-orders" } },
    oldObject: { metadata: { name: "acid-orders" } },
  },
};

type Judge = (review: Review, signal: AbortSignal) => Promise<Verdict>;

async function answer(
  judge: Judge | undefined,
  body: unknown = REVIEW,
  { path = "/admission", method = "POST" } = {},
) {
  const faults: unknown[] = [];
  const app = createAdmissionApp({
    judge: () => judge,
    deadlineMs: 20,
    failed: (error) => void faults.push(error),
  });
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const request = new Request(`https://operator${path}`, {
    method,
    ...(method === "POST" ? { body: text } : {}),
  });
  const response = await app.fetch(request);
  return { status: response.status, body: await response.json(), faults };
}

const says = (verdict: Verdict): Judge => () => Promise.resolve(verdict);

Deno.test("a verdict becomes an answer with the review's uid", async () => {
  const { status, body } = await answer(says({ warnings: ["restarts\n2 pods"] }));
  assert.equal(status, 200);
  assert.deepEqual(body, {
    apiVersion: "admission.k8s.io/v1",
    kind: "AdmissionReview",
    response: { uid: "u1", allowed: true, warnings: ["restarts 2 pods"] },
  });
});

Deno.test("a refusal says why", async () => {
  const { body } = await answer(says({ warnings: [], refusal: "spec.volume.size: no" }));
  assert.deepEqual(body.response, {
    uid: "u1",
    allowed: false,
    status: { code: 422, reason: "Invalid", message: "spec.volume.size: no" },
  });
});

Deno.test("long and many warnings are cut to what the API server passes on", async () => {
  const warnings = Array.from({ length: 40 }, () => "ä".repeat(1_000));
  const { body } = await answer(says({ warnings }));
  assert.equal(body.response.warnings.length, 12);
  for (const line of body.response.warnings) assert.equal([...line].length, 250);
});

const UNPLANNED: readonly [string, Judge | undefined, RegExp][] = [
  ["an operator that starts", undefined, /the operator is starting/],
  ["a fault", () => Promise.reject(new Error("password is hunter2")), /its log says why/],
  [
    "a judgement that is late",
    (_review, signal) =>
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    /takes too long/,
  ],
];

for (const [name, judge, wanted] of UNPLANNED) {
  Deno.test(`${name} lets the change pass and says that nothing is known`, async () => {
    const { status, body } = await answer(judge);
    assert.equal(status, 200);
    assert.equal(body.response.allowed, true);
    assert.match(body.response.warnings[0], wanted);
    assert.doesNotMatch(JSON.stringify(body), /hunter2/);
  });
}

Deno.test("a fault is told to the log", async () => {
  const fault = new Error("broken");
  assert.deepEqual((await answer(() => Promise.reject(fault))).faults, [fault]);
});

Deno.test("too many reviews at once are let through unplanned", async () => {
  let free = () => {};
  const gate = new Promise<void>((resolve) => (free = resolve));
  const app = createAdmissionApp({
    judge: () => async () => {
      await gate;
      return { warnings: [] };
    },
    deadlineMs: 10_000,
    failed: () => {},
  });
  const ask = () =>
    app.fetch(new Request("https://o/admission", { method: "POST", body: JSON.stringify(REVIEW) }));
  const first = Array.from({ length: 8 }, ask);
  const { response } = await (await ask()).json();
  assert.match(response.warnings[0], /asked too much/);
  free();
  for (const one of await Promise.all(first)) {
    assert.equal((await one.json()).response.allowed, true);
  }
});

const WRONG: readonly [string, unknown, { path?: string; method?: string }, number][] = [
  ["no JSON", "{", {}, 400],
  ["another kind", { ...REVIEW, kind: "Pod" }, {}, 400],
  ["another version", { ...REVIEW, apiVersion: "admission.k8s.io/v1beta1" }, {}, 400],
  ["no uid", { ...REVIEW, request: { operation: "UPDATE" } }, {}, 400],
  ["an unknown operation", { ...REVIEW, request: { uid: "u", operation: "CONNECT" } }, {}, 400],
  ["an array", [], {}, 400],
  ["another path", REVIEW, { path: "/clusters" }, 404],
  ["another method", REVIEW, { method: "GET" }, 405],
];

for (const [name, body, how, status] of WRONG) {
  Deno.test(`a request with ${name} is ${status}`, async () => {
    assert.equal((await answer(says({ warnings: [] }), body, how)).status, status);
  });
}
