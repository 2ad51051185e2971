/** The last Events of every cluster, kept as they are sent: showing them asks nobody. */

import type { EventView } from "../../debug/overview_shapes.ts";
import type { EventSink } from "../../ports/ports.ts";

/** Events that are kept of one cluster. */
const KEPT = 30;

export interface EventRing {
  /** Passes every Event on and keeps a copy. */
  readonly sink: EventSink;
  /** Events of `namespace/name`, oldest first. */
  of(cluster: string): readonly EventView[];
  /** Drops the Events of a cluster that is gone. */
  forget(cluster: string): void;
}

/** Makes a ring in front of a sink. */
export function createEventRing(sink: EventSink, now: () => Date): EventRing {
  const clusters = new Map<string, EventView[]>();
  return {
    sink: {
      emit(about, { type, reason, message }) {
        sink.emit(about, { type, reason, message });
        const key = `${about.metadata.namespace}/${about.metadata.name}`;
        const kept = clusters.get(key) ?? [];
        clusters.set(
          key,
          [...kept, { at: now().toISOString(), type, reason, message }].slice(-KEPT),
        );
      },
    },
    of: (cluster) => clusters.get(cluster) ?? [],
    forget: (cluster) => void clusters.delete(cluster),
  };
}
