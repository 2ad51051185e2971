/**
 * What the API server adds to a pod template when it stores one, so that what was built can be
 * compared with what was stored. Zalando compares against undefaulted values and so restarts pods
 * at every sync where a user's probe or port left something out.
 * https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/
 */

import type {
  Container,
  DownwardAPIVolumeFile,
  EnvVar,
  EnvVarSource,
  HTTPGetAction,
  Lifecycle,
  PodSpec,
  Probe,
  ResourceRequirements,
  Volume,
  VolumeProjection,
} from "../../../kubernetes/types.gen.ts";
import { canonicalQuantity } from "../../../lib/quantity.ts";

const FILE_MODE = 0o644;
const TOKEN_SECONDS = 3600;

/** A copy of a pod spec with the API server's defaults. */
export function withPodDefaults(spec: PodSpec): PodSpec {
  const { serviceAccountName } = spec;
  return {
    dnsPolicy: "ClusterFirst",
    restartPolicy: "Always",
    schedulerName: "default-scheduler",
    terminationGracePeriodSeconds: 30,
    ...spec,
    ...(serviceAccountName === undefined ? {} : { serviceAccount: serviceAccountName }),
    containers: spec.containers.map(withContainerDefaults),
    ...(spec.initContainers === undefined
      ? {}
      : { initContainers: spec.initContainers.map(withContainerDefaults) }),
    ...(spec.volumes === undefined ? {} : { volumes: spec.volumes.map(withVolumeDefaults) }),
  };
}

/** A copy of a container with the API server's defaults. */
export function withContainerDefaults(container: Container): Container {
  const { image, ports, env, resources } = container;
  const filled: Container = {
    terminationMessagePath: "/dev/termination-log",
    terminationMessagePolicy: "File",
    ...(image === undefined ? {} : { imagePullPolicy: pullPolicy(image) }),
    ...container,
  };
  if (ports !== undefined) filled.ports = ports.map((port) => ({ protocol: "TCP", ...port }));
  if (env !== undefined) filled.env = env.map(withEnvDefaults);
  if (container.lifecycle) filled.lifecycle = withLifecycleDefaults(container.lifecycle);
  if (resources !== undefined) filled.resources = canonicalResources(resources);
  for (const name of ["livenessProbe", "readinessProbe", "startupProbe"] as const) {
    const probe = container[name];
    if (probe !== undefined) filled[name] = withProbeDefaults(probe);
  }
  return filled;
}

function pullPolicy(image: string): "Always" | "IfNotPresent" {
  if (image.includes("@")) return "IfNotPresent";
  const tag = image.slice(image.lastIndexOf("/") + 1).split(":")[1] ?? "latest";
  return tag === "latest" ? "Always" : "IfNotPresent";
}

function withEnvDefaults(variable: EnvVar): EnvVar {
  if (variable.valueFrom === undefined) return variable;
  return { ...variable, valueFrom: { ...variable.valueFrom, ...refDefaults(variable.valueFrom) } };
}

/** Defaults of references to the pod itself, in variables and in volumes. */
function refDefaults(
  { fieldRef, resourceFieldRef }: Pick<EnvVarSource, "fieldRef" | "resourceFieldRef">,
): Pick<EnvVarSource, "fieldRef" | "resourceFieldRef"> {
  return {
    ...(fieldRef === undefined ? {} : { fieldRef: { apiVersion: "v1", ...fieldRef } }),
    ...(resourceFieldRef === undefined
      ? {}
      : { resourceFieldRef: { divisor: "0", ...resourceFieldRef } }),
  };
}

function withProbeDefaults(probe: Probe): Probe {
  const { httpGet, grpc } = probe;
  return {
    timeoutSeconds: 1,
    periodSeconds: 10,
    successThreshold: 1,
    failureThreshold: 3,
    ...probe,
    ...(httpGet === undefined ? {} : { httpGet: withHttpDefaults(httpGet) }),
    ...(grpc === undefined ? {} : { grpc: { service: "", ...grpc } }),
  };
}

function withHttpDefaults(httpGet: HTTPGetAction): HTTPGetAction {
  return { path: "/", scheme: "HTTP", ...httpGet };
}

function withLifecycleDefaults(lifecycle: Lifecycle): Lifecycle {
  const filled = { ...lifecycle };
  for (const name of ["postStart", "preStop"] as const) {
    const httpGet = lifecycle[name]?.httpGet;
    if (httpGet !== undefined) {
      filled[name] = { ...lifecycle[name], httpGet: withHttpDefaults(httpGet) };
    }
  }
  return filled;
}

function canonicalResources(resources: ResourceRequirements): ResourceRequirements {
  const canonical = (list: Record<string, string | number> | undefined) =>
    list && Object.fromEntries(
      Object.entries(list).map(([name, amount]) => [name, canonicalQuantity(String(amount))]),
    );
  const limits = canonical(resources.limits);
  const requests = canonical(resources.requests);
  return {
    ...resources,
    ...(limits === undefined ? {} : { limits }),
    // A container with limits alone requests as much.
    ...(limits === undefined && requests === undefined
      ? {}
      : { requests: { ...limits, ...requests } }),
  };
}

function withVolumeDefaults(volume: Volume): Volume {
  const { secret, configMap, downwardAPI, projected, hostPath, emptyDir } = volume;
  const mode = { defaultMode: FILE_MODE };
  const sources = projected?.sources?.map(withSourceDefaults);
  const bare = Object.keys(volume).length === 1 && volume.name !== undefined;
  return {
    ...volume,
    ...(secret === undefined ? {} : { secret: { ...mode, ...secret } }),
    ...(configMap === undefined ? {} : { configMap: { ...mode, ...configMap } }),
    ...(downwardAPI === undefined
      ? {}
      : { downwardAPI: { ...mode, ...withItemDefaults(downwardAPI) } }),
    ...(projected === undefined
      ? {}
      : { projected: { ...mode, ...projected, ...(sources ? { sources } : {}) } }),
    ...(hostPath === undefined ? {} : { hostPath: { type: "", ...hostPath } }),
    ...(bare ? { emptyDir: emptyDir ?? {} } : {}),
  };
}

function withSourceDefaults(source: VolumeProjection): VolumeProjection {
  const { serviceAccountToken, downwardAPI } = source;
  return {
    ...source,
    ...(downwardAPI === undefined ? {} : { downwardAPI: withItemDefaults(downwardAPI) }),
    ...(serviceAccountToken === undefined ? {} : {
      serviceAccountToken: { expirationSeconds: TOKEN_SECONDS, ...serviceAccountToken },
    }),
  };
}

function withItemDefaults<T extends { items?: DownwardAPIVolumeFile[] }>(files: T): T {
  if (files.items === undefined) return files;
  return { ...files, items: files.items.map((item) => ({ ...item, ...refDefaults(item) })) };
}
