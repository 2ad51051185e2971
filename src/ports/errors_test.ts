import assert from "node:assert/strict";
import { PatroniError } from "../clients/patroni/error.ts";
import { sqlError } from "../clients/postgres/errors.ts";
import { errorOfAnswer, KubeError, TOO_LARGE } from "../clients/kube/errors.ts";
import { TeamsError } from "../clients/teams/client.ts";
import { Sensitive } from "../lib/sensitive.ts";
import { failureKind, isAnswer, isConflict, isRefusal } from "./errors.ts";

const TARGET = {
  namespace: "n",
  cluster: "c",
  database: "d",
  user: "u",
  password: new Sensitive("p"),
};

function answer(status: number, reason?: string): KubeError {
  const body = reason === undefined ? "" : JSON.stringify({ kind: "Status", reason });
  return errorOfAnswer("cannot get Pod n/p", status, body);
}

const CASES: readonly [string, unknown, string | undefined, string][] = [
  ["403 of the API server", answer(403), "forbidden", "refusal, answer"],
  ["404 of the API server", answer(404), "not found", "answer"],
  ["409 Conflict", answer(409, "Conflict"), "conflict", "conflict, answer"],
  ["409 AlreadyExists", answer(409, "AlreadyExists"), "already exists", "conflict, answer"],
  ["410 of the API server", answer(410), "expired", "answer"],
  ["422 of the API server", answer(422), "invalid", "refusal, answer"],
  ["500 of the API server", answer(500), "failed", "answer"],
  [
    "no way to the API server",
    new KubeError("no", { status: 0, reason: "Unreachable" }),
    "unavailable",
    "",
  ],
  [
    "an answer that is too large",
    new KubeError("no", { status: 200, reason: TOO_LARGE }),
    "too large",
    "",
  ],
  ["a silent Patroni", new PatroniError("no", 0), "unavailable", ""],
  ["503 of Patroni", new PatroniError("no", 503), "failed", "answer"],
  ["a token that the Teams API does not take", new TeamsError("no", 401), "unauthorized", "answer"],
  [
    "a wrong password",
    sqlError(TARGET, { what: "connect" }, { code: "28P01" }),
    "unauthorized",
    "answer",
  ],
  [
    "a password rule that refuses a host",
    sqlError(TARGET, { what: "connect" }, { code: "28000" }),
    "failed",
    "answer",
  ],
  ["a broken statement", sqlError(TARGET, { what: "run" }, { code: "42601" }), "failed", "answer"],
  [
    "a server that is not there",
    sqlError(TARGET, { what: "connect" }, { code: "ECONNREFUSED" }),
    "unavailable",
    "",
  ],
  ["a fault of our own", new TypeError("x is undefined"), undefined, ""],
  ["something that only looks like it", { status: 409 }, undefined, ""],
];

for (const [name, error, kind, answers] of CASES) {
  Deno.test(`${name} counts as ${kind ?? "no failure of a port"}`, () => {
    assert.equal(failureKind(error), kind);
    const questions = { conflict: isConflict, refusal: isRefusal, answer: isAnswer };
    const yes = Object.entries(questions).filter(([, ask]) => ask(error)).map(([name]) => name);
    assert.equal(yes.join(", "), answers);
  });
}
