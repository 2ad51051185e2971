/**
 * What admission policies and other controllers commonly change in objects of a cluster. Each row is
 * applied to every object of its kinds that is stored, as a mutating webhook would.
 */

import type { Container, KubeObject, PodSpec } from "../../src/kubernetes/types.gen.ts";

/** One change, and whose work it imitates. */
export interface Mutation {
  readonly name: string;
  readonly kinds: readonly string[];
  /** Changes the object in place. */
  readonly change: (object: Changeable) => void;
  /** The change puts another value in the place of a wished one, so the status has to tell it. */
  readonly overrides?: true;
}

/** An object whose fields are looked at loosely. */
// deno-lint-ignore no-explicit-any
export type Changeable = any;

const WORKLOADS = ["StatefulSet", "Deployment"];

function templateOf(object: Changeable): Changeable {
  return object.kind === "Pod" ? object : object.spec.template;
}

/** A change of the pod spec, of templates or of pods. */
function ofSpec(
  name: string,
  kinds: readonly string[],
  change: (spec: PodSpec) => void,
  rest: Partial<Mutation> = {},
): Mutation {
  return { name, kinds, change: (object) => change(templateOf(object).spec), ...rest };
}

function ofContainers(
  name: string,
  kinds: readonly string[],
  change: (container: Container) => void,
  rest: Partial<Mutation> = {},
): Mutation {
  return ofSpec(name, kinds, (spec) => spec.containers.forEach(change), rest);
}

function ofMetadata(
  name: string,
  kinds: readonly string[],
  map: "labels" | "annotations",
  entries: Readonly<Record<string, string>>,
  rest: Partial<Mutation> = {},
): Mutation {
  const change = ({ metadata }: Changeable) =>
    void (metadata[map] = { ...metadata[map], ...entries });
  return { name, kinds, change, ...rest };
}

/** Adds an element to a list unless one of its name is there. */
function put<T extends { name?: string; key?: string }>(list: T[], element: T, first = false): T[] {
  const same = (one: T) => one.name === element.name && one.key === element.key;
  if (list.some(same)) return list;
  return first ? [element, ...list] : [...list, element];
}

const PROXY: Container = { name: "istio-proxy", image: "istio/proxyv2:1.28" };

const SPECS: readonly Mutation[] = [
  ofSpec("a toleration", WORKLOADS, (spec) => {
    spec.tolerations = put(spec.tolerations ?? [], { key: "dedicated", operator: "Exists" });
  }),
  ofSpec("a toleration put first, in pods", ["Pod"], (spec) => {
    spec.tolerations = put(spec.tolerations ?? [], { key: "spot", operator: "Exists" }, true);
  }),
  ofContainers("an environment variable", WORKLOADS, (container) => {
    container.env = put(container.env ?? [], { name: "HTTP_PROXY", value: "http://proxy:3128" });
  }),
  ofContainers("environment variables put first, in pods", ["Pod"], (container) => {
    container.env = put(container.env ?? [], { name: "AWS_ROLE_ARN", value: "arn:1" }, true);
  }),
  ofSpec("a sidecar put first", WORKLOADS, (spec) => {
    spec.containers = put(spec.containers, PROXY, true);
  }),
  ofSpec("a sidecar put first, in pods", ["Pod"], (spec) => {
    spec.containers = put(spec.containers, PROXY, true);
  }),
  ofSpec("an init container put first", WORKLOADS, (spec) => {
    spec.initContainers = put(spec.initContainers ?? [], { name: "vault", image: "vault:1" }, true);
  }),
  ofSpec("a mounted volume", WORKLOADS, (spec) => {
    spec.volumes = put(spec.volumes ?? [], { name: "ca", configMap: { name: "ca" } }, true);
    for (const container of spec.containers) {
      container.volumeMounts = put(container.volumeMounts ?? [], { name: "ca", mountPath: "/ca" });
    }
  }),
  ofSpec("a spread constraint", WORKLOADS, (spec) => {
    spec.topologySpreadConstraints ??= [{
      maxSkew: 1,
      topologyKey: "topology.kubernetes.io/zone",
      whenUnsatisfiable: "ScheduleAnyway",
    }];
  }),
  ofSpec("a node affinity", WORKLOADS, (spec) => {
    spec.affinity = {
      ...spec.affinity,
      nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [] },
    };
    spec.nodeSelector = { pool: "databases" };
  }),
  ofSpec("a pull Secret", [...WORKLOADS, "Pod"], (spec) => {
    spec.imagePullSecrets = [{ name: "mirror" }];
  }),
  ofSpec("a security context of pods", WORKLOADS, (spec) => {
    spec.securityContext = { ...spec.securityContext, seccompProfile: { type: "RuntimeDefault" } };
  }),
  ofContainers("a security context of containers", WORKLOADS, (container) => {
    container.securityContext = {
      ...container.securityContext,
      seccompProfile: { type: "RuntimeDefault" },
    };
  }),
  ofContainers("dropped capabilities", WORKLOADS, (container) => {
    container.securityContext = { ...container.securityContext, capabilities: { drop: ["ALL"] } };
  }),
  ofContainers("an overridden privilege", WORKLOADS, (container) => {
    container.securityContext = { ...container.securityContext, allowPrivilegeEscalation: false };
  }, { overrides: true }),
  ofContainers("images of a mirror", WORKLOADS, (container) => {
    container.image = mirrored(container.image ?? "");
  }, { overrides: true }),
  ofContainers("images of a mirror, in pods", ["Pod"], (container) => {
    container.image = mirrored(container.image ?? "");
  }),
  ofContainers("a digest of the image", WORKLOADS, (container) => {
    container.image = (container.image ?? "").replace(/(@.*)?$/, `@sha256:${"a".repeat(64)}`);
  }, { overrides: true }),
  ofContainers("a digest of the image, in pods", ["Pod"], (container) => {
    container.image = (container.image ?? "").replace(/(@.*)?$/, `@sha256:${"b".repeat(64)}`);
  }),
  ofContainers("another pull policy", WORKLOADS, (container) => {
    container.imagePullPolicy = "Always";
  }, { overrides: true }),
  ofContainers("limits of storage", WORKLOADS, (container) => {
    const { limits, requests } = container.resources ?? {};
    container.resources = {
      limits: { ...limits, "ephemeral-storage": "1Gi" },
      requests: { ...requests, "ephemeral-storage": "1Gi" },
    };
  }),
  ofContainers("raised requests", WORKLOADS, (container) => {
    const { limits, requests } = container.resources ?? {};
    container.resources = {
      ...container.resources,
      ...(limits ? { limits } : {}),
      requests: { ...requests, cpu: "333m" },
    };
  }, { overrides: true }),
  ofSpec("a priority class", WORKLOADS, (spec) => {
    spec.priorityClassName = "databases";
  }),
  ofSpec("another scheduler", WORKLOADS, (spec) => {
    spec.schedulerName = "bin-packing";
  }),
  ofSpec("much of the pod spec that the operator does not set", WORKLOADS, (spec) => {
    Object.assign(spec, UNSET);
  }),
  ofSpec("much of the pod spec that the operator does not set, in pods", ["Pod"], (spec) => {
    Object.assign(spec, UNSET);
  }),
  ofSpec("a native sidecar", [...WORKLOADS, "Pod"], (spec) => {
    const sidecar = { name: "mesh", image: "mesh:1", restartPolicy: "Always" };
    spec.initContainers = put(spec.initContainers ?? [], sidecar);
  }),
  ofContainers("probes, hooks and more variables of containers", WORKLOADS, (container) => {
    container.lifecycle = { preStop: { exec: { command: ["sleep", "5"] } } };
    container.livenessProbe = { tcpSocket: { port: 1 } };
    container.envFrom = [{ configMapRef: { name: "mesh" } }];
  }),
  ofContainers("a wrapped command", WORKLOADS, (container) => {
    container.command = ["/vault/env"];
  }),
  ofSpec("a longer grace period", WORKLOADS, (spec) => {
    spec.terminationGracePeriodSeconds = 777;
  }, { overrides: true }),
];

const UNSET = {
  hostNetwork: true,
  dnsConfig: { options: [{ name: "ndots", value: "2" }] },
  runtimeClassName: "gvisor",
  shareProcessNamespace: true,
  automountServiceAccountToken: false,
  enableServiceLinks: false,
  hostAliases: [{ ip: "192.0.2.1", hostnames: ["mirror"] }],
  readinessGates: [{ conditionType: "example.com/ready" }],
  preemptionPolicy: "Never",
};

function mirrored(image: string): string {
  return image.startsWith("mirror.local/") ? image : `mirror.local/${image}`;
}

/** A change of the spec of one kind. */
function ofKind(
  name: string,
  kind: string,
  change: (spec: Changeable) => void,
  rest: Partial<Mutation> = {},
): Mutation {
  return { name, kinds: [kind], change: ({ spec }) => change(spec), ...rest };
}

const SINGLE: readonly Mutation[] = [
  ofKind("another update strategy", "StatefulSet", (spec) => {
    spec.updateStrategy = { type: "RollingUpdate" };
  }, { overrides: true }),
  ofKind("pods started side by side", "StatefulSet", (spec) => {
    spec.podManagementPolicy = "Parallel";
  }, { overrides: true }),
  ofKind("claims that go with the StatefulSet", "StatefulSet", (spec) => {
    spec.persistentVolumeClaimRetentionPolicy = { whenDeleted: "Delete", whenScaled: "Delete" };
  }, { overrides: true }),
  ofKind("one more claim template", "StatefulSet", (spec) => {
    const [claim, ...rest] = spec.volumeClaimTemplates;
    if (rest.length > 0) return;
    const metadata = { ...claim.metadata, name: "cache" };
    spec.volumeClaimTemplates = [claim, { ...structuredClone(claim), metadata }];
  }),
  ofKind("pace and history of a StatefulSet", "StatefulSet", (spec) => {
    Object.assign(spec, { minReadySeconds: 5, revisionHistoryLimit: 3 });
  }),
  ofKind("pace and history of a Deployment", "Deployment", (spec) => {
    Object.assign(spec, { strategy: { type: "Recreate" }, revisionHistoryLimit: 1 });
  }),
  ofKind("a backup that is suspended", "CronJob", (spec) => {
    Object.assign(spec, { suspend: true, startingDeadlineSeconds: 5, timeZone: "Etc/UTC" });
  }),
  ofKind("affinity and addresses of Services", "Service", (spec) => {
    Object.assign(spec, { sessionAffinity: "ClientIP", externalIPs: ["192.0.2.1"] });
  }),
  ofKind("claims of a class", "PersistentVolumeClaim", (spec) => {
    Object.assign(spec, { storageClassName: "fast", volumeName: "pv-1" });
  }),
  {
    name: "Secrets that cannot be changed",
    kinds: ["Secret"],
    change: (secret) => void (secret.immutable = true),
  },
];

const METADATA: readonly Mutation[] = [
  {
    name: "a label on pod templates",
    kinds: WORKLOADS,
    change({ spec: { template } }) {
      template.metadata.labels = { ...template.metadata.labels, "cost-center": "42" };
    },
  },
  {
    name: "an annotation on pod templates",
    kinds: WORKLOADS,
    change({ spec: { template } }) {
      template.metadata.annotations = { ...template.metadata.annotations, "policy/by": "kyverno" };
    },
  },
  {
    name: "annotated claim templates",
    kinds: ["StatefulSet"],
    change({ spec }) {
      for (const { metadata } of spec.volumeClaimTemplates) {
        metadata.annotations = { ...metadata.annotations, "k8up.io/backup": "false" };
      }
    },
  },
  {
    name: "a storage class",
    kinds: ["StatefulSet"],
    change({ spec }) {
      for (const claim of spec.volumeClaimTemplates) claim.spec.storageClassName = "fast";
    },
  },
  ofMetadata(
    "labels everywhere",
    [
      "Secret",
      "PodDisruptionBudget",
      "Service",
      "Endpoints",
      "StatefulSet",
      "Deployment",
      "CronJob",
      "Pod",
      "PersistentVolumeClaim",
      "ConfigMap",
    ],
    "labels",
    { "owner": "dba" },
  ),
  ofMetadata(
    "annotations everywhere",
    [
      "Secret",
      "PodDisruptionBudget",
      "Service",
      "Endpoints",
      "StatefulSet",
      "Deployment",
      "CronJob",
      "Pod",
      "PersistentVolumeClaim",
      "ConfigMap",
    ],
    "annotations",
    { "scan/result": "clean" },
  ),
  ofMetadata("an overridden label on Services", ["Service"], "labels", { team: "platform" }, {
    overrides: true,
  }),
  ofMetadata("an overridden label on budgets", ["PodDisruptionBudget"], "labels", {
    team: "platform",
  }, { overrides: true }),
  ofMetadata("an overridden label on the pooler's Secret", ["Secret"], "labels", {
    team: "platform",
  }, { overrides: true }),
  {
    name: "another type of Service",
    kinds: ["Service"],
    overrides: true,
    change({ spec }) {
      spec.type = "NodePort";
    },
  },
  {
    name: "replicas of the pooler",
    kinds: ["Deployment"],
    overrides: true,
    change({ spec }) {
      spec.replicas = 5;
    },
  },
  {
    name: "a budget of another size",
    kinds: ["PodDisruptionBudget"],
    overrides: true,
    change({ spec }) {
      if (spec.minAvailable !== undefined) spec.minAvailable = 0;
    },
  },
  {
    name: "another schedule of the backup",
    kinds: ["CronJob"],
    overrides: true,
    change({ spec }) {
      spec.schedule = "17 3 * * *";
    },
  },
];

/** All rows. */
export const MUTATIONS: readonly Mutation[] = [...SPECS, ...SINGLE, ...METADATA];

/** The object as the policy leaves it. */
export function mutated({ kinds, change }: Mutation, object: KubeObject): KubeObject {
  if (!kinds.includes(object.kind)) return object;
  const copy = structuredClone(object);
  change(copy);
  return copy;
}
