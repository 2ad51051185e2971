/**
 * Asks the operator for an action by an annotation of the manifest, and waits for the answer in its
 * status. What is asked survives the command, the operator and the terminal.
 */

import type { Postgresql, PostgresqlRequest } from "../../api/types.gen.ts";
import { readRequest, REQUEST_PREFIX } from "../../cluster/effective/requests.ts";
import { RESOURCES } from "../../ports/resources.gen.ts";
import { refTo } from "../../ports/typed.ts";
import { readCluster } from "../read.ts";
import { CommandError, type Session } from "../session.ts";

export interface Question {
  readonly cluster: string;
  readonly what: string;
  /** `to=acid-orders-1`, … */
  readonly arguments: readonly string[];
  readonly waits: boolean;
  readonly timeoutMs: number;
}

const POLL_MS = 1000;
/** An operator that is there answers within this time, if only that it waits. */
const SILENCE_MS = 30_000;
const ENDS: readonly string[] = ["done", "failed", "refused", "active"];

/** Asks; the exit code is 0 once it is done or holds. @throws CommandError */
export async function ask(session: Session, question: Question): Promise<number> {
  const { what, cluster } = question;
  const id = idOf(session.now());
  const value = [id, ...question.arguments].join(",");
  const read = readRequest(what, value);
  if ("problem" in read) throw new CommandError(`${what}: ${read.problem}`);
  await annotate(session, cluster, { [REQUEST_PREFIX + what]: value });
  session.terminal.complain(`${what} ${id} is asked for\n`);
  return question.waits ? await waitForAnswer(session, question, id) : 0;
}

/** Takes annotations of requests away that hold as long as they are there. */
export async function resume(session: Session, cluster: string): Promise<number> {
  const { metadata } = await readCluster(session, cluster);
  const keys = ["pause", "hibernate"].map((what) => REQUEST_PREFIX + what)
    .filter((key) => metadata.annotations?.[key] !== undefined);
  if (keys.length === 0) throw new CommandError(`${cluster} is neither paused nor hibernating`);
  await annotate(session, cluster, Object.fromEntries(keys.map((key) => [key, null])));
  const ended = keys.map((key) => key.slice(REQUEST_PREFIX.length)).join(" and ");
  session.terminal.print(`${cluster}: ${ended} ends\n`);
  return 0;
}

async function annotate(
  { kube, namespace, signal }: Session,
  name: string,
  annotations: Readonly<Record<string, string | null>>,
): Promise<void> {
  const body = { metadata: { annotations } };
  await kube.patch(refTo(RESOURCES.Postgresql, { namespace, name }), {
    type: "merge",
    body,
    signal,
  });
}

/** Ids are times: they sort, and nobody asks twice for the same within a second. */
function idOf(now: Date): string {
  return now.toISOString().replace(/\.\d+Z$/, "").replaceAll(/[-:]/g, "").replace("T", "-");
}

async function waitForAnswer(session: Session, question: Question, id: string): Promise<number> {
  const { cluster, what, timeoutMs } = question;
  const beginMs = session.now().getTime();
  let told = "";
  for (;;) {
    const answer = answerOf(await readCluster(session, cluster), what, id);
    const text = answer === undefined ? "" : `${answer.state}: ${answer.message ?? ""}`;
    if (text !== "" && text !== told) session.terminal.complain(`${text}\n`);
    told = text;
    if (answer !== undefined && ENDS.includes(answer.state)) {
      return answer.state === "done" || answer.state === "active" ? 0 : 1;
    }
    const waitedMs = session.now().getTime() - beginMs;
    if (answer === undefined && waitedMs > SILENCE_MS) {
      throw new CommandError(
        `no operator has answered within ${SILENCE_MS / 1000} s; the request stays in the ` +
          `annotation ${REQUEST_PREFIX}${what} of ${cluster}`,
      );
    }
    if (waitedMs > timeoutMs) {
      throw new CommandError(`not done within ${timeoutMs / 1000} s; it goes on without you`);
    }
    await session.wait(POLL_MS);
  }
}

function answerOf(
  { status }: Postgresql,
  what: string,
  id: string,
): PostgresqlRequest | undefined {
  return status?.requests?.find((one) => one.what === what && one.id === id);
}
