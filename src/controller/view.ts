/** What the debug API shows, made from the registry: redacted copies, no client, no write. */

import type { KubeObject } from "../kubernetes/types.gen.ts";
import { describeAction } from "../cluster/apply/perform.ts";
import { observedObject } from "../cluster/observed/cluster.ts";
import type { Step, StepOutcome } from "../cluster/plan/steps/action.ts";
import { refOf } from "../ports/requests.ts";
import type { ClusterView, OperatorView, PlanStepView, PlanView } from "../debug/view.ts";
import { redacted } from "../lib/redact.ts";
import type { Controller } from "./controller.ts";
import type { ClusterEntry } from "./registry.ts";

/** Makes the view of a controller; `ready` says whether its caches are filled. */
export function createView(controller: Controller, ready: () => boolean): OperatorView {
  const { registry, queue } = controller;
  return {
    ready,
    status: () => ({
      LastSyncTime: controller.lastSync(),
      Clusters: registry.keys().length,
      WorkerQueueSize: { "0": queue.waiting().length },
    }),
    teams() {
      const teams: Record<string, string[]> = {};
      for (const { cr } of registry.entries()) {
        if (cr) (teams[cr.spec.teamId ?? ""] ??= []).push(cr.metadata.name ?? "");
      }
      return teams;
    },
    cluster(namespace, name) {
      const entry = registry.get(`${namespace}/${name}`);
      return entry?.cr && clusterView(entry);
    },
    plan(namespace, name) {
      const entry = registry.get(`${namespace}/${name}`);
      return entry && planView(entry);
    },
  };
}

function clusterView({ cr, last, running }: ClusterEntry): ClusterView {
  const { namespace = "", name = "" } = cr?.metadata ?? {};
  const { desired, observed } = last ?? {};
  const live = (object: KubeObject | undefined): unknown => {
    if (object === undefined || observed === undefined) return null;
    const found = observedObject(observed.objects, refOf(object));
    return found.known ? redacted(found.value ?? null) : null;
  };
  return {
    Team: cr?.spec.teamId ?? "",
    Cluster: name,
    Namespace: namespace,
    MasterService: live(desired?.services.primary),
    ReplicaService: live(desired?.services.replica),
    MasterEndpoint: live(desired?.endpoints),
    ReplicaEndpoint: null,
    StatefulSet: live(desired?.statefulSet),
    PrimaryPodDisruptionBudget: live(desired?.disruptionBudgets.primary),
    CriticalOpPodDisruptionBudget: live(desired?.disruptionBudgets.criticalOperation),
    CurrentProcess: running
      ? { Name: "reconcile", StartTime: running.since.toISOString() }
      : { Name: "", StartTime: "" },
    Worker: running?.slot ?? 0,
    Status: cr?.status ?? {},
    Spec: redacted(cr?.spec ?? {}),
    Error: last?.failure ?? null,
  };
}

function planView({ key, last }: ClusterEntry): PlanView | undefined {
  if (last === undefined) return undefined;
  const { plan, outcomes, cause, at } = last;
  return {
    cluster: key,
    generation: plan.generation,
    cause,
    at: at.toISOString(),
    steps: plan.steps.map((step, index) => stepView(step, outcomes[index])),
    held: plan.held.map(({ subject, reason }) => ({ subject, reason })),
    requeueAfterMs: plan.requeueAfterMs,
  };
}

function stepView(step: Step, outcome: StepOutcome | undefined): PlanStepView {
  const { subject, effect, reasons } = step;
  const result = outcome === undefined
    ? "planned"
    : outcome.result === "failed"
    ? `failed: ${outcome.error.message}`
    : outcome.result === "skipped"
    ? `skipped: ${outcome.because}`
    : "done";
  return { subject, action: describeAction(step.action), effect, reasons, result };
}
