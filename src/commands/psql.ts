/** `kubectl pg psql`: a session of the superuser inside a pod, through the API server. */

import { podRef, roleOf } from "../cluster/observed/pods.ts";
import { Sensitive } from "../lib/sensitive.ts";
import { readCluster, readPods } from "./read.ts";
import { CommandError, type Session } from "./session.ts";

export interface PsqlOptions {
  readonly replica: boolean;
  readonly database: string;
  /** One statement instead of a session. */
  readonly command: string | undefined;
  readonly arguments: readonly string[];
}

const CONTAINER = "postgres";
/** A statement given on the command line may take long. */
const LONGEST_MS = 60 * 60_000;

/** Runs psql; gives its exit code. @throws CommandError where no such pod is up */
export async function runPsql(
  session: Session,
  name: string,
  options: PsqlOptions,
): Promise<number> {
  const cr = await readCluster(session, name);
  const pods = await readPods(session, cr, undefined);
  if (!pods.known) throw new CommandError(pods.reason);
  const wanted = options.replica ? "replica" : "primary";
  const pod = pods.value.find((one) => roleOf(one, "spilo-role") === wanted);
  if (pod === undefined) throw new CommandError(`${name} has no ${wanted}`);
  const { namespace, name: podName } = podRef(pod);
  const command = ["psql", "--username=postgres", `--dbname=${options.database}`];
  const { terminal, exec, signal } = session;
  if (options.command === undefined && terminal.interactive) {
    const target = { namespace, pod: podName, container: CONTAINER };
    return await session.attach({ ...target, command: [...command, ...options.arguments] }, signal);
  }
  const input = options.command ?? await terminal.readInput();
  const { exitCode, stdout, stderr } = await exec.exec({
    pod: podRef(pod),
    container: CONTAINER,
    command: [...command, "--set=ON_ERROR_STOP=1", ...options.arguments],
    // The statement would stand in the audit log as an argument; and psql has to know its end.
    stdin: new Sensitive(`${input}\n\\q\n`),
    timeoutMs: LONGEST_MS,
  }, signal);
  terminal.print(stdout);
  terminal.complain(stderr);
  return exitCode;
}
