/** Samples of containers. */

import type { Probe } from "../../../src/kubernetes/types.gen.ts";
import { AMOUNTS } from "./amounts.ts";
import { container, FIELD, IMAGE, pod, type Sample } from "./sample.ts";

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

/** What a container may have. */
export const CONTAINERS: readonly Sample[] = [
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
