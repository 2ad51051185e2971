/** Teams of users, from a service or one list. */

import assert from "node:assert/strict";
import { createUserTeams } from "./user_teams.ts";

const OPTIONS = { teams: ["acid"], teamServiceUrl: "http://teams/api/{}", serviceToken: "secret" };

Deno.test("without a service everybody is in the listed teams", async () => {
  assert.deepEqual(await createUserTeams({ ...OPTIONS, teamServiceUrl: "" })("jdoe"), ["acid"]);
});

Deno.test("the service is asked with the token, and a user's name stays one part of the path", async () => {
  const asked: Request[] = [];
  const send = ((url: string, init: RequestInit) => {
    asked.push(new Request(url, init));
    return Promise.resolve(Response.json([{ id: "Acid" }, { id: 7 }, {}]));
  }) as typeof fetch;
  assert.deepEqual(await createUserTeams(OPTIONS, send)("../a?b"), ["acid"]);
  assert.equal(asked[0]!.url, "http://teams/api/..%2Fa%3Fb");
  assert.equal(asked[0]!.headers.get("authorization"), "Bearer secret");
});

for (const answer of [new Response("no", { status: 500 }), new Response("{}"), new Response("x")]) {
  Deno.test(`an answer of ${answer.status} that is no list is a failure, and no team`, async () => {
    const send = (() => Promise.resolve(answer.clone())) as typeof fetch;
    await assert.rejects(createUserTeams(OPTIONS, send)("jdoe"), /TEAM_SERVICE_URL/);
  });
}

Deno.test("a user is asked for once a minute, however often a page asks, and failures are not kept", async () => {
  let [nowMs, asked, fails] = [0, 0, true];
  const send = (() => {
    asked++;
    return Promise.resolve(
      fails ? new Response("no", { status: 500 }) : Response.json([{ id: "a" }]),
    );
  }) as typeof fetch;
  const teamsOf = createUserTeams(OPTIONS, send, () => nowMs);
  await assert.rejects(teamsOf("jdoe"));
  fails = false;
  for (let turn = 0; turn < 20; turn++) assert.deepEqual(await teamsOf("jdoe"), ["a"]);
  assert.equal(asked, 2);
  await teamsOf("other");
  assert.equal(asked, 3);
  nowMs = 60_000;
  await teamsOf("jdoe");
  assert.equal(asked, 4);
});
