/** Takes in changes of objects: keeps what is known of each cluster up to date, and asks for passes. */

import type { KubeObject } from "../kubernetes/types.gen.ts";
import { emptyMemory } from "../cluster/pass/memory.ts";
import { owns } from "../cluster/pass/ownership.ts";
import { RESOURCES } from "../ports/resources.gen.ts";
import { isOf } from "../ports/typed.ts";
import type { Postgresql } from "../api/types.gen.ts";
import { withChange } from "./history.ts";
import type { KeyQueue } from "./queue.ts";
import type { Registry } from "./registry.ts";
import { type Change, type Trigger, triggersOf } from "./triggers.ts";

export interface IntakePorts {
  readonly registry: Registry;
  readonly queue: KeyQueue;
  readonly controllerId: string;
  readonly config: {
    readonly clusterNameLabel: string;
    readonly clusterHistoryEntries: number;
  };
  readonly now: () => Date;
  /** Drops everything that is kept of a cluster that is looked after no longer. */
  readonly forget: (key: string) => void;
}

/** Takes in one change: the clusters that it concerns get a pass. */
export function takeChange(ports: IntakePorts, change: Change): void {
  const { registry, config } = ports;
  const known = {
    clusterNameLabel: config.clusterNameLabel,
    has: (key: string) => registry.has(key),
    inNamespace: (namespace: string) => registry.inNamespace(namespace),
    all: () => registry.keys(),
    dependents: ({ kind, metadata }: KubeObject) =>
      kind === "Node"
        ? registry.onNode(metadata.name ?? "")
        : registry.dependents(`${kind} ${metadata.namespace}/${metadata.name}`),
  };
  for (const trigger of triggersOf(change, known)) takeTrigger(ports, trigger, change);
}

/** Takes in that a cluster needs a pass, and its manifest where that is what changed. */
export function takeTrigger(
  ports: IntakePorts,
  { key, cause }: Trigger,
  { object }: Pick<Change, "object">,
): void {
  const { namespace, name } = object.metadata;
  // The manifest of another cluster may ask for a pass too: its names become free.
  if (isOf(RESOURCES.Postgresql, object) && key === `${namespace}/${name}`) {
    if (!owns(ports.controllerId, object)) {
      const stop = ports.registry.get(key)?.stop;
      stop?.abort(new Error("another operator looks after the cluster"));
      ports.forget(key);
      return;
    }
    noteManifest(ports, key, object);
  }
  if (cause === "object") ports.queue.addChange(key);
  else ports.queue.add(key, cause);
}

/** A manifest with another uid is another cluster: nothing of the former one counts for it. */
function noteManifest({ registry, config, now }: IntakePorts, key: string, cr: Postgresql): void {
  const entry = registry.entry(key);
  if (entry.cr?.metadata.uid !== cr.metadata.uid) {
    entry.memory = emptyMemory();
    entry.history = [];
  } else if (entry.cr !== undefined) {
    const change = { from: entry.cr, to: cr, at: now() };
    entry.history = withChange(entry.history, change, config.clusterHistoryEntries);
  }
  entry.cr = cr;
}
