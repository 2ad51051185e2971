/** What an answer to a dry run tells of the object: each row is an answer of a real API server. */

import assert from "node:assert/strict";
import { errorOfAnswer, KubeError, refusalOf } from "./errors.ts";

const ATTEMPT = "cannot create Pod shop/acid-orders-1";
const status = (code: number, message: string) =>
  errorOfAnswer(ATTEMPT, code, JSON.stringify({ kind: "Status", code, message }));

const ROWS: readonly { given: string; error: unknown; refused: RegExp | undefined }[] = [
  {
    given: "a webhook that denies",
    error: status(
      403,
      'admission webhook "validate.kyverno.svc" denied the request: no such label',
    ),
    refused: /denied the request/,
  },
  {
    given: "a webhook that denies with a bad request",
    error: status(400, 'admission webhook "policy.example" denied the request: no'),
    refused: /denied the request/,
  },
  {
    given: "pod security",
    error: status(403, 'pods "acid-orders-1" is forbidden: violates PodSecurity "restricted"'),
    refused: /is forbidden/,
  },
  {
    given: "an invalid pod",
    error: status(422, 'Pod "acid-orders-1" is invalid: spec.priorityClassName: Not found'),
    refused: /is invalid/,
  },
  {
    given: "a webhook that does not answer",
    error: status(500, "Internal error occurred: failed calling webhook: connection refused"),
    refused: /failed calling webhook/,
  },
  {
    given: "a role without the right",
    error: status(
      403,
      'pods is forbidden: User "system:serviceaccount:default:postgres-operator" cannot create ' +
        'resource "pods" in API group "" in the namespace "shop"',
    ),
    refused: undefined,
  },
  {
    given: "a quota that still counts the predecessor",
    error: status(
      403,
      'pods "acid-orders-1" is forbidden: exceeded quota: pods, requested: pods=1',
    ),
    refused: undefined,
  },
  {
    given: "a name that is taken",
    error: status(409, 'pods "acid-orders-1" already exists'),
    refused: undefined,
  },
  { given: "no namespace", error: status(404, "not found"), refused: undefined },
  { given: "too many requests", error: status(429, "too many requests"), refused: undefined },
  {
    given: "no answer",
    error: new KubeError(`${ATTEMPT}: no answer`, { status: 0, reason: "Timeout" }),
    refused: undefined,
  },
  { given: "a fault of our own", error: new TypeError("x"), refused: undefined },
];

for (const { given, error, refused } of ROWS) {
  Deno.test(`a dry run, given ${given}: ${refused === undefined ? "nobody can tell" : "refused"}`, () => {
    const found = refusalOf(error);
    if (refused === undefined) assert.equal(found, undefined);
    else assert.match(found ?? "", refused);
  });
}
