/** Whatever a peer says to a request, its error repeats no word that may be a secret. */

import assert from "node:assert/strict";
import { errorOfAnswer } from "../../src/clients/kube/errors.ts";
import { exitCodeOf } from "../../src/clients/kube/streams/exec.ts";
import { createPatroniApi } from "../../src/clients/patroni/client.ts";
import { sqlError } from "../../src/clients/postgres/errors.ts";
import { createTeamsApi } from "../../src/clients/teams/client.ts";
import { perform, type Writers } from "../../src/cluster/apply/perform.ts";
import { upgradeRequest } from "../../src/cluster/plan/upgrade/attempt.ts";
import { Sensitive } from "../../src/lib/sensitive.ts";
import { pod } from "../../src/testing/pod_fixture.ts";

const MARKER = "zq7x";
const TEXTS = [
  `Invalid value: "${MARKER}": must be less`,
  `the password ${MARKER} is wrong`,
  `postgres://u:${MARKER}@h/db refused`,
  `key=${MARKER}`,
  `'${MARKER} and more'`,
  `line one\nlevel=info msg="${MARKER}"`,
  JSON.stringify({ kind: "Status", message: MARKER, reason: "Invalid", code: 422 }),
  JSON.stringify({ error: `no ${MARKER}` }),
  MARKER.repeat(10_000),
];

const { signal } = new AbortController();
const POD = { namespace: "n", name: "acid-shop-0", ip: "10.0.0.1" };
const OWNER = { apiVersion: "v1", kind: "Pod", metadata: { namespace: "n", name: "a" } };
const EXEC = { pod: POD, container: "postgres", command: ["true"] };
const TARGET = {
  namespace: "n",
  cluster: "acid-shop",
  database: "shop",
  user: "postgres",
  password: new Sensitive("zq7xpassword"),
};

function answering(text: string, status: number): () => Promise<Response> {
  return () => Promise.resolve(new Response(text, { status }));
}

function exec(text: string, userId = "0\n") {
  const run = ({ command }: { readonly command: readonly string[] }) => {
    const first = command.join(" ").endsWith("id -u") ? { stdout: userId, exitCode: 0 } : {};
    return Promise.resolve({ exitCode: 1, stdout: text, stderr: text, ...first });
  };
  return { exec: { exec: run } } as unknown as Writers;
}

/** By peer: what is thrown when it says a text. */
const PEERS: Readonly<Record<string, (text: string) => unknown>> = {
  "the API server refuses": (text) =>
    Promise.reject(errorOfAnswer("cannot create Pod n/a", 422, text)),
  "an admission webhook denies": (text) => {
    const body = JSON.stringify({ kind: "Status", message: text, reason: "Forbidden", code: 403 });
    return Promise.reject(errorOfAnswer("cannot create Pod n/a", 403, body));
  },
  "a kubelet cannot run a command": (text) =>
    exitCodeOf(JSON.stringify({ status: "Failure", message: text, code: 500 }), "cannot run"),
  "a command fails": (text) => perform({ kind: "exec", request: EXEC }, exec(text), OWNER, signal),
  "an upgrade fails": (text) => {
    const request = upgradeRequest(pod("a-0"), 1, { from: 160000, to: 170000 });
    return perform({ kind: "upgrade", request }, exec(text), OWNER, signal);
  },
  "an upgrade has no user": (text) => {
    const request = upgradeRequest(pod("a-0"), 1, { from: 160000, to: 170000 });
    return perform({ kind: "upgrade", request }, exec(text, text), OWNER, signal);
  },
  "Patroni refuses": (text) =>
    createPatroniApi({ send: answering(text, 500) }).getConfig(POD, signal),
  "Patroni lies": (text) =>
    createPatroniApi({ send: answering(text, 200) }).getCluster(POD, signal),
  "Patroni cannot be reached": (text) =>
    createPatroniApi({ send: () => Promise.reject(new Error(text)) }).getMember(POD, signal),
  "the Teams API refuses": (text) => teams(answering(text, 500)),
  "the Teams API lies": (text) => teams(answering(`[${text}`, 200)),
  "the Teams API cannot be reached": (text) => teams(() => Promise.reject(new Error(text))),
  "PostgreSQL refuses": (text) => {
    const thrown = Object.assign(new Error(text), { code: "42601", detail: text, hint: text });
    return Promise.reject(sqlError(TARGET, { what: "create role a" }, thrown));
  },
};

function teams(send: () => Promise<Response>): Promise<unknown> {
  const token = () => Promise.resolve(new Sensitive("zq7xtoken"));
  return createTeamsApi({ url: "https://teams", token, send }).members("acid", signal);
}

for (const [peer, say] of Object.entries(PEERS)) {
  Deno.test(`where ${peer}, the message repeats nothing that may be a secret`, async () => {
    for (const text of TEXTS) {
      const error = await Promise.resolve().then(() => say(text)).then(
        () => assert.fail(`${JSON.stringify(text.slice(0, 40))} is no failure`),
        (thrown: Error) => thrown,
      );
      if (error instanceof assert.AssertionError) throw error;
      const shown = [error.message, error.stack ?? ""].join("\n");
      assert.doesNotMatch(shown.replaceAll(/\n\s+at .*/g, ""), /zq7x/);
      assert.ok(!error.message.includes("\n"), "an error is one line");
    }
  });
}
