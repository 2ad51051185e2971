/** Questions asked of pods, and the pod that a template makes (controllers; pure). */
import type { Draft } from "../../client/client.ts";
import type { OwnerReference } from "../../objects/meta.ts";
import type { Pod, PodTemplate } from "../../objects/pod.ts";

/** Whether the pod's Ready condition holds. */
export function isReady(pod: Pod): boolean {
  return pod.status?.conditions?.some((it) => it.type === "Ready" && it.status === "True") ?? false;
}

export function isRunningAndReady(pod: Pod): boolean {
  return pod.status?.phase === "Running" && isReady(pod);
}

export function isTerminating(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp !== undefined;
}

/** Whether the pod has ended by itself, with or without success. */
export function isFinished(pod: Pod): boolean {
  return pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed";
}

/** Neither ended nor about to end. */
export function isActive(pod: Pod): boolean {
  return !isFinished(pod) && !isTerminating(pod);
}

/** Milliseconds until a ready pod counts as available; 0 when it does, undefined if not ready. */
export function availableInMs(pod: Pod, minReadySeconds = 0, nowMs: number): number | undefined {
  if (!isReady(pod)) return undefined;
  if (minReadySeconds === 0) return 0;
  const ready = pod.status!.conditions!.find((condition) => condition.type === "Ready")!;
  const since = Date.parse(ready.lastTransitionTime ?? "");
  return Math.max(0, since + minReadySeconds * 1000 - nowMs);
}

/** When to look again because a ready pod becomes available. */
export function whenNextAvailable(
  pods: readonly Pod[],
  minReadySeconds: number | undefined,
  nowMs: number,
): { againInMs: number } | undefined {
  const waits = pods
    .map((pod) => availableInMs(pod, minReadySeconds, nowMs))
    .filter((ms): ms is number => ms !== undefined && ms > 0);
  return waits.length > 0 ? { againInMs: Math.min(...waits) } : undefined;
}

/** What a pod is made from. */
export interface PodSource {
  readonly template: PodTemplate;
  readonly namespace: string | undefined;
  /** Either of the two names the pod. */
  readonly name?: string;
  readonly generateName: string;
  readonly owner: OwnerReference;
  readonly labels?: Record<string, string>;
}

/** The pod that a template makes. */
export function podFromTemplate(source: PodSource): Draft<Pod> {
  const { metadata = {}, spec } = source.template;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      ...(source.name ? { name: source.name } : {}),
      generateName: source.generateName,
      ...(source.namespace ? { namespace: source.namespace } : {}),
      labels: { ...metadata.labels, ...source.labels },
      ...(metadata.annotations ? { annotations: metadata.annotations } : {}),
      ...(metadata.finalizers ? { finalizers: metadata.finalizers } : {}),
      ownerReferences: [source.owner],
    },
    spec: structuredClone(spec),
  };
}
