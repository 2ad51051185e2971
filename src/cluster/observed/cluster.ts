/**
 * What was read of one cluster: the counterpart of `DesiredCluster`. Every part is an observation,
 * so that a planner can tell "not there" from "could not be read". Types and look-ups only.
 */

import type { FabricEventStream } from "../../api/types.gen.ts";
import type { KubeObject, Node, PersistentVolumeClaim, Pod } from "../../kubernetes/types.gen.ts";
import { type Observation, unknown } from "../../ports/observation.ts";
import type { PatroniMember, PatroniMemberState } from "../../ports/ports.ts";
import { describeRef, type ObjectRef } from "../../ports/requests.ts";
import type { Resource } from "../../ports/resources.gen.ts";
import { type Namespaced, refTo } from "../../ports/typed.ts";
import type { ObservedBackups } from "./backups.ts";
import type { CatalogObservation } from "./catalog.ts";
import type { ClaimedVolume } from "./ebs_volumes.ts";

/** What Patroni's REST API said. */
export interface ObservedPatroni {
  /** Dynamic configuration (`GET /config`). */
  readonly config: Readonly<Record<string, unknown>>;
  /** `GET /cluster`. */
  readonly members: readonly PatroniMember[];
  /** `GET /patroni` of each pod by pod name; unknown for a pod that did not answer. */
  readonly states: ReadonlyMap<string, Observation<PatroniMemberState>>;
}

export interface ObservedCluster {
  /** By `describeRef`; an object that was never asked for is unknown. */
  readonly objects: ReadonlyMap<string, Observation<KubeObject | undefined>>;
  /** Postgres pods, in the order of their ordinals. */
  readonly pods: Observation<readonly Pod[]>;
  /** Volume claims of the Postgres pods, in the order of their ordinals. */
  readonly claims: Observation<readonly PersistentVolumeClaim[]>;
  readonly poolerPods: Observation<readonly Pod[]>;
  /** All nodes; undefined where nobody follows them. */
  readonly nodes?: Observation<readonly Node[]> | undefined;
  /** Undefined where the API server does not know FabricEventStream. */
  readonly eventStreams: Observation<readonly FabricEventStream[] | undefined>;
  /** Undefined when this pass has no need of it. */
  readonly patroni: Observation<ObservedPatroni> | undefined;
  /** Volumes of running pods' claims; undefined when this pass has no need of them. */
  readonly ebsVolumes?: Observation<readonly ClaimedVolume[]> | undefined;
  /** Undefined when nobody was asked in this pass. */
  readonly backups?: Observation<ObservedBackups> | undefined;
  /** Undefined when this pass has no need of it. */
  readonly catalog: CatalogObservation | undefined;
}

/** The observation of one object; never asked for counts as unknown. */
export function observedObject<T extends KubeObject>(
  objects: ObservedCluster["objects"],
  ref: ObjectRef,
): Observation<T | undefined> {
  const found = objects.get(describeRef(ref));
  return (found ?? unknown(`${describeRef(ref)} was not read`)) as Observation<T | undefined>;
}

/** The observation of one object by its kind and name; never asked for counts as unknown. */
export function observedOf<T extends KubeObject>(
  objects: ObservedCluster["objects"],
  resource: Resource<T>,
  name: Namespaced,
): Observation<T | undefined> {
  return observedObject<T>(objects, refTo(resource, name));
}
