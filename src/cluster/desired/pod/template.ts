/**
 * The pod template of a cluster. A change to it restarts pods, see `plan/compare`.
 *
 * Zalando: pkg/cluster/k8sres.go, generatePodTemplate
 */

import type { PodTemplateSpec } from "../../../kubernetes/types.gen.ts";
import type { Config } from "../../../config/config.ts";
import type { EffectiveSpec } from "../../effective/spec.ts";
import { annotationFields, inheritedOver } from "../annotations.ts";
import { clusterLabels } from "../labels.ts";
import { apartFrom } from "./affinity.ts";
import { postgresContainer, sidecarContainer } from "./containers.ts";
import { podSecurityContext } from "./security.ts";
import { podVolumes } from "./volumes.ts";

/** Tells kube2iam and its like which AWS role a pod has. */
const IAM_ROLE_ANNOTATION = "iam.amazonaws.com/role";

/** The pod template of a cluster's StatefulSet. */
export function podTemplate(spec: EffectiveSpec, config: Config): PodTemplateSpec {
  const { identity, scheduling, initContainers, workload } = spec;
  const labels = clusterLabels(identity, "full");
  const affinity = apartFrom(labels, scheduling);
  const volumes = podVolumes(spec.volumes);
  const { tolerations, topologySpreadConstraints, schedulerName, priorityClassName } = scheduling;
  return {
    metadata: {
      // Without meaning for Kubernetes, but live templates have it.
      namespace: identity.namespace,
      labels,
      ...podAnnotations(spec, config),
    },
    spec: {
      containers: [
        postgresContainer(spec, config),
        ...spec.sidecars.map((sidecar) => sidecarContainer(sidecar, spec, config)),
      ],
      ...(initContainers.length === 0 ? {} : { initContainers: [...initContainers] }),
      serviceAccountName: config.podServiceAccountName,
      terminationGracePeriodSeconds: workload.terminationGracePeriodSeconds,
      securityContext: podSecurityContext(spec.security),
      ...(tolerations.length === 0 ? {} : { tolerations: [...tolerations] }),
      ...(affinity ? { affinity } : {}),
      ...(topologySpreadConstraints.length === 0
        ? {}
        : { topologySpreadConstraints: [...topologySpreadConstraints] }),
      ...(schedulerName === undefined ? {} : { schedulerName }),
      ...(priorityClassName === undefined ? {} : { priorityClassName }),
      ...(volumes.length === 0 ? {} : { volumes }),
    },
  };
}

/** Annotations of all pods of a cluster: configured, manifest's, inherited, IAM role. */
export function podAnnotations(
  spec: EffectiveSpec,
  config: Config,
): { annotations?: Record<string, string> } {
  const { annotations } = inheritedOver(spec.identity, spec.podAnnotations);
  return annotationFields({
    ...annotations,
    ...(config.kubeIamRole === "" ? {} : { [IAM_ROLE_ANNOTATION]: config.kubeIamRole }),
  });
}
