/** Samples of pods. */

import { FIELD, IMAGE, pod, type Sample } from "./sample.ts";

/** What a pod may have beside volumes. */
export const PODS: readonly Sample[] = [
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
