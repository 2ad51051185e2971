/**
 * Sends core/v1 Events. Repeated ones are counted up instead of made again, as the Go client's
 * recorder does. Layer: client of the API server, implements the pass's port.
 *
 * An Event is news, not state: sending never holds up a pass, and what cannot be sent is logged.
 */

import type { EventNote, EventSink, KubeWriter } from "../../ports/ports.ts";
import type { Logger } from "../../log/logger.ts";
import { typedWriter } from "../../ports/client.gen.ts";
import { isNotFound } from "./errors.ts";
import type { Event, KubeObject } from "../../kubernetes/types.gen.ts";
import { BoundedMap } from "../../lib/bounded_map.ts";
import { timestamp } from "../../lib/timestamp.ts";

export interface EventOptions {
  readonly writer: KubeWriter;
  readonly logger: Logger;
  /** `CONTROLLER_ID`: becomes a part of the source's name. */
  readonly controllerId?: string;
  readonly now: () => Date;
}

/** The port, and how to end it. */
export interface EventRecorder extends EventSink {
  /** Resolves when all Events so far were sent or given up. */
  drained(): Promise<void>;
  /** Drops what waits, ends what is under way. */
  stop(): Promise<void>;
}

/** What is known of an Event that was sent. */
interface Sent {
  readonly name: string;
  readonly count: number;
}

interface Waiting {
  readonly about: KubeObject;
  readonly note: EventNote;
  readonly time: Date;
}

const MOST_WAITING = 1_000;
const MOST_REMEMBERED = 4_096;
/** The API server refuses longer ones in events.k8s.io. */
const MAX_MESSAGE_LENGTH = 1_024;

/** Starts the recorder. */
export function createEventRecorder(options: EventOptions): EventRecorder {
  const waiting: Waiting[] = [];
  const sent = new BoundedMap<string, Sent>(MOST_REMEMBERED);
  const stopping = new AbortController();
  let sending: Promise<void> | undefined;

  async function sendAll(): Promise<void> {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      if (stopping.signal.aborted) break;
      await sendOne(options, { sent, signal: stopping.signal }, next).catch((error) => {
        if (stopping.signal.aborted) return;
        options.logger.warn(
          `cannot send Event ${next.note.reason}: ${
            error instanceof Error ? error.message : error
          }`,
        );
      });
    }
    sending = undefined;
  }

  return {
    emit(about, note) {
      if (stopping.signal.aborted) return;
      if (waiting.length >= MOST_WAITING) {
        options.logger.warn(`too many Events wait; dropped ${note.reason}: ${note.message}`);
        return;
      }
      waiting.push({ about, note, time: options.now() });
      sending ??= sendAll();
    },
    drained: () => sending ?? Promise.resolve(),
    async stop() {
      waiting.length = 0;
      stopping.abort(new DOMException("the recorder was stopped", "AbortError"));
      await sending;
    },
  };
}

async function sendOne(
  options: EventOptions,
  { sent, signal }: { sent: Map<string, Sent>; signal: AbortSignal },
  { about, note, time }: Waiting,
): Promise<void> {
  const key = JSON.stringify([
    about.kind,
    about.metadata.uid,
    note.type,
    note.reason,
    note.message,
  ]);
  const before = sent.get(key);
  const namespace = about.metadata.namespace ?? "default";
  const { events } = typedWriter(options.writer);
  if (before !== undefined) {
    const count = before.count + 1;
    const body = { count, lastTimestamp: timestamp(time) };
    try {
      await events.patch({ namespace, name: before.name }, { type: "merge", body }, signal);
      sent.set(key, { ...before, count });
      return;
    } catch (error) {
      // Events live an hour: the one we know has ended.
      if (!isNotFound(error)) throw error;
    }
  }
  const event = eventOf(about, note, { time, ...componentOf(options) });
  await events.create(event, signal);
  sent.set(key, { name: event.metadata.name ?? "", count: 1 });
}

function componentOf({ controllerId }: EventOptions): { component: string } {
  return { component: controllerId ? `postgres-operator/${controllerId}` : "postgres-operator" };
}

/** A new Event about an object; its name ends in the time, which makes it unique. */
export function eventOf(
  about: KubeObject,
  note: EventNote,
  { time, component }: { time: Date; component: string },
): Event {
  const { namespace, name, uid, resourceVersion } = about.metadata;
  const stamp = timestamp(time);
  const message = note.message.length > MAX_MESSAGE_LENGTH
    ? note.message.slice(0, MAX_MESSAGE_LENGTH - 1) + "…"
    : note.message;
  return {
    apiVersion: "v1",
    kind: "Event",
    metadata: {
      name: `${name}.${uniqueHex(time)}`,
      namespace: namespace ?? "default",
    },
    involvedObject: {
      apiVersion: about.apiVersion,
      kind: about.kind,
      ...(namespace === undefined ? {} : { namespace }),
      name: name ?? "",
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    },
    type: note.type,
    reason: note.reason,
    message,
    source: { component },
    reportingComponent: component,
    reportingInstance: "",
    firstTimestamp: stamp,
    lastTimestamp: stamp,
    count: 1,
  };
}

let lastStamp = 0n;

/** Nanoseconds in hex as the Go client writes them; never the same twice. */
function uniqueHex(time: Date): string {
  const stamp = BigInt(time.getTime()) * 1_000_000n;
  lastStamp = stamp > lastStamp ? stamp : lastStamp + 1n;
  return lastStamp.toString(16);
}
