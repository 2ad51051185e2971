/**
 * The pod that a StatefulSet would make in the place of one that is deleted, so that the API server
 * can be asked whether it would be taken: a policy or a quota that came up meanwhile must not cost a
 * member that runs. Kubernetes: pkg/controller/statefulset/stateful_set_utils.go, newStatefulSetPod
 */

import type { KubeObject, Pod, StatefulSet, Volume } from "../../../kubernetes/types.gen.ts";
import { observedObject } from "../../observed/cluster.ts";
import { ordinalOf } from "../../observed/pods.ts";
import { refOf } from "../../../ports/requests.ts";
import type { Step } from "../steps/action.ts";
import type { PlanContext } from "../steps/context.ts";

/** The steps, each deletion of a member with the pod that would come after it. */
export function withSuccessors(context: PlanContext, steps: readonly Step[]): readonly Step[] {
  const { desired, observed } = context;
  const set = observedObject<StatefulSet>(observed.objects, refOf(desired.statefulSet));
  const { pods } = observed;
  if (!set.known || set.value === undefined || !pods.known) return steps;
  const from = set.value;
  return steps.map((step) => {
    const { action } = step;
    if (action.kind !== "delete" || action.request.target.kind !== "Pod") return step;
    const { name } = action.request.target;
    const pod = pods.value.find(({ metadata }) => metadata.name === name);
    if (pod === undefined || (ordinalOf(name) ?? Infinity) >= (from.spec?.replicas ?? 1)) {
      return step;
    }
    return { ...step, action: { ...action, successor: successorOf(from, name) } };
  });
}

/** The pod `name` as the StatefulSet would make it now. */
export function successorOf(set: StatefulSet, name: string): Pod {
  const { namespace = "" } = set.metadata;
  const { template, serviceName, volumeClaimTemplates = [] } = set.spec ?? {};
  const { labels, annotations } = template?.metadata ?? {};
  const revision = set.status?.updateRevision;
  const claims = volumeClaimTemplates.map(({ metadata }): Volume => ({
    name: metadata.name ?? "",
    persistentVolumeClaim: { claimName: `${metadata.name}-${name}` },
  }));
  const own = (template?.spec?.volumes ?? []).filter((volume) =>
    claims.every((claim) => claim.name !== volume.name)
  );
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      namespace,
      name,
      labels: {
        ...labels,
        "statefulset.kubernetes.io/pod-name": name,
        "apps.kubernetes.io/pod-index": String(ordinalOf(name) ?? 0),
        ...(revision === undefined ? {} : { "controller-revision-hash": revision }),
      },
      ...(annotations === undefined ? {} : { annotations }),
      ownerReferences: [ownerOf(set)],
    },
    spec: {
      ...template?.spec,
      containers: template?.spec?.containers ?? [],
      hostname: name,
      ...(serviceName === undefined ? {} : { subdomain: serviceName }),
      volumes: [...own, ...claims],
    },
  };
}

/** Without `blockOwnerDeletion`, which needs a right of its own. */
function ownerOf({ metadata }: KubeObject) {
  const { name = "", uid = "" } = metadata;
  return { apiVersion: "apps/v1", kind: "StatefulSet", name, uid, controller: true };
}
