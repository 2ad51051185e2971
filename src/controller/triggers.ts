/**
 * From a change that a cache learned of to the clusters that have to be looked at; pure. Changes
 * that no pass would act on (Patroni renewing its lock, status counters) lead to nothing.
 */

import { RESOURCES } from "../ports/resources.gen.ts";
import { isOf } from "../ports/typed.ts";
import type { KubeObject, Pod } from "../kubernetes/types.gen.ts";
import { nodeTraits } from "../cluster/observed/nodes.ts";
import { waitsForRestart } from "../cluster/observed/pods.ts";
import { ownValue } from "../lib/own_value.ts";
import type { Cause } from "./queue_item.ts";

/** A change of one object; the same shape as the caches give. */
export interface Change {
  readonly type: "apply" | "delete";
  readonly object: KubeObject;
  readonly old?: KubeObject | undefined;
}

/** What one change asks for. */
export interface Trigger {
  readonly key: string;
  readonly cause: Cause;
}

/** Clusters that a change may concern, as the controller knows them. */
export interface KnownClusters {
  readonly clusterNameLabel: string;
  has(key: string): boolean;
  inNamespace(namespace: string): readonly string[];
  all(): readonly string[];
  /** Clusters that read this object although it does not carry their label. */
  dependents(object: KubeObject): readonly string[];
}

/** Kinds of Patroni's own objects, which change every few seconds. */
const LOCK_KINDS: readonly string[] = ["ConfigMap", "Endpoints"];

/** The passes that a change asks for. */
export function triggersOf(change: Change, known: KnownClusters): Trigger[] {
  const { object } = change;
  const { namespace = "", name = "" } = object.metadata;
  if (object.kind === "postgresql") {
    const waiting = change.type === "delete" ? known.dependents(object) : [];
    return [...manifestTriggers(change, `${namespace}/${name}`), ...queued(waiting, "object")];
  }
  if (!matters(change)) return [];
  if (object.kind === "PostgresTeam") return queued(known.all(), "object");
  if (object.kind === "ServiceAccount" || object.kind === "RoleBinding") {
    return queued(known.inNamespace(namespace), "object");
  }
  const cluster = ownValue(object.metadata.labels, known.clusterNameLabel);
  const own = cluster === undefined ? undefined : `${namespace}/${cluster}`;
  // Others may wait for the name of this one, or be made from it.
  const dependents = known.dependents(object);
  if (own === undefined || !known.has(own)) return queued(dependents, "object");
  return queued([own, ...dependents.filter((key) => key !== own)], "object");
}

function queued(keys: readonly string[], cause: Cause): Trigger[] {
  return keys.map((key) => ({ key, cause }));
}

/** A manifest counts when its spec, labels, annotations, owners or deletion changed. */
function manifestTriggers({ type, object, old }: Change, key: string): Trigger[] {
  if (type === "delete") return [{ key, cause: "delete" }];
  if (old === undefined || old.metadata.uid !== object.metadata.uid) return [{ key, cause: "add" }];
  if (object.metadata.deletionTimestamp !== undefined) return [{ key, cause: "delete" }];
  return same(manifestParts(old), manifestParts(object)) ? [] : [{ key, cause: "update" }];
}

function manifestParts({ metadata }: KubeObject): unknown {
  const { generation, labels, annotations, ownerReferences, finalizers } = metadata;
  return [generation, labels, annotations, ownerReferences, finalizers];
}

/** True when a pass could act on the change. */
export function matters({ type, object, old }: Change): boolean {
  if (type === "delete" || old === undefined || old.metadata.uid !== object.metadata.uid) {
    return true;
  }
  return !same(relevant(old), relevant(object));
}

/** The parts of an object that a pass looks at. */
function relevant(object: KubeObject): unknown {
  const { labels, annotations, ownerReferences, finalizers, deletionTimestamp, generation } =
    object.metadata;
  const base = [labels, ownerReferences, finalizers, deletionTimestamp];
  if (LOCK_KINDS.includes(object.kind)) {
    const ours = object.metadata.labels?.["spilo-role"] === undefined;
    return [...base, ours && object.kind === "ConfigMap" ? object["data"] : undefined];
  }
  if (isOf(RESOURCES.Pod, object)) return [...base, podParts(object)];
  // A node tells of itself all the time; only whether it is being drained counts.
  if (isOf(RESOURCES.Node, object)) return nodeTraits(object);
  if (generation !== undefined) return [...base, annotations, generation];
  return [...base, annotations, object["spec"], object["data"]];
}

/** Patroni writes its position in the WAL into an annotation; only a pending restart counts. */
function podParts(pod: Pod): unknown {
  const { status: _patroni, ...annotations } = pod.metadata.annotations ?? {};
  const { phase, podIP, containerStatuses, conditions } = pod.status ?? {};
  return [
    annotations,
    waitsForRestart(pod),
    phase,
    podIP,
    containerStatuses?.map(({ name, state, ready }) => [name, Object.keys(state ?? {}), ready]),
    conditions?.find(({ type }) => type === "Ready")?.status,
    pod.spec?.nodeName,
  ];
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
