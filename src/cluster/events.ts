/**
 * Every Event of a cluster: an id for the code, reason, type and text for people. Nothing reads the
 * text of an Event; what has to know that one was sent asks for its id. Pure.
 *
 * Reasons and most texts are Zalando's, because people filter by them:
 * pkg/cluster/cluster.go, pod.go, sync.go, majorversionupgrade.go; pkg/controller/postgresql.go
 */

import type { EventNote } from "../ports/ports.ts";

/** An Event of this table. */
export interface ClusterEvent extends EventNote {
  readonly id: EventId;
}

export type EventId = keyof typeof EVENTS;

/** A switchover as its Events name it: both pods, and when Patroni makes it; empty for at once. */
export interface SwitchoverText {
  readonly parts: string;
  readonly at: string;
}

/** The pass that failed, as the reasons of Events name it. */
export type FailedPhase = "Create" | "Update" | "Sync" | "Delete";

const EVENTS = {
  creationBegun: () => normal("Create", "Started creation of new cluster resources"),
  deletionBegun: () => normal("Delete", "Started deletion of cluster resources"),
  failed: (phase: FailedPhase, message: string) => warning(phase, message),
  manifestRefused: (message: string) => warning("Create", message),
  /** What resolving a manifest wants a person to know; each has a reason of its own. */
  noticed: (type: EventNote["type"], reason: string, message: string) => ({
    type,
    reason,
    message,
  }),
  leftAsItIs: (message: string) => warning("LeftAsItIs", message),
  overridden: (message: string) => warning("Overridden", message),
  restartsPrevented: (message: string) => warning("RestartLoopPrevented", message),
  userNameCompleted: (message: string) => normal("Secrets", message),
  serviceCreated: (name: string, role: string) =>
    normal("Services", `The service "${name}" for role ${role} has been successfully created`),
  endpointsCreated: (name: string, role: string) =>
    normal("Endpoints", `The endpoint "${name}" for role ${role} has been successfully created`),
  statefulSetCreated: (name: string) =>
    normal("StatefulSet", `Statefulset "${name}" has been successfully created`),
  podsReady: () => normal("StatefulSet", "Pods are ready"),
  rollingUpdateBegun: () => normal("Update", "Performing rolling update"),
  rollingUpdateDone: () => normal("Update", "Rolling update done - pods have been recreated"),
  serverRestartBegun: (pod: string) => normal("Update", `restarting Postgres server within ${pod}`),
  serverRestarted: (pod: string) => normal("Update", `Postgres server restart done for ${pod}`),
  switchoverBegun: ({ parts }: SwitchoverText) => normal("Switchover", `Switching over ${parts}`),
  switchoverAccepted: ({ parts, at }: SwitchoverText) =>
    normal(
      "Switchover",
      at === "" ? `Successfully switched over ${parts}` : `Scheduled switchover ${parts} at ${at}`,
    ),
  requestAnswered: (message: string, well: boolean) =>
    well ? normal("Request", message) : warning("Request", message),
  upgradeBegun: (pod: string, pods: number) =>
    normal(UPGRADE, `starting major version upgrade on pod ${pod} of ${pods} pods`),
  upgradeFailed: (message: string) => warning(UPGRADE, message),
  upgradeFinished: (message: string) => normal(UPGRADE, message),
} satisfies Record<string, (...given: never[]) => EventNote>;

const UPGRADE = "Major Version Upgrade";

/** The Event of an id, with what its text needs to know. */
export function clusterEvent<Id extends EventId>(
  id: Id,
  ...given: Parameters<(typeof EVENTS)[Id]>
): ClusterEvent {
  const note = EVENTS[id] as (...given: Parameters<(typeof EVENTS)[Id]>) => EventNote;
  return { id, ...note(...given) };
}

function normal(reason: string, message: string): EventNote {
  return { type: "Normal", reason, message };
}

function warning(reason: string, message: string): EventNote {
  return { type: "Warning", reason, message };
}
