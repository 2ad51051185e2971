/** What the API server makes of small manifests: defaults, allocations, dropped empties, managed fields. */
import type { Body } from "../context.ts";
import { type Exchange, recorded } from "../recorded.ts";

const CORE = "/api/v1/namespaces/NS";

function creation(group: string, plural: string, body: Body): Exchange {
  const base = group === "" ? CORE : `/apis/${group}/namespaces/NS`;
  return { method: "POST", path: `${base}/${plural}`, body };
}

const labels = { app: "x" };
const container = { name: "main", image: "nginx" };
const template = (spec: Body = {}) => ({
  metadata: { labels },
  spec: { containers: [container], ...spec },
});
const selector = { matchLabels: labels };

const everyProbe = {
  httpGet: { port: 80 },
};

const richPodSpec = {
  hostNetwork: true,
  serviceAccountName: "default",
  automountServiceAccountToken: false,
  priorityClassName: "",
  nodeSelector: {},
  tolerations: [{ key: "a", operator: "Exists" }],
  initContainers: [{ name: "init", image: "busybox:1.36", command: ["true"], env: [] }],
  containers: [{
    name: "main",
    image:
      "registry.example.org:5000/a/b@sha256:0123456789012345678901234567890123456789012345678901234567890123",
    ports: [{ containerPort: 80 }, { containerPort: 81, name: "b", protocol: "UDP" }],
    livenessProbe: everyProbe,
    readinessProbe: { tcpSocket: { port: "b" }, periodSeconds: 3 },
    startupProbe: { exec: { command: ["x"] } },
    lifecycle: { preStop: { httpGet: { port: 80 } }, postStart: { exec: { command: ["y"] } } },
    env: [
      { name: "EMPTY", value: "" },
      { name: "FIELD", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
      { name: "SECRET", valueFrom: { secretKeyRef: { name: "s", key: "k", optional: false } } },
      { name: "CPU", valueFrom: { resourceFieldRef: { resource: "limits.cpu" } } },
    ],
    resources: {
      limits: { cpu: "1000m", memory: "1024Mi", "ephemeral-storage": "1.5Gi" },
      requests: { cpu: 0.5 },
    },
    securityContext: { privileged: false, allowPrivilegeEscalation: true },
    volumeMounts: [{ name: "secret", mountPath: "/s" }, {
      name: "empty",
      mountPath: "/e",
      readOnly: false,
    }],
    stdin: false,
  }],
  volumes: [
    { name: "empty" },
    { name: "secret", secret: { secretName: "s" } },
    { name: "config", configMap: { name: "c", items: [{ key: "a", path: "b" }] } },
    {
      name: "down",
      downwardAPI: { items: [{ path: "l", fieldRef: { fieldPath: "metadata.labels" } }] },
    },
    {
      name: "projected",
      projected: { sources: [{ serviceAccountToken: { path: "t" } }, { secret: { name: "s" } }] },
    },
    { name: "memory", emptyDir: { medium: "Memory", sizeLimit: "64Mi" } },
    { name: "host", hostPath: { path: "/tmp" } },
    { name: "claim", persistentVolumeClaim: { claimName: "c" } },
  ],
  affinity: {
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [{
        labelSelector: { matchLabels: labels },
        topologyKey: "kubernetes.io/hostname",
      }],
    },
  },
};

const claimSpec = {
  accessModes: ["ReadWriteOnce"],
  resources: { requests: { storage: "1024Mi" } },
};

export const defaultRows = [
  recorded({
    name: "A minimal Pod gets its defaults",
    steps: [creation("", "pods", { metadata: { name: "p" }, spec: { containers: [container] } })],
  }),
  recorded({
    name: "A rich Pod gets its defaults",
    steps: [creation("", "pods", { metadata: { name: "p" }, spec: richPodSpec })],
  }),
  recorded({
    name: "A StatefulSet gets its defaults",
    steps: [creation("apps/v1", "statefulsets", {
      metadata: { name: "s", labels: {}, annotations: {} },
      spec: {
        selector,
        serviceName: "s",
        template: template(),
        volumeClaimTemplates: [{ metadata: { name: "data" }, spec: claimSpec }],
      },
    })],
  }),
  recorded({
    name: "A StatefulSet keeps what it states",
    steps: [creation("apps/v1", "statefulsets", {
      metadata: { name: "s" },
      spec: {
        selector,
        serviceName: "s",
        replicas: 0,
        podManagementPolicy: "Parallel",
        updateStrategy: { type: "OnDelete" },
        persistentVolumeClaimRetentionPolicy: { whenDeleted: "Delete" },
        template: template({ ...richPodSpec, volumes: [], containers: [container] }),
      },
    })],
  }),
  recorded({
    name: "A Deployment gets its defaults",
    steps: [
      creation("apps/v1", "deployments", {
        metadata: { name: "d" },
        spec: { selector, template: template(), replicas: 0 },
      }),
    ],
  }),
  recorded({
    name: "A Deployment with Recreate gets no rolling update",
    steps: [
      creation("apps/v1", "deployments", {
        metadata: { name: "d" },
        spec: { selector, template: template(), replicas: 0, strategy: { type: "Recreate" } },
      }),
    ],
  }),
  recorded({
    name: "A ReplicaSet gets its defaults",
    steps: [
      creation("apps/v1", "replicasets", {
        metadata: { name: "r" },
        spec: { selector, template: template(), replicas: 0 },
      }),
    ],
  }),
  recorded({
    name: "A DaemonSet gets its defaults",
    steps: [
      creation("apps/v1", "daemonsets", {
        metadata: { name: "d" },
        spec: { selector, template: template() },
      }),
    ],
  }),
  recorded({
    name: "A Job gets its defaults",
    steps: [
      creation("batch/v1", "jobs", {
        metadata: { name: "j" },
        spec: { suspend: true, template: template({ restartPolicy: "Never" }) },
      }),
    ],
  }),
  recorded({
    name: "A CronJob gets its defaults",
    steps: [creation("batch/v1", "cronjobs", {
      metadata: { name: "c" },
      spec: {
        schedule: "0 3 * * *",
        suspend: true,
        jobTemplate: { spec: { template: template({ restartPolicy: "OnFailure" }) } },
      },
    })],
  }),
  recorded({
    name: "A ClusterIP Service gets its defaults",
    steps: [
      creation("", "services", {
        metadata: { name: "s" },
        spec: { selector: labels, ports: [{ port: 80 }] },
      }),
    ],
  }),
  recorded({
    name: "A headless Service gets its defaults",
    steps: [
      creation("", "services", {
        metadata: { name: "s" },
        spec: { clusterIP: "None", selector: labels, ports: [{ port: 80, targetPort: "x" }] },
      }),
    ],
  }),
  recorded({
    name: "A headless Service without selector gets its defaults",
    steps: [creation("", "services", { metadata: { name: "s" }, spec: { clusterIP: "None" } })],
  }),
  recorded({
    name: "A NodePort Service gets its defaults",
    steps: [
      creation("", "services", {
        metadata: { name: "s" },
        spec: {
          type: "NodePort",
          selector: labels,
          ports: [{ port: 80 }, { port: 81, name: "b" }].map((port, index) => ({
            name: `p${index}`,
            ...port,
          })),
        },
      }),
    ],
  }),
  recorded({
    name: "A LoadBalancer Service gets its defaults, and loses them as ClusterIP",
    steps: [
      creation("", "services", {
        metadata: { name: "s" },
        spec: {
          type: "LoadBalancer",
          loadBalancerSourceRanges: ["127.0.0.1/32"],
          selector: labels,
          ports: [{ port: 80 }],
        },
      }),
      {
        method: "PATCH",
        path: `${CORE}/services/s`,
        body: { spec: { type: "ClusterIP", loadBalancerSourceRanges: null } },
        options: { contentType: "application/merge-patch+json" },
      },
    ],
  }),
  recorded({
    name: "An ExternalName Service has no address",
    steps: [
      creation("", "services", {
        metadata: { name: "s" },
        spec: { type: "ExternalName", externalName: "example.org" },
      }),
    ],
  }),
  recorded({
    name: "A claim gets its defaults",
    steps: [creation("", "persistentvolumeclaims", { metadata: { name: "c" }, spec: claimSpec })],
  }),
  recorded({
    name: "A Secret takes stringData",
    steps: [
      creation("", "secrets", {
        metadata: { name: "s" },
        data: { a: "YQ==" },
        stringData: { b: "ü" },
      }),
    ],
  }),
  recorded({
    name: "A ConfigMap drops empty maps",
    steps: [
      creation("", "configmaps", {
        metadata: { name: "c", labels: {}, annotations: null, finalizers: [] },
        data: {},
        binaryData: { a: "YQ==" },
      }),
    ],
  }),
  recorded({
    name: "A budget gets its defaults",
    steps: [
      creation("policy/v1", "poddisruptionbudgets", {
        metadata: { name: "b" },
        spec: { minAvailable: 1, selector },
      }),
    ],
  }),
  recorded({
    name: "Endpoints get their defaults",
    steps: [
      creation("", "endpoints", {
        metadata: { name: "e" },
        subsets: [{ addresses: [{ ip: "10.0.0.1" }], ports: [{ port: 5432, name: "postgresql" }] }],
      }),
    ],
  }),
  recorded({
    name: "Endpoints without subsets are kept",
    steps: [creation("", "endpoints", { metadata: { name: "e", labels }, subsets: [] })],
  }),
  recorded({
    name: "An EndpointSlice gets its defaults",
    steps: [
      creation("discovery.k8s.io/v1", "endpointslices", {
        metadata: { name: "e" },
        addressType: "IPv4",
        endpoints: [{ addresses: ["10.0.0.1"] }],
        ports: [{ port: 1 }],
      }),
    ],
  }),
  recorded({
    name: "A Lease is stored as it is",
    steps: [
      creation("coordination.k8s.io/v1", "leases", {
        metadata: { name: "l" },
        spec: { holderIdentity: "me", leaseDurationSeconds: 15 },
      }),
    ],
  }),
  recorded({
    name: "A RoleBinding gets its defaults",
    steps: [
      creation("rbac.authorization.k8s.io/v1", "rolebindings", {
        metadata: { name: "b" },
        roleRef: { kind: "ClusterRole", name: "view" },
        subjects: [{ kind: "User", name: "u" }, {
          kind: "ServiceAccount",
          name: "default",
          namespace: "NS",
        }],
      }),
    ],
  }),
  recorded({
    name: "A Role is stored as it is",
    steps: [
      creation("rbac.authorization.k8s.io/v1", "roles", {
        metadata: { name: "r" },
        rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }],
      }),
    ],
  }),
  recorded({
    name: "A NetworkPolicy gets its defaults",
    steps: [
      creation("networking.k8s.io/v1", "networkpolicies", {
        metadata: { name: "n" },
        spec: { podSelector: {}, ingress: [{ ports: [{ port: 80 }] }] },
      }),
    ],
  }),
  recorded({
    name: "An Event is stored as it is",
    steps: [
      creation("", "events", {
        metadata: { name: "e.1" },
        involvedObject: { kind: "Pod", name: "p", namespace: "NS", apiVersion: "v1" },
        reason: "R",
        message: "m",
        type: "Normal",
        count: 1,
        source: { component: "c" },
      }),
    ],
  }),
  recorded({
    name: "An Event of events.k8s.io is the same as one of core",
    steps: [
      creation("events.k8s.io/v1", "events", {
        metadata: { name: "e.1" },
        regarding: { kind: "Pod", name: "p", namespace: "NS" },
        reason: "R",
        note: "m",
        type: "Normal",
        action: "A",
        eventTime: "2026-01-01T00:00:00.000000Z",
        reportingController: "c/d",
        reportingInstance: "i",
      }),
      { method: "GET", path: `${CORE}/events/e.1` },
    ],
  }),
];
