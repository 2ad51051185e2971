/**
 * `kubectl pg adopt` and `kubectl pg handback`: moves clusters from one operator to another by the
 * annotation that says whose they are. Between the two a cluster is nobody's until it is at rest, so
 * the operators never work on it together. Each step finds what the one before it has left: a command
 * that was killed is given again.
 */

import type { Postgresql } from "../../api/types.gen.ts";
import type { Pod, StatefulSet } from "../../kubernetes/types.gen.ts";
import { CONTROLLER_ANNOTATION } from "../../cluster/effective/controller.ts";
import { isFlagged } from "../../cluster/observed/pods.ts";
import { REQUEST_PREFIX } from "../../cluster/effective/requests.ts";
import { RESOURCES } from "../../ports/resources.gen.ts";
import { refTo } from "../../ports/typed.ts";
import { readCluster, readObject, readPods } from "../read.ts";
import { CommandError, type Session } from "../session.ts";

/** Whose the cluster was, so that it can go back. */
export const FORMER_ANNOTATION = "acid.zalan.do/former-controller";
/** No operator has such an id. */
const BETWEEN = "handed over ";
/** What stands for an operator without an id. */
const NO_ID = "";

const POLL_MS = 2000;
/** An operator that is there has written its status within this time. */
const SILENCE_MS = 60_000;

/** What the plan of the operator that takes over says. */
export interface PlanVerdict {
  /** As of `plan`: 0 nothing, 2 reload, 3 restart, 4 destructive, 5 refused, 1 unknown. */
  readonly exitCode: number;
  readonly why: string;
}

export interface HandOver {
  readonly what: "adopt" | "handback";
  readonly cluster: string;
  /** `CONTROLLER_ID` of the operator that gets it; empty for one without. Undefined: where it was. */
  readonly to: string | undefined;
  /** Exit codes of plans that are accepted beside 0 and 2. */
  readonly accepted: readonly number[];
  /** Asked where this operator gets it; what another one would do nobody can tell. */
  readonly plan: (cluster: string) => Promise<PlanVerdict>;
  /** How long a cluster has to be at rest before it changes hands. */
  readonly quietMs: number;
  readonly timeoutMs: number;
}

/** Moves one cluster. @throws CommandError where it must not be, or does not come to rest */
export async function handOver(session: Session, request: HandOver): Promise<void> {
  const { cluster, what } = request;
  const cr = await readCluster(session, cluster);
  const to = goalOf(cr, request);
  if (ownerOf(cr) === to) return say(session, `${cluster} is ${named(to)} already`);
  await check(session, cr, request);
  const from = moveOf(cr)?.from ?? ownerOf(cr);
  const between = textOf({ from, to });
  // Going back, the note of where to stays until the end: a killed command is given again.
  const former = what === "handback" ? { [FORMER_ANNOTATION]: to } : { [FORMER_ANNOTATION]: null };
  if (ownerOf(cr) !== between) await annotate(session, cr, { ...owner(between), ...former });
  say(session, `${cluster} is nobody's; waiting until it is at rest`);
  const quiet = await untilQuiet(session, request);
  try {
    await check(session, quiet, request);
  } catch (error) {
    await annotate(session, quiet, owner(from));
    throw error;
  }
  const note = { [FORMER_ANNOTATION]: what === "handback" ? null : from };
  await annotate(session, quiet, { ...owner(to), ...note });
  say(session, `${cluster} is ${named(to)}`);
  if (what === "adopt") await untilTakenUp(session, cluster);
}

function goalOf(cr: Postgresql, { to, cluster }: HandOver): string {
  const goal = to ?? cr.metadata.annotations?.[FORMER_ANNOTATION] ?? moveOf(cr)?.from;
  if (goal !== undefined) return goal;
  throw new CommandError(
    `nobody knows whose ${cluster} was: --to names the CONTROLLER_ID, "" an operator without one`,
  );
}

/** A cluster on its way from one operator to another. */
interface Move {
  readonly from: string;
  readonly to: string;
}

function textOf({ from, to }: Move): string {
  return BETWEEN + JSON.stringify([from, to]);
}

function moveOf(cr: Postgresql): Move | undefined {
  const text = ownerOf(cr);
  if (!text.startsWith(BETWEEN)) return undefined;
  try {
    const [from, to] = JSON.parse(text.slice(BETWEEN.length)) as unknown[];
    return typeof from === "string" && typeof to === "string" ? { from, to } : undefined;
  } catch {
    return undefined;
  }
}

function ownerOf({ metadata }: Postgresql): string {
  return metadata.annotations?.[CONTROLLER_ANNOTATION] ?? NO_ID;
}

function named(id: string): string {
  return id === NO_ID ? "that of the operator without an id" : `that of operator ${id}`;
}

/** Nothing is handed over that does not run well, or that would be disturbed. */
async function check(session: Session, cr: Postgresql, request: HandOver): Promise<void> {
  const { what, cluster, plan, accepted } = request;
  const { deletionTimestamp, annotations = {} } = cr.metadata;
  if (deletionTimestamp !== undefined) throw new CommandError(`${cluster} is being deleted`);
  const asked = Object.keys(annotations).find((key) =>
    [`${REQUEST_PREFIX}pause`, `${REQUEST_PREFIX}hibernate`].includes(key)
  );
  if (asked !== undefined) throw new CommandError(`${cluster} has ${asked}: end it first`);
  const trouble = await unrest(session, cr);
  if (trouble !== undefined) throw new CommandError(`${cluster} is not at rest: ${trouble}`);
  if (what === "handback") return;
  const { exitCode, why } = await plan(cluster);
  if ([0, 2, ...accepted].includes(exitCode)) return;
  const effect = EFFECTS[exitCode] ?? "cannot be planned";
  throw new CommandError(`${cluster} ${effect}: ${why}`);
}

const EFFECTS: Readonly<Record<number, string>> = {
  3: "would restart (--accept restart)",
  4: "would lose something for good (--accept destructive)",
  5: "would be refused",
};

/** What an operator is still doing; undefined where nothing shows. */
async function unrest(session: Session, cr: Postgresql): Promise<string | undefined> {
  const { PostgresClusterStatus: word = "" } = cr.status ?? {};
  if (word !== "Running") return `its status is ${word === "" ? "empty" : word}`;
  const pods = await podsOf(session, cr);
  const marked = pods.find(isFlagged);
  if (marked !== undefined) return `${marked.metadata.name} is marked for a restart`;
  const leaving = pods.find(({ metadata }) => metadata.deletionTimestamp !== undefined);
  return leaving === undefined ? undefined : `${leaving.metadata.name} is being deleted`;
}

/** @throws CommandError: what cannot be seen is not at rest */
async function podsOf(session: Session, cr: Postgresql): Promise<readonly Pod[]> {
  const pods = await readPods(session, cr, undefined);
  if (!pods.known) throw new CommandError(pods.reason);
  return pods.value;
}

/** The annotation that says whose a manifest is. */
function owner(id: string): Record<string, string | null> {
  return { [CONTROLLER_ANNOTATION]: id === NO_ID ? null : id };
}

/** Writes only what was read: whoever else has changed the manifest goes first. */
async function annotate(
  { kube, signal }: Session,
  { metadata }: Postgresql,
  annotations: Readonly<Record<string, string | null>>,
): Promise<void> {
  const { namespace = "", name = "", resourceVersion } = metadata;
  const body = { metadata: { resourceVersion, annotations } };
  const ref = refTo(RESOURCES.Postgresql, { namespace, name });
  await kube.patch(ref, { type: "merge", body, signal });
}

/** The manifest once nothing of the cluster has changed for a while. @throws CommandError */
async function untilQuiet(
  session: Session,
  { cluster, quietMs, timeoutMs }: HandOver,
): Promise<Postgresql> {
  const beginMs = session.now().getTime();
  let sinceMs = beginMs;
  let seen = "";
  for (;;) {
    const nowMs = session.now().getTime();
    const cr = await readCluster(session, cluster);
    const trouble = await unrest(session, cr);
    const state = JSON.stringify([trouble, await stateOf(session, cr)]);
    if (state !== seen || trouble !== undefined) sinceMs = nowMs;
    seen = state;
    if (nowMs - sinceMs >= quietMs) return cr;
    if (nowMs - beginMs > timeoutMs) {
      throw new CommandError(
        `${cluster} has not come to rest within ${timeoutMs / 1000} s` +
          `${trouble === undefined ? "" : `: ${trouble}`}; the same command goes on`,
      );
    }
    await session.wait(POLL_MS);
  }
}

/** What an operator that is at work would change. */
async function stateOf(session: Session, cr: Postgresql): Promise<unknown> {
  const { namespace = "", name = "" } = cr.metadata;
  const set = await readObject<StatefulSet>(session, RESOURCES.StatefulSet, { namespace, name });
  const pods = await podsOf(session, cr);
  return [
    cr.metadata.generation,
    set.known ? [set.value?.metadata.uid, set.value?.metadata.generation] : set.reason,
    pods.map(({ metadata }) => metadata.uid),
  ];
}

/** Waits for a status of this operator; a silent one is told, for nobody looks after the cluster. */
async function untilTakenUp(session: Session, cluster: string): Promise<void> {
  const beginMs = session.now().getTime();
  while (session.now().getTime() - beginMs <= SILENCE_MS) {
    const { status, metadata } = await readCluster(session, cluster);
    const ready = status?.conditions?.some(({ type }) => type === "Ready") === true;
    if (ready && status?.observedGeneration === metadata.generation) {
      return say(session, `${cluster}: its operator says ${status?.PostgresClusterStatus}`);
    }
    await session.wait(POLL_MS);
  }
  throw new CommandError(
    `no operator has taken ${cluster} up within ${SILENCE_MS / 1000} s: is one running with that ` +
      "CONTROLLER_ID? `handback` gives it back",
  );
}

function say({ terminal }: Session, text: string): void {
  terminal.complain(`${text}\n`);
}
