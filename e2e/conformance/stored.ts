/**
 * What the API server adds to the objects beside the StatefulSet when it stores them: the rest of
 * `normalise.ts`, which holds pod templates. Nothing that a builder set is dropped, but node ports,
 * which the recorder left out, and uids, which it masked.
 */

import type {
  CronJob,
  Deployment,
  KubeObject,
  PodSpec,
  Service,
  ServicePort,
} from "../../src/kubernetes/types.gen.ts";
import { maskedOwners, podSpec, withoutEmpty } from "./normalise.ts";

/** An object as the API server would give it back, in the recorder's spelling. */
export function storedObject(built: KubeObject): KubeObject {
  const object = { ...built, metadata: maskedOwners(built.metadata) };
  return withoutEmpty(withDefaults(object)) as KubeObject;
}

function withDefaults(object: KubeObject): unknown {
  switch (object.kind) {
    case "Service":
      return { ...object, spec: serviceSpec((object as Service).spec) };
    case "Deployment":
      return { ...object, spec: deploymentSpec((object as Deployment).spec) };
    case "CronJob":
      return { ...object, spec: cronJobSpec((object as CronJob).spec) };
    default:
      return object;
  }
}

function serviceSpec(spec: Service["spec"]): unknown {
  const exposed = spec?.type === "LoadBalancer" || spec?.type === "NodePort";
  return {
    internalTrafficPolicy: "Cluster",
    ipFamilies: ["IPv4"],
    ipFamilyPolicy: "SingleStack",
    sessionAffinity: "None",
    ...(spec?.type === "LoadBalancer" ? { allocateLoadBalancerNodePorts: true } : {}),
    ...(exposed ? { externalTrafficPolicy: "Cluster" } : {}),
    ...spec,
    ports: spec?.ports?.map(({ nodePort: _, ...port }: ServicePort) => ({
      protocol: "TCP",
      ...port,
    })),
  };
}

function deploymentSpec(spec: Deployment["spec"]): unknown {
  return {
    progressDeadlineSeconds: 600,
    revisionHistoryLimit: 10,
    strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "25%", maxUnavailable: "25%" } },
    ...spec,
    template: { ...spec?.template, spec: podSpec(spec?.template.spec) },
  };
}

/** Empty texts are not stored. */
function withoutEmptyValues(spec: unknown): unknown {
  const pod = spec as PodSpec;
  const containers = pod.containers.map((container) => ({
    ...container,
    env: container.env?.map(({ value, ...variable }) =>
      value === "" || value === undefined ? variable : { ...variable, value }
    ),
  }));
  return { ...pod, containers };
}

function cronJobSpec(spec: CronJob["spec"]): unknown {
  const job = spec?.jobTemplate;
  const template = job?.spec?.template;
  return {
    suspend: false,
    ...spec,
    jobTemplate: {
      ...job,
      spec: {
        ...job?.spec,
        template: { ...template, spec: withoutEmptyValues(podSpec(template?.spec)) },
      },
    },
  };
}
