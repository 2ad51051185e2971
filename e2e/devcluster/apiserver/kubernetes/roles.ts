/** Roles and bindings that every Kubernetes cluster has from the start, as far as clients rely on them. */
import type { JsonObject } from "../model/json.ts";

const GROUP = "rbac.authorization.k8s.io";
const READ = ["get", "list", "watch"];
const WRITE = ["create", "delete", "deletecollection", "patch", "update"];

function role(name: string, rules: JsonObject[]): JsonObject {
  return {
    apiVersion: `${GROUP}/v1`,
    kind: "ClusterRole",
    metadata: { name, labels: { "kubernetes.io/bootstrapping": "rbac-defaults" } },
    rules,
  };
}

function binding(name: string, groups: string[]): JsonObject {
  return {
    apiVersion: `${GROUP}/v1`,
    kind: "ClusterRoleBinding",
    metadata: { name, labels: { "kubernetes.io/bootstrapping": "rbac-defaults" } },
    roleRef: { apiGroup: GROUP, kind: "ClusterRole", name },
    subjects: groups.map((group) => ({ apiGroup: GROUP, kind: "Group", name: group })),
  };
}

const CORE = [
  "configmaps",
  "endpoints",
  "events",
  "persistentvolumeclaims",
  "pods",
  "pods/log",
  "services",
  "serviceaccounts",
];

function namespaced(verbs: string[]): JsonObject[] {
  return [
    { apiGroups: [""], resources: CORE, verbs },
    {
      apiGroups: ["apps"],
      resources: [
        "deployments",
        "deployments/scale",
        "replicasets",
        "statefulsets",
        "statefulsets/scale",
        "daemonsets",
      ],
      verbs,
    },
    { apiGroups: ["batch"], resources: ["jobs", "cronjobs"], verbs },
    { apiGroups: ["policy"], resources: ["poddisruptionbudgets"], verbs },
    { apiGroups: ["networking.k8s.io"], resources: ["ingresses", "networkpolicies"], verbs },
  ];
}

const EDIT: JsonObject[] = [
  ...namespaced([...READ, ...WRITE]),
  { apiGroups: [""], resources: ["secrets"], verbs: [...READ, ...WRITE] },
  {
    apiGroups: [""],
    resources: ["pods/exec", "pods/portforward", "pods/eviction"],
    verbs: ["create", "get"],
  },
];

const DISCOVERY = [
  "/api",
  "/api/*",
  "/apis",
  "/apis/*",
  "/healthz",
  "/livez",
  "/openapi",
  "/openapi/*",
  "/readyz",
  "/version",
  "/version/",
];
const PUBLIC = ["/healthz", "/livez", "/readyz", "/version", "/version/"];

export const CLUSTER_ROLES: JsonObject[] = [
  role("cluster-admin", [
    { apiGroups: ["*"], resources: ["*"], verbs: ["*"] },
    { nonResourceURLs: ["*"], verbs: ["*"] },
  ]),
  role("admin", [
    ...EDIT,
    { apiGroups: [GROUP], resources: ["roles", "rolebindings"], verbs: [...READ, ...WRITE] },
  ]),
  role("edit", EDIT),
  role("view", namespaced(READ)),
  role("system:discovery", [{ nonResourceURLs: DISCOVERY, verbs: ["get"] }]),
  role("system:public-info-viewer", [{ nonResourceURLs: PUBLIC, verbs: ["get"] }]),
  role("system:basic-user", [
    {
      apiGroups: ["authorization.k8s.io"],
      resources: ["selfsubjectaccessreviews", "selfsubjectrulesreviews"],
      verbs: ["create"],
    },
    { apiGroups: ["authentication.k8s.io"], resources: ["selfsubjectreviews"], verbs: ["create"] },
  ]),
];

export const CLUSTER_ROLE_BINDINGS: JsonObject[] = [
  binding("cluster-admin", ["system:masters"]),
  binding("system:discovery", ["system:authenticated"]),
  binding("system:public-info-viewer", ["system:authenticated", "system:unauthenticated"]),
  binding("system:basic-user", ["system:authenticated"]),
];
