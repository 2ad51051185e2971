/** What a command's answer says about an attempt at a major upgrade. */

import assert from "node:assert/strict";
import { pod } from "../../testing/pod_fixture.ts";
import { UpgradeError, upgradeRequest } from "../plan/upgrade/attempt.ts";
import type { ExecResult } from "../../ports/requests.ts";
import { runUpgrade } from "./upgrade.ts";
import { PortError } from "../../ports/errors.ts";

const REQUEST = upgradeRequest(pod("a-0"), 3, { from: 170005, to: 180000 });

type Answer = Partial<ExecResult> | Error;

interface Row {
  readonly given: string;
  readonly userId?: Answer;
  readonly script?: Answer;
  readonly lastLine?: Answer;
  readonly want: string;
}

function refusal(message: string): Error {
  return new PortError(message, "failed");
}

const ROWS: readonly Row[] = [
  { given: "a script that succeeds", want: "done" },
  { given: "warnings of the shell", script: { stderr: "setlocale: no such locale" }, want: "done" },
  {
    given: "a script that fails",
    script: { exitCode: 1 },
    lastLine: { stdout: "ERROR: no space left\n" },
    want: "failed: upgrade from 170005 to 180000 FAILED: ERROR: no space left",
  },
  {
    given: "a script that fails without a log",
    script: { exitCode: 127, stderr: "python3: not found\n" },
    lastLine: new Error("gone"),
    want: "failed: upgrade from 170005 to 180000 FAILED: python3: not found",
  },
  {
    given: "a script that fails without a word",
    script: { exitCode: 1 },
    want: "failed: upgrade from 170005 to 180000 FAILED: exit code 1",
  },
  {
    given: "a script that may not run",
    script: refusal("error dialing backend"),
    want: "failed: upgrade from 170005 to 180000 FAILED: error dialing backend",
  },
  {
    given: "a connection that breaks",
    script: new Error("connection reset"),
    want: "lost: connection reset",
  },
  {
    given: "a check of the user that may not run",
    userId: refusal("error dialing backend"),
    want:
      "failed: checking user id to run upgrade from 170005 to 180000 FAILED: error dialing backend",
  },
  {
    given: "a user that is no number",
    userId: { stdout: "", exitCode: 126, stderr: "permission denied" },
    want: "failed: checking user id to run upgrade from 170005 to 180000 FAILED: permission denied",
  },
  {
    given: "an API server that cannot be reached before anything began",
    userId: new Error("connection refused"),
    want: "again: connection refused",
  },
];

for (const { given, want, ...row } of ROWS) {
  Deno.test(`an upgrade with ${given} is ${want}`, async () => {
    assert.equal(await attempt(row), want);
  });
}

Deno.test("a container of root hands over to postgres, another does not need to", async () => {
  const ran: string[] = [];
  await attempt({ userId: { stdout: "0\n" } }, ran);
  await attempt({ userId: { stdout: "101\n" } }, ran);
  assert.deepEqual(ran.map((program) => program.split(" ")[0]), [
    "/bin/bash",
    "/bin/su",
    "/bin/bash",
    "/bin/bash",
  ]);
});

async function attempt(row: Omit<Row, "given" | "want">, ran: string[] = []): Promise<string> {
  const exec = ({ command }: { readonly command: readonly string[] }) => {
    const text = command.join(" ");
    ran.push(text);
    const answer = text.endsWith("id -u")
      ? row.userId ?? { stdout: "0\n" }
      : text.includes("tail")
      ? row.lastLine ?? {}
      : row.script ?? {};
    if (answer instanceof Error) return Promise.reject(answer);
    return Promise.resolve({ exitCode: 0, stdout: "", stderr: "", ...answer });
  };
  try {
    await runUpgrade(REQUEST, { exec }, new AbortController().signal);
    return "done";
  } catch (error) {
    if (error instanceof UpgradeError) return `${error.result}: ${error.message}`;
    return `again: ${(error as Error).message}`;
  }
}
