/**
 * What the StatefulSet controller, a kubelet and Patroni do with a simulated cluster: pods and claims
 * come and go with their StatefulSet, become ready, and get a role. Layer: dry run.
 *
 * Times are those of the stand-in that the reference was recorded with.
 */

import { createHash } from "node:crypto";
import type {
  KubeObject,
  OwnerReference,
  PersistentVolumeClaim,
  Pod,
  StatefulSet,
} from "../../kubernetes/types.gen.ts";
import { isMember, isTerminating, ordinalOf, roleOf } from "../../cluster/observed/pods.ts";
import { type ObjectRef, refOf } from "../../ports/requests.ts";
import type { SimulatedApi } from "./api.ts";
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
  const { api, clock, roleLabel } = options;
  const scheduled = new Set<string>();

  api.onChange(({ type, object, old }) => {
    if (object.kind === "StatefulSet" && type === "apply") later(object);
    if (object.kind !== "Pod") return;
    const began = object.metadata.deletionTimestamp !== undefined;
    if (type === "apply" && began && old?.metadata.deletionTimestamp === undefined) {
      clock.setTimer(() => end(object as Pod), POD_END_MS);
    }
    if (type === "delete") gone(object as Pod);
  });

  function later(set: KubeObject): void {
    const key = `${set.metadata.namespace}/${set.metadata.name}`;
    if (scheduled.has(key)) return;
    scheduled.add(key);
    clock.setTimer(() => {
      scheduled.delete(key);
      const found = api.find(refOf(set)) as StatefulSet | undefined;
      if (found !== undefined) sync(found);
    }, NOTICE_MS);
  }

  function podsOf(set: KubeObject): Pod[] {
    const { namespace, name = "" } = set.metadata;
    return api.objects().filter((object): object is Pod =>
      object.kind === "Pod" && object.metadata.namespace === namespace &&
      `${name}-${ordinalOf(object.metadata.name ?? "")}` === object.metadata.name
    );
  }

  /** Makes missing pods and claims, lets superfluous pods end. */
  function sync(set: StatefulSet): void {
    const replicas = set.spec?.replicas ?? 1;
    const present = podsOf(set);
    keepStatus(set);
    for (const pod of present) {
      if ((ordinalOf(pod.metadata.name ?? "") ?? 0) < replicas) adopt(pod, set);
      else endLater(pod);
    }
    for (let ordinal = 0; ordinal < replicas; ordinal++) {
      const name = `${set.metadata.name}-${ordinal}`;
      keepClaims(set, name);
      if (present.every(({ metadata }) => metadata.name !== name)) start(set, name, ordinal);
    }
  }

  function keepStatus(set: StatefulSet): void {
    const { generation } = set.metadata;
    const status = { updateRevision: revisionOf(set), observedGeneration: generation };
    if (JSON.stringify(set.status) === JSON.stringify(status)) return;
    api.put({ ...set, status } as unknown as KubeObject);
  }

  function adopt(pod: Pod, set: StatefulSet): void {
    const owners = pod.metadata.ownerReferences ?? [];
    if (owners.some(({ controller }) => controller === true)) return;
    const metadata = { ...pod.metadata, ownerReferences: [...owners, ownerOf(set)] };
    api.put({ ...pod, metadata });
  }

  function keepClaims(set: StatefulSet, pod: string): void {
    const policy = set.spec?.persistentVolumeClaimRetentionPolicy;
    const owners = policy?.whenDeleted === "Delete" ? [ownerOf(set)] : [];
    for (const template of set.spec?.volumeClaimTemplates ?? []) {
      const name = `${template.metadata.name}-${pod}`;
      const { namespace = "" } = set.metadata;
      const ref = { apiVersion: "v1", kind: "PersistentVolumeClaim", namespace, name };
      const found = api.find(ref);
      if (found === undefined) api.put(claimOf(set, template, name, owners));
      else if (JSON.stringify(found.metadata.ownerReferences ?? []) !== JSON.stringify(owners)) {
        const { ownerReferences: _, ...rest } = found.metadata;
        api.put({
          ...found,
          metadata: owners.length === 0 ? rest : { ...rest, ownerReferences: owners },
        });
      }
    }
  }

  function start(set: StatefulSet, name: string, ordinal: number): void {
    const pod = api.put(podOf(set, name, ordinal)) as Pod;
    options.started?.(pod);
    clock.setTimer(() => {
      const found = api.find(refOf(pod)) as Pod | undefined;
      if (found === undefined || found.metadata.uid !== pod.metadata.uid) return;
      const led = podsOf(set).some((other) => roleOf(other, roleLabel) === "primary");
      giveRole(found, led ? "replica" : "master");
    }, ROLE_MS);
  }

  function giveRole(pod: Pod, role: "master" | "replica"): void {
    const labels = { ...pod.metadata.labels, [roleLabel]: role };
    api.put({ ...pod, metadata: { ...pod.metadata, labels } });
  }

  /** A pod is asked to end; it takes a moment. */
  function endLater(pod: Pod): void {
    if (isTerminating(pod)) return;
    const metadata = { ...pod.metadata, deletionTimestamp: "2026-01-01T00:00:00Z" };
    api.put({ ...pod, metadata });
  }

  function end(pod: Pod): void {
    const found = api.find(refOf(pod));
    if (found?.metadata.uid !== pod.metadata.uid) return;
    const { finalizers: _, ...metadata } = found?.metadata ?? {};
    api.put({ ...found, metadata } as KubeObject);
  }

  /** A pod is gone: its StatefulSet makes another one, and another member leads. */
  function gone(pod: Pod): void {
    const set = setOf(pod);
    if (set === undefined) return;
    later(set);
    const replicas = set.spec?.replicas ?? 1;
    if ((ordinalOf(pod.metadata.name ?? "") ?? 0) >= replicas) dropClaims(set, pod);
    if (roleOf(pod, roleLabel) !== "primary") return;
    const heir = podsOf(set).find((other) => isMember(other, roleLabel));
    if (heir === undefined) return;
    clock.setTimer(() => {
      const found = api.find(refOf(heir)) as Pod | undefined;
      const led = podsOf(set).some((other) => roleOf(other, roleLabel) === "primary");
      if (found !== undefined && !led) giveRole(found, "master");
    }, ROLE_MS);
  }

  function dropClaims(set: StatefulSet, pod: Pod): void {
    if (set.spec?.persistentVolumeClaimRetentionPolicy?.whenScaled !== "Delete") return;
    for (const template of set.spec?.volumeClaimTemplates ?? []) {
      const name = `${template.metadata.name}-${pod.metadata.name}`;
      const { namespace = "" } = pod.metadata;
      api.remove({ apiVersion: "v1", kind: "PersistentVolumeClaim", namespace, name });
    }
  }

  function setOf(pod: Pod): StatefulSet | undefined {
    const { namespace = "", name = "" } = pod.metadata;
    const ref = { apiVersion: "apps/v1", kind: "StatefulSet", namespace };
    return api.find({ ...ref, name: name.replace(/-\d+$/, "") }) as StatefulSet | undefined;
  }

  return {
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

/** Name of the revision that pods of the template as it is now have as a label. */
function revisionOf(set: StatefulSet): string {
  const hash = createHash("sha256").update(JSON.stringify(set.spec?.template)).digest("hex");
  return `${set.metadata.name}-${hash.slice(0, 10)}`;
}

function ownerOf({ metadata }: StatefulSet): OwnerReference {
  return {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    name: metadata.name ?? "",
    uid: metadata.uid ?? "",
    controller: true,
    blockOwnerDeletion: true,
  };
}

function claimOf(
  set: StatefulSet,
  template: PersistentVolumeClaim,
  name: string,
  owners: readonly OwnerReference[],
): KubeObject {
  const { namespace = "" } = set.metadata;
  const { name: _, ...metadata } = template.metadata;
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: {
      ...metadata,
      namespace,
      name,
      labels: { ...metadata.labels, ...set.spec?.selector?.matchLabels },
      ...(owners.length === 0 ? {} : { ownerReferences: [...owners] }),
    },
    spec: structuredClone(template.spec),
  } as KubeObject;
}

/** A pod that runs; a finalizer keeps it for the moment that its end takes. */
function podOf(set: StatefulSet, name: string, ordinal: number): KubeObject {
  const { metadata = {}, spec } = set.spec?.template ?? {};
  const containers = spec?.containers ?? [];
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      namespace: set.metadata.namespace ?? "",
      name,
      labels: {
        ...metadata.labels,
        "apps.kubernetes.io/pod-index": String(ordinal),
        "controller-revision-hash": revisionOf(set),
        "statefulset.kubernetes.io/pod-name": name,
      },
      ...(metadata.annotations ? { annotations: { ...metadata.annotations } } : {}),
      ownerReferences: [ownerOf(set)],
      finalizers: [ENDING],
    },
    spec: structuredClone(spec),
    status: {
      phase: "Running",
      podIP: `10.0.0.${ordinal + 1}`,
      conditions: [{ type: "Ready", status: "True" }],
      containerStatuses: containers.map(({ name, image }) => ({
        name,
        image,
        ready: true,
        state: { running: {} },
      })),
    },
  } as unknown as KubeObject;
}

/** Stands for the grace period of simulated pods. */
const ENDING = "simulated/ending";
