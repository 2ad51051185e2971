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
  PersistentVolumeClaimSpec,
  PodSpec,
  Probe,
  ResourceFieldSelector,
  Volume,
  VolumeProjection,
} from "../../../kubernetes/types.gen.ts";
import { canonicalQuantity, storedAmount } from "../../../lib/quantity.ts";

const FILE_MODE = 0o644;
const TOKEN_SECONDS = 3600;
const CERTIFICATE_SECONDS = 86_400;

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
  if (resources !== undefined) filled.resources = storedAmounts(resources);
  for (const name of ["livenessProbe", "readinessProbe", "startupProbe"] as const) {
    const probe = container[name];
    if (probe !== undefined) filled[name] = withProbeDefaults(probe);
  }
  return filled;
}

function pullPolicy(image: string): "Always" | "IfNotPresent" {
  const [name = "", digest] = image.split("@");
  const tag = name.slice(name.lastIndexOf("/") + 1).split(":")[1];
  return tag === "latest" || (tag ?? digest) === undefined ? "Always" : "IfNotPresent";
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
      : { resourceFieldRef: { ...resourceFieldRef, divisor: divisorOf(resourceFieldRef) } }),
  };
}

function divisorOf({ divisor }: ResourceFieldSelector): string {
  return divisor === undefined ? "0" : canonicalQuantity(String(divisor));
}

function withProbeDefaults(probe: Probe): Probe {
  const { httpGet, grpc } = probe;
  const { timeoutSeconds, periodSeconds, successThreshold, failureThreshold } = probe;
  return {
    ...probe,
    // A zero counts as nothing.
    timeoutSeconds: timeoutSeconds || 1,
    periodSeconds: periodSeconds || 10,
    successThreshold: successThreshold || 1,
    failureThreshold: failureThreshold || 3,
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

interface Amounts {
  limits?: Record<string, string | number>;
  requests?: Record<string, string | number>;
}

/** Lists of resources as they are stored. A container with limits alone requests as much. */
function storedAmounts<T extends Amounts>(resources: T): T {
  const stored = (list: Amounts["limits"]) =>
    list && Object.fromEntries(
      Object.entries(list).map(([name, amount]) => [name, storedAmount(String(amount))]),
    );
  const limits = stored(resources.limits);
  const requests = stored(resources.requests);
  return {
    ...resources,
    ...(limits === undefined ? {} : { limits }),
    ...(limits === undefined && requests === undefined
      ? {}
      : { requests: { ...limits, ...requests } }),
  };
}

/** What a volume of a kind gets beside what is asked for; kinds without defaults are left out. */
const VOLUME_DEFAULTS: { readonly [Kind in keyof Volume]?: object } = {
  azureDisk: { cachingMode: "ReadWrite", fsType: "ext4", readOnly: false, kind: "Shared" },
  configMap: { defaultMode: FILE_MODE },
  downwardAPI: { defaultMode: FILE_MODE },
  hostPath: { type: "" },
  iscsi: { iscsiInterface: "default" },
  projected: { defaultMode: FILE_MODE },
  rbd: { pool: "rbd", user: "admin", keyring: "/etc/ceph/keyring" },
  scaleIO: { storageMode: "ThinProvisioned", fsType: "xfs" },
  secret: { defaultMode: FILE_MODE },
};

function withVolumeDefaults(volume: Volume): Volume {
  const bare = Object.keys(volume).length === 1 && volume.name !== undefined;
  if (bare) return { ...volume, emptyDir: {} };
  const filled = Object.fromEntries(
    Object.entries(volume).map(([kind, source]: [string, object]) => {
      const defaults = VOLUME_DEFAULTS[kind as keyof Volume];
      return [kind, defaults === undefined ? source : { ...defaults, ...source }];
    }),
  ) as unknown as Volume;
  const { downwardAPI, emptyDir, ephemeral, image, projected } = filled;
  if (downwardAPI) filled.downwardAPI = withItemDefaults(downwardAPI);
  if (projected?.sources) {
    filled.projected = { ...projected, sources: projected.sources.map(withSourceDefaults) };
  }
  if (emptyDir?.sizeLimit !== undefined) {
    filled.emptyDir = { ...emptyDir, sizeLimit: canonicalQuantity(String(emptyDir.sizeLimit)) };
  }
  if (ephemeral?.volumeClaimTemplate) {
    const { spec, ...rest } = ephemeral.volumeClaimTemplate;
    filled.ephemeral = { volumeClaimTemplate: { ...rest, spec: withClaimDefaults(spec) } };
  }
  if (image) {
    const policy = image.reference === undefined ? {} : { pullPolicy: pullPolicy(image.reference) };
    filled.image = { ...policy, ...image };
  }
  return filled;
}

/** A copy of a claim's spec with the API server's defaults. */
export function withClaimDefaults(spec: PersistentVolumeClaimSpec): PersistentVolumeClaimSpec {
  const { resources } = spec;
  return {
    volumeMode: "Filesystem",
    ...spec,
    ...(resources === undefined ? {} : { resources: storedAmounts(resources) }),
  };
}

function withSourceDefaults(source: VolumeProjection): VolumeProjection {
  const { serviceAccountToken, downwardAPI, podCertificate } = source;
  return {
    ...source,
    ...(downwardAPI === undefined ? {} : { downwardAPI: withItemDefaults(downwardAPI) }),
    ...(podCertificate === undefined ? {} : {
      podCertificate: { maxExpirationSeconds: CERTIFICATE_SECONDS, ...podCertificate },
    }),
    ...(serviceAccountToken === undefined ? {} : {
      serviceAccountToken: { expirationSeconds: TOKEN_SECONDS, ...serviceAccountToken },
    }),
  };
}

function withItemDefaults<T extends { items?: DownwardAPIVolumeFile[] }>(files: T): T {
  if (files.items === undefined) return files;
  return { ...files, items: files.items.map((item) => ({ ...item, ...refDefaults(item) })) };
}
