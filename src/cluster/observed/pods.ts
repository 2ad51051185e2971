/** Questions asked of a cluster's pods; pure. Zalando: pkg/cluster/pod.go. */

import type { ContainerStatus, Pod } from "../../kubernetes/types.gen.ts";
import { POSTGRES_CONTAINER } from "../desired/names.ts";
import type { PodRef } from "../../ports/requests.ts";

/** Marks a pod that has to be recreated; gone with the pod. */
export const ROLLING_UPDATE_ANNOTATION = "zalando-postgres-operator-rolling-update-required";

export type PodRole = "primary" | "replica";

/** The number at the end of a StatefulSet pod's name, or undefined. */
export function ordinalOf(name: string): number | undefined {
  const digits = /-(\d+)$/.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** Sorts objects of a StatefulSet by ordinal. */
export function byOrdinal<T extends { metadata: { name?: string } }>(objects: readonly T[]): T[] {
  const key = (object: T) => ordinalOf(object.metadata.name ?? "") ?? -1;
  return [...objects].sort((a, b) => key(a) - key(b));
}

/** True when the pod waits to be recreated. */
export function isFlagged(pod: Pod): boolean {
  return pod.metadata.annotations?.[ROLLING_UPDATE_ANNOTATION] === "true";
}

/** True when Patroni, which keeps its state in an annotation, says that PostgreSQL has to restart. */
export function waitsForRestart({ metadata }: Pod): boolean {
  return /"pending_restart":\s*true/.test(metadata.annotations?.["status"] ?? "");
}

/** True once somebody asked for the pod's deletion. */
export function isTerminating(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp !== undefined;
}

/** The pod's role by the label that Patroni keeps; undefined before it has one. */
export function roleOf(pod: Pod, roleLabel: string): PodRole | undefined {
  const value = pod.metadata.labels?.[roleLabel];
  if (value === "master" || value === "primary" || value === "standby_leader") return "primary";
  return value === "replica" ? "replica" : undefined;
}

/**
 * True when PostgreSQL's own container runs. Sidecars do not count, whoever added them: one that
 * crashes, has done its work or cannot be pulled says nothing about the server beside it.
 */
export function isRunning(pod: Pod): boolean {
  const phase = pod.status?.phase;
  if (phase === "Failed" || phase === "Succeeded") return false;
  const state = postgresStatus(pod)?.state;
  if (state === undefined) return phase === undefined || phase === "Running";
  return state.waiting === undefined && state.terminated === undefined;
}

/** True when every container of the pod has been started at least once. */
export function isWholeOnce(pod: Pod): boolean {
  return pod.status?.phase !== "Pending";
}

function postgresStatus(pod: Pod): ContainerStatus | undefined {
  return pod.status?.containerStatuses?.find(({ name }) => name === POSTGRES_CONTAINER);
}

/** True when PostgreSQL runs in it, and the pod is not on its way out, has an address and a role. */
export function isMember(pod: Pod, roleLabel: string): boolean {
  return !isTerminating(pod) && isRunning(pod) && (pod.status?.podIP ?? "") !== "" &&
    roleOf(pod, roleLabel) !== undefined;
}

/** Pods with the primary's role; more than one is a fault that callers must not act through. */
export function primariesOf(pods: readonly Pod[], roleLabel: string): Pod[] {
  return pods.filter((pod) => roleOf(pod, roleLabel) === "primary" && !isTerminating(pod));
}

/** How Patroni and exec calls name a pod. */
export function podRef(pod: Pod): PodRef {
  return {
    namespace: pod.metadata.namespace ?? "",
    name: pod.metadata.name ?? "",
    ip: pod.status?.podIP ?? "",
  };
}

/** Why a pod is not a full member yet, in words. */
export function describePod(pod: Pod, roleLabel: string): string {
  const name = pod.metadata.name ?? "";
  if (isTerminating(pod)) return `${name} is being deleted`;
  const whole = isRunning(pod) && isWholeOnce(pod);
  const statuses = pod.status?.containerStatuses ?? [];
  const server = statuses.filter((status) => status.name === POSTGRES_CONTAINER);
  for (const status of whole ? server : [...server, ...statuses]) {
    const { waiting, terminated } = status.state ?? {};
    const container = `container ${status.name} of ${name}`;
    if (waiting) return `${container} waits: ${waiting.reason ?? "?"}`;
    if (terminated) return `${container} ended: ${terminated.reason ?? "?"}`;
  }
  if (!whole) return `${name} is in phase ${pod.status?.phase ?? "unknown"}`;
  if ((pod.status?.podIP ?? "") === "") return `${name} has no address`;
  if (roleOf(pod, roleLabel) === undefined) return `${name} has no role label yet`;
  return `${name} is running`;
}
