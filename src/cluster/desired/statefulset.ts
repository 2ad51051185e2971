/**
 * The StatefulSet of a cluster and its claim template.
 *
 * Zalando: pkg/cluster/k8sres.go, generateStatefulSet and generatePersistentVolumeClaimTemplate
 */

import type { PersistentVolumeClaim, StatefulSet } from "../../kubernetes/types.gen.ts";
import type { Config } from "../../config/config.ts";
import type { EffectiveSpec } from "../effective/spec.ts";
import { inheritedOver, workloadAnnotations } from "./annotations.ts";
import { clusterLabels } from "./labels.ts";
import { DATA_VOLUME, serviceName } from "./names.ts";
import { ownerFields } from "./owner.ts";
import { podTemplate } from "./pod/template.ts";

/** The StatefulSet of a cluster. */
export function statefulSet(spec: EffectiveSpec, config: Config): StatefulSet {
  const { identity, workload } = spec;
  return {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: {
      name: identity.name,
      namespace: identity.namespace,
      labels: clusterLabels(identity, "full"),
      ...workloadAnnotations(identity),
      ...ownerFields(identity),
    },
    spec: {
      replicas: spec.instances.count,
      selector: { matchLabels: clusterLabels(identity, "base") },
      serviceName: serviceName(identity.name, "primary"),
      template: podTemplate(spec, config),
      volumeClaimTemplates: [claimTemplate(spec)],
      // The operator restarts pods itself: replicas first, the primary after a switchover.
      updateStrategy: { type: "OnDelete" },
      podManagementPolicy: workload.podManagementPolicy,
      persistentVolumeClaimRetentionPolicy: { ...workload.claimRetention },
    },
  };
}

/** Template of the data volumes' claims. Claims that exist are changed by themselves. */
function claimTemplate(spec: EffectiveSpec): PersistentVolumeClaim {
  const { identity, storage } = spec;
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: {
      name: DATA_VOLUME,
      labels: clusterLabels(identity, "full"),
      ...inheritedOver(identity),
    },
    spec: {
      accessModes: ["ReadWriteOnce"],
      resources: { requests: { storage: storage.size } },
      volumeMode: "Filesystem",
      ...(storage.storageClass === undefined ? {} : { storageClassName: storage.storageClass }),
      ...(storage.selector === undefined ? {} : { selector: storage.selector }),
    },
  };
}
