/**
 * What the operator, and the pods it makes, may do: one row for each reason to call the API server.
 * Manifests and chart are generated from it (`codegen/emit/rbac.ts`); a new call needs a row here.
 * It holds no more than this: a role that lacks `list` or `watch` (such as the one of Zalando's
 * operator) still works, see `cache.ts`. Layer: client of the API server, pure.
 */

/** A choice of the configuration without which a row is not needed; the chart leaves it out then. */
export type RbacCondition =
  | "configMaps"
  | "crdRegistration"
  | "ebsVolumes"
  | "endpoints"
  | "streams"
  | "volumeClaims";

/** One row. */
export interface RbacRule {
  readonly why: string;
  /** Empty for the core group. */
  readonly apiGroup: string;
  readonly resources: readonly string[];
  readonly verbs: readonly RbacVerb[];
  readonly when?: RbacCondition;
}

export type RbacVerb =
  | "create"
  | "delete"
  | "deletecollection"
  | "get"
  | "list"
  | "patch"
  | "update"
  | "watch";

const ALL: readonly RbacVerb[] = [
  "create",
  "delete",
  "deletecollection",
  "get",
  "list",
  "patch",
  "update",
  "watch",
];
const MANAGE: readonly RbacVerb[] = ["create", "delete", "get", "list", "patch", "update", "watch"];

/** The ClusterRole of the operator. */
export const OPERATOR_RULES: readonly RbacRule[] = [
  {
    why: "read clusters, and write their status and finalizer; read the own configuration",
    apiGroup: "acid.zalan.do",
    resources: ["operatorconfigurations", "postgresqls", "postgresqls/status"],
    verbs: ALL,
  },
  {
    why: "read team memberships",
    apiGroup: "acid.zalan.do",
    resources: ["postgresteams"],
    verbs: ["get", "list", "watch"],
  },
  {
    why: "manage event streams",
    apiGroup: "zalando.org",
    resources: ["fabriceventstreams"],
    verbs: ALL,
    when: "streams",
  },
  {
    why: "wait for the definitions of custom resources",
    apiGroup: "apiextensions.k8s.io",
    resources: ["customresourcedefinitions"],
    verbs: ["get"],
  },
  {
    why: "register the definitions of custom resources at start",
    apiGroup: "apiextensions.k8s.io",
    resources: ["customresourcedefinitions"],
    verbs: ["create", "patch", "update"],
    when: "crdRegistration",
  },
  {
    why: "tell what happens, as Events of a cluster",
    apiGroup: "",
    resources: ["events"],
    verbs: ["create", "get", "list", "patch", "update", "watch"],
  },
  {
    why: "read the configuration and environment variables for pods",
    apiGroup: "",
    resources: ["configmaps"],
    verbs: ["get", "list", "watch"],
  },
  {
    why: "own and remove the state that Patroni keeps; allow the same to the pods",
    apiGroup: "",
    resources: ["configmaps"],
    verbs: ALL,
    when: "configMaps",
  },
  {
    why: "see the addresses that Patroni publishes",
    apiGroup: "",
    resources: ["endpoints"],
    verbs: ["get", "list", "watch"],
  },
  {
    why: "own and remove the state that Patroni keeps; allow the same to the pods",
    apiGroup: "",
    resources: ["endpoints"],
    verbs: ALL,
    when: "endpoints",
  },
  {
    why: "manage credentials; read roles, tokens and certificates",
    apiGroup: "",
    resources: ["secrets"],
    verbs: MANAGE,
  },
  {
    why: "see which nodes are being drained",
    apiGroup: "",
    resources: ["nodes"],
    verbs: ["get", "list", "watch"],
  },
  {
    why: "annotate and delete the volume claims of a cluster",
    apiGroup: "",
    resources: ["persistentvolumeclaims"],
    verbs: ["delete", "get", "list", "patch", "watch"],
  },
  {
    why: "let volume claims grow",
    apiGroup: "",
    resources: ["persistentvolumeclaims"],
    verbs: ["update"],
    when: "volumeClaims",
  },
  {
    why: "find the volumes behind claims",
    apiGroup: "",
    resources: ["persistentvolumes"],
    verbs: ["get", "list"],
  },
  {
    why: "record the new size of a volume that was grown directly",
    apiGroup: "",
    resources: ["persistentvolumes"],
    verbs: ["update"],
    when: "ebsVolumes",
  },
  {
    why: "follow pods, and replace them one by one",
    apiGroup: "",
    resources: ["pods"],
    verbs: ["delete", "get", "list", "patch", "update", "watch"],
  },
  {
    why: "ask whether a pod could be made, by a dry run, before its predecessor is deleted",
    apiGroup: "",
    resources: ["pods"],
    verbs: ["create"],
  },
  {
    why: "run upgrades in pods, and let file systems grow",
    apiGroup: "",
    resources: ["pods/exec"],
    verbs: ["create"],
  },
  {
    why: "manage the addresses of a cluster",
    apiGroup: "",
    resources: ["services"],
    verbs: MANAGE,
  },
  {
    why: "manage Postgres and pooler pods",
    apiGroup: "apps",
    resources: ["deployments", "statefulsets"],
    verbs: MANAGE,
  },
  {
    why: "manage logical backups",
    apiGroup: "batch",
    resources: ["cronjobs"],
    verbs: MANAGE,
  },
  {
    why: "check that the watched namespace exists",
    apiGroup: "",
    resources: ["namespaces"],
    verbs: ["get"],
  },
  {
    why: "protect pods from eviction",
    apiGroup: "policy",
    resources: ["poddisruptionbudgets"],
    verbs: ["create", "delete", "get", "list", "patch", "watch"],
  },
  {
    why: "make the service account of the pods in every namespace",
    apiGroup: "",
    resources: ["serviceaccounts"],
    verbs: ["create", "get", "list", "update", "watch"],
  },
  {
    why: "give that service account the role of the pods",
    apiGroup: "rbac.authorization.k8s.io",
    resources: ["rolebindings"],
    verbs: ["create", "get", "list", "watch"],
  },
  {
    why: "elect a leader among several operators",
    apiGroup: "coordination.k8s.io",
    resources: ["leases"],
    verbs: ["create", "get", "patch", "update"],
  },
];

/** The ClusterRole of Postgres pods. The operator holds all of it, or it could not hand it on. */
export const POD_RULES: readonly RbacRule[] = [
  {
    why: "keep the state of Patroni",
    apiGroup: "",
    resources: ["configmaps"],
    verbs: ALL,
    when: "configMaps",
  },
  {
    why: "keep the state of Patroni",
    apiGroup: "",
    resources: ["endpoints"],
    verbs: ALL,
    when: "endpoints",
  },
  {
    why: "label pods with their role, and find the other members",
    apiGroup: "",
    resources: ["pods"],
    verbs: ["get", "list", "patch", "update", "watch"],
  },
  {
    why: "make the headless service of Patroni",
    apiGroup: "",
    resources: ["services"],
    verbs: ["create"],
  },
];
