/**
 * What the StatefulSet controller, a kubelet and Patroni do with a simulated cluster: pods and claims
 * come and go with their StatefulSet, become ready, and get a role. Layer: dry run.
 *
 * Times are those of the stand-in that the reference was recorded with.
 */

import type { KubeObject, Pod, StatefulSet } from "../../kubernetes/types.gen.ts";
import { isMember, isTerminating, ordinalOf, roleOf } from "../../cluster/observed/pods.ts";
import { type ObjectRef, refOf } from "../../ports/requests.ts";
import type { SimulatedApi } from "./api.ts";
import { dropClaims, keepClaims } from "./claims.ts";
import type { SimulatedChange } from "./objects.ts";
import { adopt, keepStatus, podOf, podsOf, setOf } from "./stateful_set.ts";
import type { VirtualClock } from "./virtual_clock.ts";

/** How long a controller takes to notice, a pod to end, and Patroni to give a role. */
const NOTICE_MS = 10;
const POD_END_MS = 500;
const ROLE_MS = 700;

export interface SimulatedPodsOptions {
  readonly api: SimulatedApi;
  readonly clock: VirtualClock;
  readonly roleLabel: string;
  /** Told when a pod has started: Patroni there has no restart pending. */
  readonly started?: (pod: Pod) => void;
}

export interface SimulatedPods {
  /** Patroni hands over: labels follow a moment later. */
  switchOver(from: ObjectRef, to: ObjectRef): void;
}

/** Watches a simulated API server and plays the controllers' part. */
export function simulatePods(options: SimulatedPodsOptions): SimulatedPods {
  const { api, clock } = options;
  const patroni = createRoles(options);
  const syncLater = createSetController(options, patroni);

  api.onChange(({ type, object, old }) => {
    if (object.kind === "StatefulSet" && type === "apply") syncLater(object);
    if (object.kind !== "Pod") return;
    if (beginsToEnd({ type, object, old })) {
      clock.setTimer(() => end(api, object as Pod), POD_END_MS);
    }
    if (type === "delete") gone(object as Pod);
  });

  /** A pod is gone: its StatefulSet makes another one, and another member leads. */
  function gone(pod: Pod): void {
    const set = setOf(api, pod);
    if (set === undefined) return;
    syncLater(set);
    const replicas = set.spec?.replicas ?? 1;
    if ((ordinalOf(pod.metadata.name ?? "") ?? 0) >= replicas) dropClaims(api, set, pod);
    patroni.failOver(pod, set);
  }

  return { switchOver: patroni.switchOver };
}

/** Patroni's part: who leads. */
interface Roles extends SimulatedPods {
  /** A pod that has started becomes the leader where none leads. */
  join(pod: Pod, set: StatefulSet): void;
  /** A pod is gone: where it led, another member leads a moment later. */
  failOver(pod: Pod, set: StatefulSet): void;
}

function createRoles({ api, clock, roleLabel }: SimulatedPodsOptions): Roles {
  const isLed = (set: StatefulSet) =>
    podsOf(api, set).some((pod) => roleOf(pod, roleLabel) === "primary");

  function giveRole(pod: Pod, role: "master" | "replica"): void {
    const labels = { ...pod.metadata.labels, [roleLabel]: role };
    api.put({ ...pod, metadata: { ...pod.metadata, labels } });
  }

  return {
    join(pod, set) {
      clock.setTimer(() => {
        const found = api.find(refOf(pod)) as Pod | undefined;
        if (found === undefined || found.metadata.uid !== pod.metadata.uid) return;
        giveRole(found, isLed(set) ? "replica" : "master");
      }, ROLE_MS);
    },
    failOver(pod, set) {
      if (roleOf(pod, roleLabel) !== "primary") return;
      const successor = podsOf(api, set).find((other) => isMember(other, roleLabel));
      if (successor === undefined) return;
      clock.setTimer(() => {
        const found = api.find(refOf(successor)) as Pod | undefined;
        if (found !== undefined && !isLed(set)) giveRole(found, "master");
      }, ROLE_MS);
    },
    switchOver(from, to) {
      clock.setTimer(() => {
        const [old, next] = [api.find(from), api.find(to)] as (Pod | undefined)[];
        if (next === undefined) return;
        if (old !== undefined) giveRole(old, "replica");
        giveRole(next, "master");
      }, ROLE_MS);
    },
  };
}

/** The StatefulSet controller: what it returns makes it notice a StatefulSet a moment later. */
function createSetController(
  { api, clock, started }: SimulatedPodsOptions,
  roles: Roles,
): (set: KubeObject) => void {
  const scheduled = new Set<string>();

  /** Makes missing pods and claims, lets superfluous pods end. */
  function sync(set: StatefulSet): void {
    const replicas = set.spec?.replicas ?? 1;
    const present = podsOf(api, set);
    keepStatus(api, set);
    for (const pod of present) {
      if ((ordinalOf(pod.metadata.name ?? "") ?? 0) < replicas) adopt(api, pod, set);
      else if (!isTerminating(pod)) api.remove(refOf(pod));
    }
    for (let ordinal = 0; ordinal < replicas; ordinal++) {
      const name = `${set.metadata.name}-${ordinal}`;
      keepClaims(api, set, name);
      if (present.some(({ metadata }) => metadata.name === name)) continue;
      const pod = api.put(podOf(set, name, ordinal)) as Pod;
      started?.(pod);
      roles.join(pod, set);
    }
  }

  return (set) => {
    const key = `${set.metadata.namespace}/${set.metadata.name}`;
    if (scheduled.has(key)) return;
    scheduled.add(key);
    clock.setTimer(() => {
      scheduled.delete(key);
      const found = api.find(refOf(set)) as StatefulSet | undefined;
      if (found !== undefined) sync(found);
    }, NOTICE_MS);
  };
}

function beginsToEnd({ type, object, old }: SimulatedChange): boolean {
  return type === "apply" && object.metadata.deletionTimestamp !== undefined &&
    old?.metadata.deletionTimestamp === undefined;
}

function end(api: SimulatedApi, pod: Pod): void {
  const found = api.find(refOf(pod));
  if (found?.metadata.uid !== pod.metadata.uid) return;
  const { finalizers: _, ...metadata } = found?.metadata ?? {};
  api.put({ ...found, metadata } as KubeObject);
}
