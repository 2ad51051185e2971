/**
 * The status of PodDisruptionBudgets (controllers of the dev cluster).
 * https://kubernetes.io/docs/concepts/workloads/pods/disruptions/
 */
import { reconciler } from "../client/reconciler.ts";
import {
  deployments,
  podDisruptionBudgets,
  pods as podResource,
  replicaSets,
  type Resource,
  statefulSets,
} from "../client/resources.ts";
import { splitKey } from "../client/watch_cache.ts";
import type { KubeObject } from "../objects/meta.ts";
import type { Pod, PodTemplate } from "../objects/pod.ts";
import type { PodDisruptionBudget, ReplicaSet } from "../objects/workloads.ts";
import {
  type Controller,
  type ControllerContext,
  controllerOf,
  onLabelChange,
  selects,
  writeStatus,
} from "./context.ts";
import { amount } from "./workloads/deployment_rollout.ts";
import { isActive, isFinished, isReady } from "./workloads/pods.ts";
import { kubeTime } from "../objects/time.ts";

/** Starts the controller. */
export function podDisruptionController(context: ControllerContext): Controller {
  const { caches, onError } = context;
  const budgets = caches.of<PodDisruptionBudget>(podDisruptionBudgets);
  const queue = reconciler((key) => syncBudget(context, key), onError);
  const enqueue = ({ metadata }: KubeObject) =>
    queue.enqueue(`${metadata.namespace}/${metadata.name}`);
  budgets.onChange(enqueue);
  onLabelChange(caches.of<Pod>(podResource), (pod, isSelectedBy) => {
    budgets.inNamespace(pod.metadata.namespace)
      .filter((budget) => isSelectedBy(budget.spec.selector))
      .forEach(enqueue);
  });
  for (const resource of SCALED) {
    caches.of<Scaled>(resource).onChange(({ metadata, spec }) => {
      const labels = spec.template?.metadata?.labels;
      budgets.inNamespace(metadata.namespace)
        .filter((budget) => selects(budget.spec.selector, labels))
        .forEach(enqueue);
    });
  }
  return queue;
}

async function syncBudget(context: ControllerContext, key: string): Promise<void> {
  const { namespace, name } = splitKey(key);
  const budget = context.caches.of<PodDisruptionBudget>(podDisruptionBudgets).get(namespace, name);
  if (!budget || budget.metadata.deletionTimestamp) return;
  const pods = context.caches.of<Pod>(podResource).inNamespace(namespace)
    .filter((pod) => selects(budget.spec.selector, pod.metadata.labels) && !isFinished(pod));
  const status = budgetStatus(budget, pods, wantedBy(context, pods));
  await writeStatus(context, podDisruptionBudgets, budget, { ...status });
}

/** The kinds whose size says how many pods a budget may expect. */
const SCALED: readonly Resource[] = [statefulSets, deployments, replicaSets];

interface Scaled extends KubeObject {
  spec: { replicas?: number; template?: PodTemplate };
}

/** How many pods the controllers of these pods want together. */
function wantedBy({ caches }: ControllerContext, pods: readonly Pod[]): number {
  const wanted = new Map<string, number>();
  for (const pod of pods) {
    const owner = controllerOf(pod);
    const resource = SCALED.find((it) => it.kind === owner?.kind);
    if (!owner || !resource) continue;
    const { namespace } = pod.metadata;
    const direct = caches.of<Scaled>(resource).get(namespace, owner.name);
    const above = direct && controllerOf(direct);
    // A Deployment counts once, not each of its ReplicaSets.
    const scaled = above?.kind === "Deployment"
      ? caches.of<ReplicaSet>(deployments).get(namespace, above.name) ?? direct
      : direct;
    if (scaled) wanted.set(scaled.metadata.uid!, scaled.spec.replicas ?? 1);
  }
  return [...wanted.values()].reduce((sum, replicas) => sum + replicas, 0);
}

/** Computes the status from the selected pods and the number that their controllers want. */
export function budgetStatus(
  budget: PodDisruptionBudget,
  pods: readonly Pod[],
  wanted: number,
): NonNullable<PodDisruptionBudget["status"]> {
  const { minAvailable, maxUnavailable } = budget.spec;
  const byScale = maxUnavailable !== undefined || typeof minAvailable === "string";
  const expectedPods = byScale ? wanted : pods.length;
  const desiredHealthy = maxUnavailable !== undefined
    ? Math.max(0, expectedPods - amount(maxUnavailable, expectedPods, Math.ceil))
    : amount(minAvailable ?? 1, expectedPods, Math.ceil);
  const currentHealthy = pods.filter((pod) => isReady(pod) && isActive(pod)).length;
  const allowed = Math.max(0, currentHealthy - desiredHealthy);
  const disruptionsAllowed = expectedPods > 0 ? allowed : 0;
  const status = disruptionsAllowed > 0 ? "True" : "False";
  const known = budget.status?.conditions?.find((it) => it.type === "DisruptionAllowed");
  const observedGeneration = budget.metadata.generation ?? 1;
  return {
    observedGeneration,
    expectedPods,
    desiredHealthy,
    currentHealthy,
    disruptionsAllowed,
    conditions: [{
      type: "DisruptionAllowed",
      status,
      reason: disruptionsAllowed > 0 ? "SufficientPods" : "InsufficientPods",
      message: "",
      observedGeneration,
      lastTransitionTime: known?.status === status ? known.lastTransitionTime! : kubeTime(),
    }],
  };
}
