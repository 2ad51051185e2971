/**
 * Looks past the caches before a deletion ends. Pods, their claims and what Patroni keeps its state
 * in are made by others, while the cluster goes down too; a cache that is behind does not show them,
 * and after the deletion nobody would look again.
 */

import type { Config } from "../../config/config.ts";
import type { KubeObject, StatefulSet } from "../../kubernetes/types.gen.ts";
import type { KubeReader } from "../../ports/ports.ts";
import { describeRef, type ObjectRef, refOf } from "../../ports/requests.ts";
import { RESOURCES } from "../../ports/resources.gen.ts";
import { type Namespaced, refTo } from "../../ports/typed.ts";
import { basicRefs, isClusterStatefulSet, labelledFor, mayBelong } from "../desired/own_objects.ts";
import { isControlledByOthers } from "../observed/controllers.ts";
import { type Deletion, isPatronis } from "../plan/deletion.ts";

export interface LastLook {
  /** Reads without a cache. */
  readonly live: KubeReader;
  readonly config: Config;
  readonly cluster: Namespaced;
  readonly deletion: Deletion;
}

/** What the API server itself shows of a cluster. */
export interface Seen {
  /** What is to be deleted, known before or not. */
  readonly objects: readonly KubeObject[];
  /** The deletion with what was not known before. */
  readonly deletion: Deletion;
  /** True where nobody can make anything any more, and nothing new was found. */
  readonly isFinal: boolean;
}

/**
 * Asks the API server what is left of a cluster.
 * @throws where it does not say: then nobody knows whether the deletion is at its end
 */
export async function lookPastCaches(look: LastLook, signal: AbortSignal): Promise<Seen> {
  const { config, cluster, deletion } = look;
  const set = await readLive(look, refTo(RESOURCES.StatefulSet, cluster), signal);
  const [members, basics] = await Promise.all([
    // Pods and claims of a StatefulSet are that one's: it may be somebody else's.
    set === undefined ? liveMembers(look, signal) : [],
    liveBasics(look, signal),
  ]);
  const sets = set !== undefined && isLostSet(set, deletion, config) ? [set] : [];
  const objects = [...sets, ...members, ...basics].filter((object) =>
    labelledFor(object, cluster.name, config) && mayBelong(refOf(object), cluster.name, config) &&
    !isControlledByOthers(object, cluster.name)
  );
  const found = objects.filter((object) => !isTarget(object, deletion, cluster.name))
    .map((object) => ({ ref: refOf(object), uid: object.metadata.uid ?? "" }));
  const isBusy = sets.length > 0 || objects.some(({ kind }) => kind === RESOURCES.Pod.kind);
  return {
    objects,
    deletion: found.length === 0
      ? deletion
      : { ...deletion, targets: [...found, ...deletion.targets] },
    isFinal: !isBusy && found.length === 0,
  };
}

/** One that the cache did not have; one that came after ours went is somebody else's. */
function isLostSet(set: KubeObject, { targets }: Deletion, config: Config): boolean {
  return !targets.some(({ ref }) => ref.kind === set.kind) &&
    isClusterStatefulSet(set as StatefulSet, config);
}

async function liveMembers(
  { live, config, cluster: { namespace, name: cluster } }: LastLook,
  signal: AbortSignal,
): Promise<readonly KubeObject[]> {
  const kinds = config.enablePersistentVolumeClaimDeletion === false
    ? [RESOURCES.Pod]
    : [RESOURCES.Pod, RESOURCES.PersistentVolumeClaim];
  const lists = await Promise.all(kinds.map(async ({ apiVersion, kind }) => {
    const listed = await live.listOfCluster({ apiVersion, kind, namespace, cluster }, signal);
    if (!listed.known) throw new Error(`cannot tell what is left of ${cluster}: ${listed.reason}`);
    return listed.value;
  }));
  return lists.flat();
}

/** Services and Patroni's objects, by name: the operator's role need not allow to list them. */
async function liveBasics(look: LastLook, signal: AbortSignal): Promise<readonly KubeObject[]> {
  const { cluster, config } = look;
  const refs = basicRefs(cluster, config).filter((ref) => isPatronis(ref, cluster.name));
  const found = await Promise.all(refs.map((ref) => readLive(look, ref, signal)));
  return found.filter((object) => object !== undefined);
}

async function readLive(
  { live }: LastLook,
  ref: ObjectRef,
  signal: AbortSignal,
): Promise<KubeObject | undefined> {
  const read = await live.read(ref, signal);
  if (!read.known) {
    throw new Error(`cannot tell whether ${describeRef(ref)} is left: ${read.reason}`);
  }
  return read.value;
}

/** What Patroni makes is known by its name, whichever uid it has. */
function isTarget(object: KubeObject, { targets }: Deletion, cluster: string): boolean {
  const name = describeRef(refOf(object));
  return targets.some(({ ref, uid }) =>
    describeRef(ref) === name && (uid === object.metadata.uid || isPatronis(ref, cluster))
  );
}
