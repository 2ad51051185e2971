/** Who may ask for a plan, with what, and one at a time. */

import assert from "node:assert/strict";
import { Hono } from "hono";
import { createPlanAnswer, type Planner } from "./asked_plan.ts";

function app(planner: Planner | undefined) {
  return new Hono().post("/clusters/:namespace/:name/plan", createPlanAnswer(() => planner));
}

function ask(on: ReturnType<typeof app>, body: string, type = "application/json") {
  const init = { method: "POST", body, headers: { "content-type": type } };
  return on.request("/clusters/shop/acid-a/plan", init);
}

const GIVEN = JSON.stringify({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { namespace: "bank", name: "other", uid: "u", labels: { a: "b" } },
  spec: { teamId: "acid" },
  status: {},
});

Deno.test("the address says which cluster is planned for, and nothing but people's fields count", async () => {
  let asked: unknown;
  const answer = await ask(
    app((manifest) => {
      asked = manifest;
      return Promise.resolve({ cluster: "shop/acid-a" });
    }),
    GIVEN,
  );
  assert.deepEqual(await answer.json(), { cluster: "shop/acid-a" });
  assert.deepEqual(asked, {
    apiVersion: "acid.zalan.do/v1",
    kind: "postgresql",
    metadata: { namespace: "shop", name: "acid-a", labels: { a: "b" } },
    spec: { teamId: "acid" },
  });
});

Deno.test("without the flag nobody is planned for", async () => {
  const answer = await ask(app(undefined), GIVEN);
  assert.equal(answer.status, 403);
  assert.match((await answer.json()).error, /--plan-requests/);
});

for (
  const [body, type, status] of [
    ["{", "application/json", 400],
    ["[]", "application/json", 400],
    ['{"spec":7}', "application/json", 400],
    [GIVEN, "text/plain", 415],
    [GIVEN, "application/x-www-form-urlencoded", 415],
  ] as const
) {
  Deno.test(`${body.slice(0, 20)} as ${type} is refused with ${status}`, async () => {
    const planner = () => Promise.reject(new Error("it was planned for"));
    assert.equal((await ask(app(planner), body, type)).status, status);
  });
}

Deno.test("a second question waits for the first to end, and a failure ends it too", async () => {
  const waiting = Promise.withResolvers<unknown>();
  const on = app(() => waiting.promise);
  const first = ask(on, GIVEN);
  await new Promise((resolve) => setTimeout(resolve));
  assert.equal((await ask(on, GIVEN)).status, 503);
  waiting.reject(new Error("namespace shop is not watched"));
  const failed = await first;
  assert.deepEqual([failed.status, (await failed.json()).error], [
    422,
    "namespace shop is not watched",
  ]);
  assert.equal((await ask(on, GIVEN)).status, 422);
});
