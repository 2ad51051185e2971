import assert from "node:assert/strict";
import { Sensitive } from "../../lib/sensitive.ts";
import { createTeamsApi, oauthTokenOf, TeamsError } from "./client.ts";

const signal = new AbortController().signal;

function teams(status: number, body: string) {
  const seen: { url: string; authorization: string | null }[] = [];
  const api = createTeamsApi({
    url: "https://teams.example/api/",
    token: () => Promise.resolve(new Sensitive("t0ken")),
    send: (url, init) => {
      seen.push({ url, authorization: new Headers(init.headers).get("authorization") });
      return Promise.resolve(new Response(body, { status }));
    },
  });
  return { api, seen };
}

Deno.test("members are asked for by team with the bearer token", async () => {
  const { api, seen } = teams(200, '{"id": "acid", "member": ["jane", "joe"]}');
  assert.deepEqual(await api.members("acid", signal), ["jane", "joe"]);
  assert.deepEqual(seen, [
    { url: "https://teams.example/api/teams/acid", authorization: "Bearer t0ken" },
  ]);
});

Deno.test("a team that the API does not know has no members", async () => {
  assert.deepEqual(await teams(404, '{"error": "no such team"}').api.members("x", signal), []);
});

for (
  const [name, status, body, want] of [
    ["an error with words", 500, '{"error": "database down"}', "500: database down"],
    ["an error without JSON", 502, "Bad Gateway", "502: Bad Gateway"],
    ["an answer that is no JSON", 200, "<html>", "the answer is no JSON object"],
  ] as const
) {
  Deno.test(`${name} is an error, not an empty team`, async () => {
    await assert.rejects(
      teams(status, body).api.members("acid", signal),
      (error) =>
        error instanceof TeamsError &&
        error.message === `cannot get the members of team acid: ${want}`,
    );
  });
}

Deno.test("the token of the OAuth Secret is taken only if it is a bearer token", () => {
  const data = {
    "read-only-token-type": btoa("Bearer"),
    "read-only-token-secret": btoa("t0ken\n"),
  };
  assert.equal(oauthTokenOf(data).reveal(), "t0ken");
  assert.throws(
    () => oauthTokenOf({ ...data, "read-only-token-type": btoa("Basic") }),
    /read-only-token-type must be Bearer/,
  );
  assert.throws(
    () => oauthTokenOf({ "read-only-token-type": btoa("Bearer") }),
    /no key read-only-token-secret/,
  );
});

Deno.test("an answer without an end is not taken in, and the token follows no redirect", async () => {
  let redirect: RequestInit["redirect"];
  const endless = () =>
    new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(64 * 1024)) });
  const api = createTeamsApi({
    url: "https://teams.example",
    token: () => Promise.resolve(new Sensitive("t0ken")),
    send: (_, init) => {
      redirect = init.redirect;
      return Promise.resolve(new Response(endless()));
    },
  });
  await assert.rejects(
    api.members("acid", signal),
    /team acid: the answer has more than 1048576 bytes/,
  );
  assert.equal(redirect, "manual");
});
