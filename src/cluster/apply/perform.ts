/** Performs one action through its port: the one switch over `Action.kind`. */

import { plainText } from "../../lib/plain_text.ts";
import type {
  EventSink,
  KubeWriter,
  PatroniApi,
  PodExec,
  SqlConnector,
  SqlSession,
} from "../../ports/ports.ts";
import type { KubeObject } from "../../kubernetes/types.gen.ts";
import type { CloudVolumes } from "../../ports/cloud.ts";
import { describeRef, type ExecRequest, refOf, type SqlText } from "../../ports/requests.ts";
import type { Action } from "../plan/steps/action.ts";
import { runUpgrade } from "./upgrade.ts";
import type { Span } from "../../ports/tracing.ts";

/** Everything that can change something. */
export interface Writers {
  readonly kube: KubeWriter;
  readonly events: EventSink;
  readonly patroni: PatroniApi;
  readonly sql: SqlConnector;
  readonly exec: PodExec;
  /** Of the pass; each step gets one below it. Absent where nobody follows. */
  readonly span?: Span;
  readonly volumes: Pick<CloudVolumes, "modify">;
}

/**
 * Performs an action about the cluster `owner`; gives the object that was written as the API server
 * stored it. Throws what the port throws.
 */
export async function perform(
  action: Action,
  writers: Writers,
  owner: KubeObject,
  signal: AbortSignal,
): Promise<KubeObject | undefined> {
  switch (action.kind) {
    case "create":
      return await writers.kube.create(action.object, signal);
    case "patch":
      return await patch(action, writers.kube, signal);
    case "replace":
      return await writers.kube.replace(action.object, signal);
    case "recreate":
      return await recreate(action, writers.kube, signal);
    default:
      await act(action, writers, owner, signal);
      return undefined;
  }
}

type Write = Extract<Action, { kind: "create" | "patch" | "replace" | "recreate" }>;

/** What is no write of an object. */
async function act(
  action: Exclude<Action, Write>,
  writers: Writers,
  owner: KubeObject,
  signal: AbortSignal,
): Promise<void> {
  switch (action.kind) {
    case "delete":
      await remove(action, writers.kube, signal);
      return;
    case "sql":
      await runStatements(action, writers.sql, signal);
      return;
    case "patroni":
      await writers.patroni.send(action.pod, action.request, signal);
      return;
    case "exec":
      await runCommand(action.request, writers.exec, signal);
      return;
    case "modifyVolume":
      await writers.volumes.modify(action.request, signal);
      return;
    case "upgrade":
      await runUpgrade(action.request, writers.exec, signal);
      return;
    case "event":
      writers.events.emit(owner, action.note);
      return;
    default:
      action satisfies never;
  }
}

/**
 * Patches an object; one that the operator's role may not patch is recreated where the action allows
 * it. Any other refusal is one: whoever refuses a patch for a moment has no object deleted.
 */
async function patch(
  { request, orRecreate }: Extract<Action, { kind: "patch" }>,
  kube: KubeWriter,
  signal: AbortSignal,
): Promise<KubeObject> {
  if (orRecreate === undefined) return await kube.patch(request, signal);
  if (await kube.mayPatch(request.target, signal)) return await kube.patch(request, signal);
  return await recreate({ ...orRecreate, propagation: "Background" }, kube, signal);
}

async function remove(
  { request, successor }: Extract<Action, { kind: "delete" }>,
  kube: KubeWriter,
  signal: AbortSignal,
): Promise<void> {
  if (successor !== undefined) await requirePossible(successor, kube, signal);
  await kube.delete(request, signal);
}

/** What is deleted to come again must be able to come again. Throws where it is refused for good. */
async function requirePossible(
  successor: KubeObject,
  kube: KubeWriter,
  signal: AbortSignal,
): Promise<void> {
  const refusal = await kube.tryCreate(successor, signal);
  if (refusal === undefined) return;
  const what = describeRef(refOf(successor));
  const text =
    `cannot delete ${what}: the API server would refuse the one that follows: ${refusal}`;
  throw Object.assign(new Error(text), { status: 422 });
}

async function recreate(
  action: Omit<Extract<Action, { kind: "recreate" }>, "kind">,
  kube: KubeWriter,
  signal: AbortSignal,
): Promise<KubeObject> {
  const request = {
    target: refOf(action.object),
    propagation: action.propagation,
    preconditions: { uid: action.uid },
  };
  await requirePossible(action.object, kube, signal);
  await kube.delete(request, signal);
  await kube.awaitGone(request, signal);
  return await kube.create(action.object, signal);
}

async function runCommand(
  request: ExecRequest,
  exec: PodExec,
  signal: AbortSignal,
): Promise<void> {
  const { exitCode, stderr } = await exec.exec(request, signal);
  if (exitCode === 0) return;
  const where =
    `container ${request.container} of pod ${request.pod.namespace}/${request.pod.name}`;
  throw new Error(
    `cannot run a command in ${where}: exit code ${exitCode}: ${
      plainText(stderr, { known: [where], limit: 400 })
    }`,
  );
}

async function runStatements(
  action: Extract<Action, { kind: "sql" }>,
  sql: SqlConnector,
  signal: AbortSignal,
): Promise<void> {
  const session = await sql.open(action.target, signal);
  try {
    if (action.mode === "autocommit") await runEach(session, action.statements);
    else await runTransaction(session, action.statements);
  } finally {
    await session.close();
  }
}

async function runEach(session: SqlSession, statements: readonly SqlText[]): Promise<void> {
  for (const statement of statements) await session.query(statement);
}

async function runTransaction(session: SqlSession, statements: readonly SqlText[]): Promise<void> {
  await session.query({ text: "BEGIN", purpose: "begin" });
  await runEach(session, statements);
  await session.query({ text: "COMMIT", purpose: "commit" });
}

/** Where an action takes place, for error messages. */
export function describeAction(action: Action): string {
  switch (action.kind) {
    case "create":
    case "replace":
    case "recreate":
      return `${action.kind} ${describeRef(refOf(action.object))}`;
    case "patch":
    case "delete":
      return `${action.kind} ${describeRef(action.request.target)}`;
    case "sql":
      return `change database ${action.target.database} of ${action.target.cluster}`;
    case "patroni":
      return `${action.request.call} through Patroni on ${action.pod.name}`;
    case "exec":
      return `run a command in ${action.request.pod.name}`;
    case "modifyVolume":
      return `modify volume ${action.request.id}`;
    case "upgrade":
      return `upgrade ${action.request.userId.pod.name} to ${action.request.to}`;
    case "event":
      return `tell ${action.note.reason}`;
  }
}
