/**
 * What a manifest or a configuration can ask for in pods and claims, one small sample each, as it
 * would be sent: the API server adds its defaults and rewrites quantities. `record_stored.ts` asks a
 * real one; the test beside it holds the comparison to the answers.
 */

import type {
  Container,
  PersistentVolumeClaimSpec,
  PodSpec,
  Probe,
  Volume,
} from "../../src/kubernetes/types.gen.ts";

/** One sample: a pod spec, or the spec of a claim template. */
export interface Sample {
  readonly name: string;
  readonly pod?: PodSpec;
  readonly claim?: PersistentVolumeClaimSpec;
}

const IMAGE = "registry.example/spilo:1";

function pod(spec: Partial<PodSpec>): PodSpec {
  return { containers: [{ name: "postgres", image: IMAGE }], ...spec };
}

function volume(name: string, source: Omit<Volume, "name">): Sample {
  return { name: `volume ${name}`, pod: pod({ volumes: [{ name: "v", ...source }] }) };
}

function container(name: string, fields: Partial<Container>): Sample {
  return { name, pod: pod({ containers: [{ name: "postgres", image: IMAGE, ...fields }] }) };
}

const REF = { name: "s" };
const CLAIM = { accessModes: ["ReadWriteOnce" as const] };
const resources = (storage: string) => ({ resources: { requests: { storage } } });
const FIELD = { fieldRef: { fieldPath: "metadata.name" } };
const RESOURCE = { resourceFieldRef: { containerName: "postgres", resource: "limits.cpu" } };

const VOLUMES: readonly Sample[] = [
  volume("awsElasticBlockStore", { awsElasticBlockStore: { volumeID: "a" } }),
  volume("azureDisk", {
    azureDisk: { diskName: "a", diskURI: "https://a.blob.core.windows.net/b/c.vhd" },
  }),
  volume("azureDisk managed", {
    azureDisk: { diskName: "a", diskURI: "/subscriptions/a", kind: "Managed" },
  }),
  volume("azureFile", { azureFile: { secretName: "a", shareName: "b" } }),
  volume("cephfs", { cephfs: { monitors: ["a"] } }),
  volume("cinder", { cinder: { volumeID: "a" } }),
  volume("configMap", { configMap: { name: "a", items: [{ key: "k", path: "p" }] } }),
  volume("configMap mode", { configMap: { name: "a", defaultMode: 256 } }),
  volume("csi", { csi: { driver: "d.example", volumeAttributes: { a: "b" } } }),
  volume("downwardAPI", { downwardAPI: { items: [{ path: "a", ...FIELD }] } }),
  volume("downwardAPI resource", { downwardAPI: { items: [{ path: "a", ...RESOURCE }] } }),
  volume("emptyDir", { emptyDir: {} }),
  volume("emptyDir memory", { emptyDir: { medium: "Memory", sizeLimit: "1024Mi" } }),
  volume("emptyDir fraction", { emptyDir: { sizeLimit: "1.3333Gi" } }),
  volume("ephemeral", {
    ephemeral: { volumeClaimTemplate: { spec: { ...CLAIM, ...resources("1024Mi") } } },
  }),
  volume("ephemeral fraction", {
    ephemeral: {
      volumeClaimTemplate: {
        metadata: { labels: { a: "b" } },
        spec: { ...CLAIM, ...resources("1.3333Gi"), volumeMode: "Block" },
      },
    },
  }),
  volume("ephemeral source", {
    ephemeral: {
      volumeClaimTemplate: {
        spec: {
          ...CLAIM,
          ...resources("1G"),
          storageClassName: "x",
          selector: { matchLabels: { a: "b" } },
          dataSource: { kind: "PersistentVolumeClaim", name: "d" },
        },
      },
    },
  }),
  volume("ephemeral source reference", {
    ephemeral: {
      volumeClaimTemplate: {
        spec: {
          ...CLAIM,
          ...resources("1G"),
          dataSourceRef: {
            apiGroup: "snapshot.storage.k8s.io",
            kind: "VolumeSnapshot",
            name: "d",
          },
        },
      },
    },
  }),
  volume("fc", { fc: { targetWWNs: ["a"], lun: 1 } }),
  volume("flexVolume", { flexVolume: { driver: "a/b" } }),
  volume("flocker", { flocker: { datasetName: "a" } }),
  volume("gcePersistentDisk", { gcePersistentDisk: { pdName: "a" } }),
  volume("gitRepo", { gitRepo: { repository: "https://a.example/b" } }),
  volume("glusterfs", { glusterfs: { endpoints: "a", path: "b" } }),
  volume("hostPath", { hostPath: { path: "/a" } }),
  volume("image", { image: { reference: "registry.example/a:1" } }),
  volume("image latest", { image: { reference: "registry.example/a" } }),
  volume("image digest", { image: { reference: `registry.example/a@sha256:${"a".repeat(64)}` } }),
  volume("image tag and digest", {
    image: { reference: `registry.example:5000/a:latest@sha256:${"a".repeat(64)}` },
  }),
  volume("iscsi", {
    iscsi: { targetPortal: "1.2.3.4:3260", iqn: "iqn.2001-04.com.example:a", lun: 0 },
  }),
  volume("nfs", { nfs: { server: "a", path: "/b" } }),
  volume("persistentVolumeClaim", { persistentVolumeClaim: { claimName: "a" } }),
  volume("photonPersistentDisk", { photonPersistentDisk: { pdID: "a" } }),
  volume("portworxVolume", { portworxVolume: { volumeID: "a" } }),
  volume("projected", {
    projected: {
      sources: [
        { secret: { name: "a", items: [{ key: "k", path: "p" }] } },
        { configMap: { name: "b" } },
        { serviceAccountToken: { path: "t" } },
        { downwardAPI: { items: [{ path: "a", ...FIELD }, { path: "b", ...RESOURCE }] } },
      ],
    },
  }),
  volume("projected trust bundle", {
    projected: { sources: [{ clusterTrustBundle: { name: "a", path: "b" } }] },
  }),
  volume("projected pod certificate", {
    projected: {
      sources: [{
        podCertificate: {
          signerName: "a.example/b",
          keyType: "ED25519",
          credentialBundlePath: "c",
        },
      }],
    },
  }),
  volume("quobyte", { quobyte: { registry: "a:1", volume: "b" } }),
  volume("rbd", { rbd: { monitors: ["a"], image: "b" } }),
  volume("rbd user", { rbd: { monitors: ["a"], image: "b", user: "u", pool: "p" } }),
  volume("scaleIO", {
    scaleIO: { gateway: "https://a", system: "b", volumeName: "c", secretRef: REF },
  }),
  volume("secret", { secret: { secretName: "a" } }),
  volume("storageos", { storageos: { volumeName: "a" } }),
  volume("vsphereVolume", { vsphereVolume: { volumePath: "[a] b" } }),
  volume("without a source", {}),
];

const HANDLERS: readonly (readonly [string, Partial<Probe>])[] = [
  ["exec", { exec: { command: ["true"] } }],
  ["httpGet", { httpGet: { port: 80 } }],
  ["httpGet named", {
    httpGet: { port: "web", path: "x", scheme: "HTTPS", httpHeaders: [{ name: "a", value: "b" }] },
  }],
  ["tcpSocket", { tcpSocket: { port: 80 } }],
  ["grpc", { grpc: { port: 80 } }],
  ["times", {
    tcpSocket: { port: 1 },
    initialDelaySeconds: 3,
    periodSeconds: 4,
    timeoutSeconds: 5,
    failureThreshold: 6,
  }],
  ["zeroes", {
    tcpSocket: { port: 1 },
    periodSeconds: 0,
    timeoutSeconds: 0,
    successThreshold: 0,
    failureThreshold: 0,
  }],
];

const amount = (name: string, limits: Record<string, string>, requests?: Record<string, string>) =>
  container(`resources ${name}`, { resources: { limits, ...(requests ? { requests } : {}) } });

/** Ways to write an amount, and what becomes of it. */
export const AMOUNTS: readonly string[] = [
  "0",
  "1",
  "0.5",
  "1.5",
  "100m",
  "0.1m",
  "1.3333",
  "1.33333333333",
  "1500u",
  "123456789n",
  "1e3",
  "1E3",
  "1.5e3",
  "1000",
  "1000m",
  "1024",
  "1k",
  "1.5k",
  "1Ki",
  "1024Ki",
  "1023Ki",
  "0.5Ki",
  "1.3333Ki",
  "1Mi",
  "1024Mi",
  "1.5Mi",
  "0.1Mi",
  "1Gi",
  "1.3333Gi",
  "1.5Gi",
  "0.5Gi",
  "1025Mi",
  "1G",
  "1.3333G",
  "1000M",
  "1T",
  "0.001Ti",
  "1Pi",
  "1E",
  "1Ei",
  "7.5Ei",
  "1e-3",
  "5e-1",
  "128974848",
  "129e6",
  "129M",
  "123Mi",
  "+1",
  ".5",
  "1.",
  "00100m",
  "1.10",
  "0.30000",
  "12345678901234567890",
];

const CONTAINERS: readonly Sample[] = [
  container("no fields", {}),
  container("image without a tag", { image: "registry.example:5000/spilo" }),
  container("image latest", { image: "spilo:latest" }),
  container("image digest", { image: `spilo@sha256:${"a".repeat(64)}` }),
  container("image tag and digest", { image: `spilo:latest@sha256:${"a".repeat(64)}` }),
  container("ports", {
    ports: [{ containerPort: 80 }, { containerPort: 81, name: "a", protocol: "UDP" }, {
      containerPort: 80,
      name: "b",
      protocol: "UDP",
    }],
  }),
  container("variables", {
    env: [
      { name: "A" },
      { name: "B", value: "" },
      { name: "C", value: "c" },
      { name: "D", valueFrom: FIELD },
      { name: "E", valueFrom: { resourceFieldRef: { resource: "limits.cpu" } } },
      {
        name: "F",
        valueFrom: { resourceFieldRef: { resource: "limits.memory", divisor: "1024Ki" } },
      },
      { name: "G", valueFrom: { secretKeyRef: { name: "s", key: "k", optional: false } } },
      { name: "H", valueFrom: { configMapKeyRef: { name: "s", key: "k" } } },
      { name: "I", valueFrom: { fieldRef: { apiVersion: "v1", fieldPath: "status.podIP" } } },
      { name: "J", valueFrom: { resourceFieldRef: { resource: "limits.cpu", divisor: "1000m" } } },
    ],
    envFrom: [{ secretRef: { name: "a" } }, {
      prefix: "x",
      configMapRef: { name: "b", optional: true },
    }],
  }),
  container("lifecycle", {
    lifecycle: {
      postStart: { httpGet: { port: 80 } },
      preStop: { exec: { command: ["a"] } },
    },
  }),
  container("lifecycle sleep", { lifecycle: { preStop: { sleep: { seconds: 3 } } } }),
  container("lifecycle socket", { lifecycle: { preStop: { tcpSocket: { port: 80 } } } }),
  container("mounts", {
    volumeMounts: [
      { name: "v", mountPath: "/a" },
      { name: "v", mountPath: "/b", readOnly: true, recursiveReadOnly: "Disabled" },
      { name: "v", mountPath: "/c", subPath: "x", mountPropagation: "None" },
      { name: "v", mountPath: "/d/", subPathExpr: "$(A)" },
    ],
  }),
  container("texts", {
    command: ["a"],
    args: ["b"],
    workingDir: "/",
    stdin: true,
    stdinOnce: true,
    tty: true,
    terminationMessagePath: "/x",
    terminationMessagePolicy: "FallbackToLogsOnError",
    imagePullPolicy: "Always",
  }),
  container("security", {
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { add: ["NET_ADMIN"], drop: ["ALL"] },
      privileged: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      runAsUser: 1,
      runAsGroup: 2,
      procMount: "Default",
      seccompProfile: { type: "RuntimeDefault" },
      appArmorProfile: { type: "Unconfined" },
      seLinuxOptions: { level: "s0" },
    },
  }),
  container("resize policy", {
    resizePolicy: [{ resourceName: "cpu", restartPolicy: "NotRequired" }],
    resources: { limits: { cpu: "1" } },
  }),
  amount("limits alone", { cpu: "1", memory: "1Gi" }),
  amount("limits and some requests", { cpu: "1", memory: "1Gi" }, { cpu: "0.5" }),
  amount("huge pages", { cpu: "1", "hugepages-2Mi": "128Mi" }, { "hugepages-2Mi": "128Mi" }),
  amount("huge pages in limits alone", { cpu: "1", "hugepages-2Mi": "128Mi" }),
  amount("extended", { "example.com/gpu": "1" }),
  {
    name: "resources requests alone",
    pod: pod({
      containers: [{ name: "postgres", image: IMAGE, resources: { requests: { cpu: "1.3333" } } }],
    }),
  },
  ...HANDLERS.flatMap(([name, probe]) => [
    container(`readiness ${name}`, {
      readinessProbe: probe,
      ports: [{ containerPort: 8, name: "web" }],
    }),
    container(`liveness ${name}`, {
      livenessProbe: { ...probe, terminationGracePeriodSeconds: 5 },
      ports: [{ containerPort: 8, name: "web" }],
    }),
    container(`startup ${name}`, {
      startupProbe: probe,
      ports: [{ containerPort: 8, name: "web" }],
    }),
  ]),
  ...AMOUNTS.map((text) => container(`cpu ${text}`, { resources: { requests: { cpu: text } } })),
  ...AMOUNTS.map((text) =>
    container(`memory ${text}`, { resources: { requests: { memory: text } } })
  ),
];

const PODS: readonly Sample[] = [
  {
    name: "init containers",
    pod: pod({
      initContainers: [
        { name: "a", image: "a" },
        {
          name: "b",
          image: "b:1",
          restartPolicy: "Always",
          startupProbe: { tcpSocket: { port: 1 } },
        },
        {
          name: "c",
          image: "c:1",
          resources: { limits: { memory: "1.3333Gi" } },
          volumeMounts: [{ name: "v", mountPath: "/v" }],
        },
      ],
    }),
  },
  { name: "service account", pod: pod({ serviceAccountName: "postgres-pod" }) },
  {
    name: "scheduling",
    pod: pod({
      schedulerName: "x",
      priorityClassName: "",
      terminationGracePeriodSeconds: 77,
      tolerations: [{ key: "a", operator: "Exists" }, {
        key: "b",
        value: "c",
        effect: "NoExecute",
        tolerationSeconds: 5,
      }, { key: "c" }],
      topologySpreadConstraints: [
        { maxSkew: 1, topologyKey: "z", whenUnsatisfiable: "ScheduleAnyway" },
        {
          maxSkew: 1,
          topologyKey: "y",
          whenUnsatisfiable: "DoNotSchedule",
          minDomains: 2,
          matchLabelKeys: ["app"],
          nodeAffinityPolicy: "Honor",
          nodeTaintsPolicy: "Ignore",
          labelSelector: { matchLabels: { a: "b" } },
        },
      ],
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{
              matchExpressions: [{ key: "a", operator: "In", values: ["b"] }],
            }],
          },
          preferredDuringSchedulingIgnoredDuringExecution: [{
            weight: 1,
            preference: { matchFields: [{ key: "metadata.name", operator: "In", values: ["n"] }] },
          }],
        },
        podAntiAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [{
            labelSelector: { matchLabels: { a: "b" } },
            topologyKey: "k",
          }],
        },
      },
    }),
  },
  {
    name: "security",
    pod: pod({
      securityContext: {
        runAsUser: 1,
        runAsGroup: 2,
        fsGroup: 3,
        fsGroupChangePolicy: "OnRootMismatch",
        runAsNonRoot: true,
        seccompProfile: { type: "RuntimeDefault" },
      },
    }),
  },
  {
    name: "host network",
    pod: pod({
      hostNetwork: true,
      containers: [{ name: "postgres", image: IMAGE, ports: [{ containerPort: 5432 }] }],
    }),
  },
  {
    name: "two containers",
    pod: pod({
      containers: [{ name: "postgres", image: IMAGE }, {
        name: "exporter",
        image: "exporter",
        ports: [{ containerPort: 9187, name: "m" }],
        env: [{ name: "A", valueFrom: FIELD }],
      }],
    }),
  },
];

const CLAIMS: readonly Sample[] = [
  { name: "claim", claim: { ...CLAIM, ...resources("1Gi") } },
  {
    name: "claim with a class and a selector",
    claim: {
      ...CLAIM,
      ...resources("1Gi"),
      storageClassName: "x",
      selector: { matchExpressions: [{ key: "a", operator: "Exists" }] },
    },
  },
  ...AMOUNTS.filter((text) => !["0", "0.1m"].includes(text)).map((text) => ({
    name: `claim ${text}`,
    claim: { ...CLAIM, ...resources(text), volumeMode: "Filesystem" as const },
  })),
];

/** All samples. */
export const SAMPLES: readonly Sample[] = [...VOLUMES, ...CONTAINERS, ...PODS, ...CLAIMS];
