/** What the controller knows of each cluster: the manifest last seen, its memory, its last pass. */

import type { Postgresql } from "../api/types.gen.ts";
import { type ClusterMemory, emptyMemory } from "../cluster/pass/memory.ts";
import type { Plan, StepOutcome } from "../cluster/plan/steps/action.ts";
import type { Deletion } from "../cluster/plan/deletion.ts";
import type { ManifestChange } from "./history.ts";
import { KeySets } from "./key_sets.ts";
import type { Cause } from "./queue_item.ts";
import type { SeenCluster } from "./seen.ts";

/** The last pass of a cluster. */
export interface LastPass {
  readonly cause: Cause;
  readonly at: Date;
  readonly plan: Plan;
  readonly outcomes: readonly StepOutcome[];
  readonly failure: string | undefined;
  readonly seen?: SeenCluster;
}

export interface ClusterEntry {
  readonly key: string;
  /** As it was last seen; still there after its deletion, which needs it. */
  cr?: Postgresql;
  memory: ClusterMemory;
  last?: LastPass;
  /** Since when its held subjects are held, by subject and kind; ms since 1970. */
  heldSince?: ReadonlyMap<string, number>;
  /** The last plans that did something, as texts, oldest first. */
  plans: readonly string[];
  /** When a pass last ended without a failure. */
  lastSuccess?: Date;
  /** Recent changes of the manifest, oldest first. */
  history: readonly ManifestChange[];
  /** A deletion that is not finished yet. */
  deletion?: Deletion;
  /** One that a note tells of; whether it is true has still to be asked. */
  noted?: Deletion;
  /** uid of a StatefulSet without a manifest that is to be removed. */
  orphan?: string;
  /** Ends a pass after the step under way: the operator stops, or hands the cluster over. */
  readonly stop: AbortController;
  /** Worker slot and start of a pass that is under way. */
  running?: { readonly slot: number; readonly since: Date };
}

export class Registry {
  readonly #entries = new Map<string, ClusterEntry>();
  readonly #byNamespace = new KeySets();
  readonly #dependents = new KeySets();
  readonly #dependencies = new Map<string, readonly string[]>();

  /** The entry of a key, made when it is new. */
  entry(key: string): ClusterEntry {
    const known = this.#entries.get(key);
    if (known) return known;
    const entry: ClusterEntry = {
      key,
      memory: emptyMemory(),
      history: [],
      plans: [],
      stop: new AbortController(),
    };
    this.#entries.set(key, entry);
    this.#byNamespace.put(namespaceOf(key), key);
    return entry;
  }

  get(key: string): ClusterEntry | undefined {
    return this.#entries.get(key);
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  /** Forgets a cluster that is gone. */
  forget(key: string): void {
    this.#entries.delete(key);
    this.#byNamespace.remove(namespaceOf(key), key);
    this.dependsOn(key, []);
  }

  keys(): readonly string[] {
    return [...this.#entries.keys()];
  }

  inNamespace(namespace: string): readonly string[] {
    return this.#byNamespace.of(namespace);
  }

  entries(): readonly ClusterEntry[] {
    return [...this.#entries.values()];
  }

  /** Clusters whose last pass failed. */
  failed(): readonly string[] {
    return this.entries().filter(({ last }) => last?.failure !== undefined).map(({ key }) => key);
  }

  /** Clusters with a pod on a node, as their last passes saw them. */
  onNode(name: string): readonly string[] {
    return this.entries().filter(({ last }) => {
      const pods = last?.seen?.pods;
      return pods?.known === true && pods.value.some(({ spec }) => spec?.nodeName === name);
    }).map(({ key }) => key);
  }

  /** Says which objects of others (`kind namespace/name`) a cluster reads. */
  dependsOn(key: string, refs: readonly string[]): void {
    for (const ref of this.#dependencies.get(key) ?? []) this.#dependents.remove(ref, key);
    if (refs.length === 0) this.#dependencies.delete(key);
    else this.#dependencies.set(key, refs);
    for (const ref of refs) this.#dependents.put(ref, key);
  }

  /** Clusters that read an object of others. */
  dependents(ref: string): readonly string[] {
    return this.#dependents.of(ref);
  }
}

function namespaceOf(key: string): string {
  return key.split("/")[0] ?? "";
}
