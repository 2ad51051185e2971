/**
 * Reads what there is of a cluster: exactly the objects that `desired` names, present or absent, and
 * pods and claims by label. Reads only; from watch caches where there are any.
 */

import type { KubeObject } from "../../kubernetes/types.gen.ts";
import { known, mapObservation, type Observation } from "../../ports/observation.ts";
import { typedReader } from "../../ports/client.gen.ts";
import type { KubeReader } from "../../ports/ports.ts";
import { describeRef, type ObjectRef } from "../../ports/requests.ts";
import type { ObservedCluster } from "./cluster.ts";
import { isControlledByOthers } from "./controllers.ts";
import { byOrdinal, ordinalOf } from "./pods.ts";

/** What to read of a cluster. */
export interface StateQuery {
  readonly namespace: string;
  readonly cluster: string;
  readonly refs: readonly ObjectRef[];
  /** Labels that tell Postgres pods from the cluster's other pods. */
  readonly labels: Readonly<Record<string, string>>;
  readonly poolerLabels: Readonly<Record<string, string>>;
  /** Whether the API server knows FabricEventStream. */
  readonly eventStreams: boolean;
}

/** The parts of the state that come from the API server. */
export type KubeState = Pick<
  ObservedCluster,
  "objects" | "pods" | "claims" | "poolerPods" | "eventStreams"
>;

/** Reads objects, pods and claims of one cluster. */
export async function readState(
  reader: KubeReader,
  query: StateQuery,
  signal: AbortSignal,
): Promise<KubeState> {
  const { namespace, cluster } = query;
  const typed = typedReader(reader);
  const ours = { namespace, cluster };
  const [objects, pods, claims, streams] = await Promise.all([
    readObjects(reader, query.refs, signal),
    typed.pods.ofCluster(ours, signal),
    typed.persistentVolumeClaims.ofCluster(ours, signal),
    query.eventStreams ? typed.fabricEventStreams.ofCluster(ours, signal) : known(undefined),
  ]);
  return {
    objects,
    pods: ownedBy(pods, query, cluster),
    claims: ownedBy(claims, query, `pgdata-${cluster}`),
    poolerPods: mapObservation(pods, (all) => all.filter(matches(query.poolerLabels))),
    eventStreams: streams,
  };
}

async function readObjects(
  reader: KubeReader,
  refs: readonly ObjectRef[],
  signal: AbortSignal,
): Promise<ObservedCluster["objects"]> {
  const found = new Map<string, Observation<KubeObject | undefined>>();
  await Promise.all(refs.map(async (ref) => {
    found.set(describeRef(ref), await reader.read(ref, signal));
  }));
  return found;
}

function matches(labels: Readonly<Record<string, string>>): (object: KubeObject) => boolean {
  const wanted = Object.entries(labels);
  return (object) => wanted.every(([key, value]) => object.metadata.labels?.[key] === value);
}

/** Objects of the StatefulSet, named `<prefix>-<ordinal>`, in the order of their ordinals. */
function ownedBy<T extends KubeObject>(
  objects: Observation<T[]>,
  { labels, cluster }: StateQuery,
  prefix: string,
): Observation<readonly T[]> {
  const isLabelled = matches(labels);
  const ofSet = (object: T) => {
    const { name = "" } = object.metadata;
    return name.startsWith(`${prefix}-`) && `${prefix}-${ordinalOf(name)}` === name &&
      isLabelled(object) && !isControlledByOthers(object, cluster);
  };
  return mapObservation(objects, (all) => byOrdinal(all.filter(ofSet)));
}
