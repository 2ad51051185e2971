/** What the operator's debug API answers, and how its failures read. */

import assert from "node:assert/strict";
import { createOperatorClient } from "./client.ts";
import { PortError } from "../../ports/errors.ts";

function client(answer: () => Promise<Response>) {
  const asked: string[] = [];
  const send = ((url: string, init: RequestInit) => {
    asked.push(`${init.method ?? "GET"} ${url}`);
    return answer();
  }) as typeof fetch;
  return { asked, operator: createOperatorClient("http://operator", send) };
}

async function failure(answer: () => Promise<Response>): Promise<PortError> {
  try {
    await client(answer).operator.get("/status");
  } catch (error) {
    if (error instanceof PortError) return error;
  }
  throw new Error("it did not fail");
}

Deno.test("an answer in JSON is given back", async () => {
  const { asked, operator } = client(() => Promise.resolve(Response.json({ a: 1 })));
  assert.deepEqual(await operator.get("/status"), { a: 1 });
  assert.deepEqual(await operator.post("/clusters/a/b/plan", {}), { a: 1 });
  assert.deepEqual(asked, ["GET http://operator/status", "POST http://operator/clusters/a/b/plan"]);
});

Deno.test("the operator's own words are repeated", async () => {
  const error = await failure(() =>
    Promise.resolve(Response.json({ error: "a/b is not known" }, { status: 404 }))
  );
  assert.deepEqual([error.kind, error.message], ["not found", "a/b is not known"]);
});

Deno.test("an operator that is not there, and one that speaks no JSON, are told as such", async () => {
  const gone = await failure(() => Promise.reject(new TypeError("connection refused")));
  assert.equal(gone.kind, "unavailable");
  assert.match(gone.message, /http:\/\/operator \(OPERATOR_API_URL\)/);
  const odd = await failure(() => Promise.resolve(new Response("<html>", { status: 500 })));
  assert.equal(odd.message, "the operator answered 500");
});
