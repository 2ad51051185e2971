/**
 * Why a pod, or a cluster, was disturbed, and what happened to it: from the status, from Events, and
 * from what the pods say of their containers.
 */

import type { Postgresql } from "../api/types.gen.ts";
import type { Pod } from "../kubernetes/types.gen.ts";
import { RESOURCES } from "../ports/resources.gen.ts";
import type { Observation } from "../ports/observation.ts";
import { readCluster, readEvents, readObject, readPods, type SeenEvent } from "./read.ts";
import { CommandError, type Session } from "./session.ts";
import { cut, WIDTH, wrapped } from "./table.ts";

/** One thing that happened. */
export interface Happening {
  readonly time: string;
  readonly what: string;
  readonly why: string;
  /** The input that changed, its version, and who wrote it. */
  readonly cause?: string;
}

/** Everything that happened to a cluster, oldest first; what could not be read says why. */
export interface Story {
  readonly about: string;
  readonly happenings: readonly Happening[];
  readonly unknown: readonly string[];
}

const DONE_TO: Readonly<Record<string, (pod: string) => string>> = {
  recreate: (pod) => `${pod} was to be recreated`,
  restart: (pod) => `PostgreSQL in ${pod} was restarted`,
  switchover: (pod) => `the primary was moved away from ${pod}`,
};

/** What the status says: restarts with their reasons, requests with their answers. */
export function fromStatus({ status }: Postgresql): Happening[] {
  const restarts = (status?.restarts ?? []).map(({ time, what, pod, why, cause }) => ({
    time,
    what: DONE_TO[what]?.(pod) ?? `${what} ${pod}`,
    why,
    ...(cause === undefined ? {} : { cause }),
  }));
  const requests = (status?.requests ?? []).map(({ time, what, id, state, message = "" }) => ({
    time,
    what: `request ${what} ${id}: ${state}`,
    why: message,
  }));
  return [...restarts, ...requests];
}

/** What Events say. */
export function fromEvents(events: readonly SeenEvent[]): Happening[] {
  return events.map(({ time, reason, message, object, count }) => ({
    time,
    what: `${object}: ${reason}${count > 1 ? ` (${count} times)` : ""}`,
    why: message,
  }));
}

/** How containers of a pod ended, and since when it is there. */
export function fromPod({ metadata, status }: Pod): Happening[] {
  const made = {
    time: metadata.creationTimestamp ?? "",
    what: `${metadata.name} was made`,
    why: "",
  };
  const ends = (status?.containerStatuses ?? []).flatMap(({ name, lastState, restartCount }) => {
    const { finishedAt, reason = "", exitCode } = lastState?.terminated ?? {};
    if (finishedAt === undefined || finishedAt === null) return [];
    const why = `${reason}, exit code ${exitCode}, ${restartCount} restarts in all`;
    return [{ time: finishedAt, what: `container ${name} of ${metadata.name} ended`, why }];
  });
  return [made, ...ends];
}

/** The story as lines: a time and what happened, and why below it. */
export function storyText({ about, happenings, unknown }: Story): string {
  const lines = happenings.flatMap(({ time, what, why, cause }) => [
    cut(`${time.slice(0, 19).replace("T", " ")}  ${what}`, WIDTH),
    ...(why === "" ? [] : wrapped(why, 21)),
    ...(cause === undefined ? [] : wrapped(`because of ${cause}`, 21)),
  ]);
  const missing = unknown.flatMap((text) => wrapped(`unknown: ${text}`, 0));
  const nothing = lines.length === 0 ? ["nothing is known any more; Events live an hour"] : [];
  return [`${about}, oldest first, times in UTC`, "", ...lines, ...nothing, ...missing].join("\n") +
    "\n";
}

/** Of a pod's own start; whoever asks why has seen that it runs. */
const ROUTINE: readonly string[] = ["Scheduled", "Pulling", "Pulled", "Created", "Started"];

/** The story without what every start of a pod tells. */
export function withoutRoutine(story: Story): Story {
  const routine = ({ what }: Happening) =>
    ROUTINE.some((reason) =>
      /^Pod\/\S+: /.test(what) && what.split(": ")[1]?.split(" ")[0] === reason
    );
  return { ...story, happenings: story.happenings.filter((one) => !routine(one)) };
}

/** What happened to a cluster, or to one pod of it. @throws CommandError where neither is there */
export async function readStory(session: Session, name: string): Promise<Story> {
  const { namespace } = session;
  const pod = await readObject<Pod>(session, RESOURCES.Pod, { namespace, name });
  const found = pod.known ? pod.value : undefined;
  const cluster = found === undefined ? await clusterNamed(session, name) : clusterOf(found);
  const cr = await readCluster(session, cluster);
  const [own, pods] = await Promise.all([
    readEvents(session, "postgresql", cluster),
    found === undefined ? readPods(session, cr, undefined) : undefined,
  ]);
  const members = pods === undefined ? [found!] : pods.known ? pods.value : [];
  const podEvents = await Promise.all(
    members.map(({ metadata }) => readEvents(session, "Pod", metadata.name ?? "")),
  );
  const about = (text: Happening) => found === undefined || mentions(text, name);
  const happenings = [
    ...[...fromStatus(cr), ...fromEvents(valuesOf([own]))].filter(about),
    ...fromEvents(valuesOf(podEvents)),
    ...members.flatMap(fromPod),
  ].sort((a, b) => a.time < b.time ? -1 : 1);
  const unread = [own, ...podEvents, ...(pods === undefined ? [] : [pods])]
    .flatMap((read: Observation<unknown>) => read.known ? [] : [read.reason]);
  return { about: `${namespace}/${name}`, happenings, unknown: [...new Set(unread)] };
}

function valuesOf(reads: readonly Observation<readonly SeenEvent[]>[]): SeenEvent[] {
  return reads.flatMap((read) => read.known ? [...read.value] : []);
}

/** A pod's own name, or one of the cluster as a whole: those are about each of its pods. */
function mentions({ what, why }: Happening, pod: string): boolean {
  const text = `${what} ${why}`;
  return text.includes(pod) || !/-\d+\b/.test(text);
}

function clusterOf({ metadata }: Pod): string {
  return metadata.labels?.["cluster-name"] ?? (metadata.name ?? "").replace(/-\d+$/, "");
}

/** A cluster of that name, or that of a pod which is gone. */
async function clusterNamed(session: Session, name: string): Promise<string> {
  const { namespace } = session;
  for (const one of [name, name.replace(/-\d+$/, "")]) {
    const found = await readObject<Postgresql>(session, RESOURCES.Postgresql, {
      namespace,
      name: one,
    });
    if (!found.known) throw new CommandError(found.reason);
    if (found.value !== undefined) return one;
  }
  throw new CommandError(`there is neither a pod nor a postgresql ${namespace}/${name}`);
}
