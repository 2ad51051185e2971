/**
 * A simulated StatefulSet and its pods: which belong to it, how they look, and the name of the
 * revision that they are made from. Layer: dry run.
 */

import { createHash } from "node:crypto";
import type { KubeObject, OwnerReference, Pod, StatefulSet } from "../../kubernetes/types.gen.ts";
import { ordinalOf } from "../../cluster/observed/pods.ts";
import type { SimulatedApi } from "./api.ts";

/** Stands for the grace period of simulated pods. */
const ENDING = "simulated/ending";

/** The pods that have a StatefulSet's name and an ordinal. */
export function podsOf(api: SimulatedApi, set: KubeObject): Pod[] {
  const { namespace, name = "" } = set.metadata;
  return api.objects().filter((object): object is Pod =>
    object.kind === "Pod" && object.metadata.namespace === namespace &&
    `${name}-${ordinalOf(object.metadata.name ?? "")}` === object.metadata.name
  );
}

/** The StatefulSet that a pod has its name from; undefined where there is none. */
export function setOf(api: SimulatedApi, pod: Pod): StatefulSet | undefined {
  const { namespace = "", name = "" } = pod.metadata;
  const ref = { apiVersion: "apps/v1", kind: "StatefulSet", namespace };
  return api.find({ ...ref, name: name.replace(/-\d+$/, "") }) as StatefulSet | undefined;
}

/** Writes the revision and generation that the controller has seen. */
export function keepStatus(api: SimulatedApi, set: StatefulSet): void {
  const { generation } = set.metadata;
  const status = { updateRevision: revisionOf(set), observedGeneration: generation };
  if (JSON.stringify(set.status) === JSON.stringify(status)) return;
  api.put({ ...set, status } as KubeObject);
}

/** Takes a pod that no controller owns. */
export function adopt(api: SimulatedApi, pod: Pod, set: StatefulSet): void {
  const owners = pod.metadata.ownerReferences ?? [];
  if (owners.some(({ controller }) => controller === true)) return;
  const metadata = { ...pod.metadata, ownerReferences: [...owners, ownerOf(set)] };
  api.put({ ...pod, metadata });
}

/** The reference by which a StatefulSet owns. */
export function ownerOf({ metadata }: StatefulSet): OwnerReference {
  return {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    name: metadata.name ?? "",
    uid: metadata.uid ?? "",
    controller: true,
    blockOwnerDeletion: true,
  };
}

/** A pod that runs; a finalizer keeps it for the moment that its end takes. */
export function podOf(set: StatefulSet, name: string, ordinal: number): KubeObject {
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
  } as KubeObject;
}

/** Name of the revision that pods of the template as it is now have as a label. */
function revisionOf(set: StatefulSet): string {
  const hash = createHash("sha256").update(JSON.stringify(set.spec?.template)).digest("hex");
  return `${set.metadata.name}-${hash.slice(0, 10)}`;
}
