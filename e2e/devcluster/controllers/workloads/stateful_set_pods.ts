/**
 * What a StatefulSet's pods and claims are called, and which pod to make or end next
 * (controllers; pure). Behaviour of the kube-controller-manager:
 * https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/
 */
import type { Draft } from "../../client/client.ts";
import type { OwnerReference } from "../../objects/meta.ts";
import type { Pod, PodTemplate } from "../../objects/pod.ts";
import type { PersistentVolumeClaim } from "../../objects/storage.ts";
import type { StatefulSet } from "../../objects/workloads.ts";
import { statefulSets } from "../../client/resources.ts";
import { controllerReference } from "../context.ts";
import { availableInMs, isFinished, isRunningAndReady, isTerminating } from "./pods.ts";
import { podFromTemplate } from "./pods.ts";

export const REVISION_LABEL = "controller-revision-hash";
const POD_NAME_LABEL = "statefulset.kubernetes.io/pod-name";
const POD_INDEX_LABEL = "apps.kubernetes.io/pod-index";

/** One change to the members of a StatefulSet. */
export type MemberStep =
  | { readonly kind: "create"; readonly ordinal: number; readonly revision: string }
  | { readonly kind: "delete"; readonly pod: Pod };

/** What the next steps depend on. */
export interface MemberState {
  readonly set: StatefulSet;
  readonly pods: readonly Pod[];
  readonly currentRevision: string;
  readonly updateRevision: string;
  readonly nowMs: number;
}

/** The ordinal in a member's name, undefined when the name is not one of this StatefulSet's. */
export function ordinalOf(set: StatefulSet, podName: string): number | undefined {
  const prefix = `${set.metadata.name}-`;
  const rest = podName.slice(prefix.length);
  return podName.startsWith(prefix) && /^(0|[1-9]\d*)$/.test(rest) ? Number(rest) : undefined;
}

/** Whether an ordinal is among those that the StatefulSet wants. */
export function isWanted(set: StatefulSet, ordinal: number): boolean {
  const start = set.spec.ordinals?.start ?? 0;
  return ordinal >= start && ordinal < start + (set.spec.replicas ?? 1);
}

/** The labels that tell which member a pod is. */
export function identityLabels(podName: string, ordinal: number): Record<string, string> {
  return { [POD_NAME_LABEL]: podName, [POD_INDEX_LABEL]: String(ordinal) };
}

/** The name of a member's claim. */
export function claimName(set: StatefulSet, template: string, ordinal: number): string {
  return `${template}-${set.metadata.name}-${ordinal}`;
}

/** What a new member is made from. */
export interface MemberSource {
  readonly set: StatefulSet;
  readonly ordinal: number;
  readonly revision: string;
  readonly template: PodTemplate;
}

/** The pod of one member. */
export function memberPod({ set, ordinal, revision, template }: MemberSource): Draft<Pod> {
  const name = `${set.metadata.name}-${ordinal}`;
  const pod = podFromTemplate({
    template,
    namespace: set.metadata.namespace,
    name,
    generateName: `${set.metadata.name}-`,
    owner: controllerReference(set, statefulSets),
    labels: { ...identityLabels(name, ordinal), [REVISION_LABEL]: revision },
  });
  const claims = (set.spec.volumeClaimTemplates ?? []).map(({ metadata }) => metadata.name);
  pod.spec.hostname = name;
  if (set.spec.serviceName) pod.spec.subdomain = set.spec.serviceName;
  pod.spec.volumes = [
    ...claims.map((claim) => ({
      name: claim,
      persistentVolumeClaim: { claimName: claimName(set, claim, ordinal) },
    })),
    ...(pod.spec.volumes ?? []).filter((volume) => !claims.includes(volume.name)),
  ];
  return pod;
}

/** The claims of one member, from the templates. */
export function memberClaims(set: StatefulSet, ordinal: number): PersistentVolumeClaim[] {
  return (set.spec.volumeClaimTemplates ?? []).map((template) => ({
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: {
      ...template.metadata,
      name: claimName(set, template.metadata.name, ordinal),
      ...(set.metadata.namespace ? { namespace: set.metadata.namespace } : {}),
      labels: { ...template.metadata.labels, ...set.spec.selector.matchLabels },
    },
    spec: template.spec,
  }));
}

/**
 * The owner that a claim should have by the StatefulSet's retention policy: the StatefulSet
 * (deleted with it), the pod (deleted when scaled down) or none.
 */
export function claimOwner(
  set: StatefulSet,
  pod: Pod,
  ordinal: number,
): OwnerReference | undefined {
  const policy = set.spec.persistentVolumeClaimRetentionPolicy;
  const podReference: OwnerReference = {
    apiVersion: "v1",
    kind: "Pod",
    name: pod.metadata.name,
    uid: pod.metadata.uid!,
    controller: true,
    blockOwnerDeletion: true,
  };
  if (policy?.whenScaled === "Delete" && !isWanted(set, ordinal)) return podReference;
  return policy?.whenDeleted === "Delete" ? controllerReference(set, statefulSets) : undefined;
}

/**
 * The steps to take now. With the policy OrderedReady that is at most one, and none while a
 * member before it is not ready.
 */
export function memberSteps(state: MemberState): MemberStep[] {
  const ordered = state.set.spec.podManagementPolicy !== "Parallel";
  const steps: MemberStep[] = [];
  const { blocked } = fillSteps(state, ordered, steps);
  if (blocked) return steps;
  if (shrinkSteps(state, ordered, steps).blocked) return steps;
  if (state.set.spec.updateStrategy?.type === "OnDelete") return steps;
  return [...steps, ...updateSteps(state)];
}

type Verdict = { blocked: boolean };

function fillSteps(state: MemberState, ordered: boolean, steps: MemberStep[]): Verdict {
  const { set, nowMs } = state;
  const start = set.spec.ordinals?.start ?? 0;
  for (let ordinal = start; isWanted(set, ordinal); ordinal++) {
    const pod = memberOf(state, ordinal);
    if (!pod) steps.push({ kind: "create", ordinal, revision: revisionFor(state, ordinal) });
    else if (isFinished(pod) && !isTerminating(pod)) steps.push({ kind: "delete", pod });
    else if (!isTerminating(pod) && isRunningAndReady(pod)) {
      if (availableInMs(pod, set.spec.minReadySeconds, nowMs) === 0) continue;
    }
    if (ordered) return { blocked: true };
  }
  return { blocked: false };
}

function shrinkSteps(state: MemberState, ordered: boolean, steps: MemberStep[]): Verdict {
  const byOrdinal = (a: Pod, b: Pod) =>
    ordinalOf(state.set, b.metadata.name)! - ordinalOf(state.set, a.metadata.name)!;
  const condemned = state.pods
    .filter((pod) => !isWanted(state.set, ordinalOf(state.set, pod.metadata.name)!))
    .sort(byOrdinal);
  const firstUnhealthy = condemned.findLast((pod) => !isRunningAndReady(pod) || isTerminating(pod));
  for (const pod of condemned) {
    if (ordered && isTerminating(pod)) return { blocked: true };
    if (isTerminating(pod)) continue;
    if (ordered && !isRunningAndReady(pod) && pod !== firstUnhealthy) return { blocked: true };
    steps.push({ kind: "delete", pod });
    if (ordered) return { blocked: true };
  }
  return { blocked: false };
}

/** Ends the highest member that is not of the new revision, once those above it are ready. */
function updateSteps(state: MemberState): MemberStep[] {
  const { set, updateRevision } = state;
  const start = set.spec.ordinals?.start ?? 0;
  const partition = set.spec.updateStrategy?.rollingUpdate?.partition ?? 0;
  const lowest = start + partition;
  for (let ordinal = start + (set.spec.replicas ?? 1) - 1; ordinal >= lowest; ordinal--) {
    const pod = memberOf(state, ordinal);
    if (!pod || isTerminating(pod)) return [];
    if (pod.metadata.labels?.[REVISION_LABEL] !== updateRevision) return [{ kind: "delete", pod }];
    if (!isRunningAndReady(pod)) return [];
  }
  return [];
}

/** Members below the partition of a rolling update stay at the old revision. */
function revisionFor({ set, currentRevision, updateRevision }: MemberState, ordinal: number) {
  if (set.spec.updateStrategy?.type === "OnDelete") return updateRevision;
  const partition = set.spec.updateStrategy?.rollingUpdate?.partition ?? 0;
  return ordinal < (set.spec.ordinals?.start ?? 0) + partition ? currentRevision : updateRevision;
}

function memberOf({ set, pods }: MemberState, ordinal: number): Pod | undefined {
  return pods.find((pod) => pod.metadata.name === `${set.metadata.name}-${ordinal}`);
}
