/**
 * What the operator, and the pods it makes, may do: one row for each reason to call the API server.
 * Manifests and chart are generated from it (`codegen/emit/rbac.ts`); a new call needs a row here.
 * It holds no more than this: a role that lacks `list` or `watch` (such as the one of Zalando's
 * operator) still works, see `cache.ts`. Layer: client of the API server, pure.
 */

/** A choice of the configuration without which a row is not needed; the chart leaves it out then. */
export type RbacCondition =
  | "cloudVolumes"
  | "configMaps"
  | "crdRegistration"
  | "ebsGrowth"
  | "endpoints"
  | "streams";

/** One row. */
export interface RbacRule {
  /** What the rights are for. */
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

/** What Patroni does to the objects that hold its state; `patronictl remove` deletes them all. */
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
/** What a cache asks for. */
const FOLLOW: readonly RbacVerb[] = ["list", "watch"];
/** What the caches do not cover (now) is read by name. */
const READ: readonly RbacVerb[] = [...FOLLOW, "get"];

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

/** What the operator itself asks the API server for. */
export const OPERATOR_CALLS: readonly RbacRule[] = [
  {
    why: "follow clusters; look a cluster up before it is deleted",
    apiGroup: "acid.zalan.do",
    resources: ["postgresqls"],
    verbs: READ,
  },
  {
    why: "keep the finalizer and the record of upgrades on clusters",
    apiGroup: "acid.zalan.do",
    resources: ["postgresqls"],
    verbs: ["patch"],
  },
  {
    why: "write the status of clusters",
    apiGroup: "acid.zalan.do",
    resources: ["postgresqls/status"],
    verbs: ["patch"],
  },
  {
    why: "read the own configuration",
    apiGroup: "acid.zalan.do",
    resources: ["operatorconfigurations"],
    verbs: ["get"],
  },
  {
    why: "follow team memberships",
    apiGroup: "acid.zalan.do",
    resources: ["postgresteams"],
    verbs: FOLLOW,
  },
  {
    why: "manage event streams",
    apiGroup: "zalando.org",
    resources: ["fabriceventstreams"],
    verbs: [...READ, "create", "patch", "delete"],
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
    verbs: ["create", "patch"],
    when: "crdRegistration",
  },
  {
    why: "tell what happens, as Events of a cluster; count repeated ones up",
    apiGroup: "",
    resources: ["events"],
    verbs: ["create", "patch"],
  },
  {
    why: "read the configuration and environment variables for pods",
    apiGroup: "",
    resources: ["configmaps"],
    verbs: READ,
  },
  {
    why: "own and remove the state that Patroni keeps",
    apiGroup: "",
    resources: ["configmaps"],
    verbs: ["delete", "patch"],
    when: "configMaps",
  },
  {
    why: "see the addresses that Patroni publishes",
    apiGroup: "",
    resources: ["endpoints"],
    verbs: READ,
  },
  {
    why: "make the primary's Endpoints; own and remove the state that Patroni keeps",
    apiGroup: "",
    resources: ["endpoints"],
    verbs: ["create", "delete", "patch"],
    when: "endpoints",
  },
  {
    why: "manage credentials; read roles, tokens and certificates; rotate passwords",
    apiGroup: "",
    resources: ["secrets"],
    verbs: [...READ, "create", "delete", "patch", "update"],
  },
  {
    why: "see which nodes are being drained",
    apiGroup: "",
    resources: ["nodes"],
    verbs: FOLLOW,
  },
  {
    why: "annotate the volume claims of a cluster, let them grow, and delete them",
    apiGroup: "",
    resources: ["persistentvolumeclaims"],
    verbs: [...READ, "delete", "patch"],
  },
  {
    // No `list` or `watch`: volumes are looked at by name, and only where the cloud is to change them.
    why: "find the cloud's volumes behind claims",
    apiGroup: "",
    resources: ["persistentvolumes"],
    verbs: ["get"],
    when: "cloudVolumes",
  },
  {
    why: "note the size that such a volume has grown to",
    apiGroup: "",
    resources: ["persistentvolumes"],
    verbs: ["update"],
    when: "ebsGrowth",
  },
  {
    why: "follow and mark pods, and replace them one by one",
    apiGroup: "",
    resources: ["pods"],
    verbs: [...READ, "delete", "patch"],
  },
  {
    why: "ask whether a pod could be made, by a dry run, before its predecessor is deleted",
    apiGroup: "",
    resources: ["pods"],
    verbs: ["create"],
  },
  {
    // A WebSocket begins as a GET, so `get` is asked for; Kubernetes 1.35 asks for `create` too.
    why: "run upgrades and repair the superuser's password in pods",
    apiGroup: "",
    resources: ["pods/exec"],
    verbs: ["create", "get"],
  },
  {
    why: "manage the addresses of a cluster",
    apiGroup: "",
    resources: ["services"],
    verbs: [...READ, "create", "delete", "patch"],
  },
  {
    why: "manage Postgres and pooler pods",
    apiGroup: "apps",
    resources: ["deployments", "statefulsets"],
    verbs: [...READ, "create", "delete", "patch"],
  },
  {
    why: "manage logical backups",
    apiGroup: "batch",
    resources: ["cronjobs"],
    verbs: [...READ, "create", "delete", "patch"],
  },
  {
    why: "make a logical backup that is asked for",
    apiGroup: "batch",
    resources: ["jobs"],
    verbs: ["create"],
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
    verbs: [...READ, "create", "delete", "patch"],
  },
  {
    why: "make the service account of the pods in every namespace, and keep its role in AWS",
    apiGroup: "",
    resources: ["serviceaccounts"],
    verbs: [...READ, "create", "patch"],
  },
  {
    why: "give that service account the role of the pods",
    apiGroup: "rbac.authorization.k8s.io",
    resources: ["rolebindings"],
    verbs: [...READ, "create"],
  },
  {
    why: "elect a leader among several operators (--leader-elect)",
    apiGroup: "coordination.k8s.io",
    resources: ["leases"],
    verbs: ["create", "get", "update"],
  },
];

/** The ClusterRole of the operator: what it asks for, and what it hands on to the pods. */
export const OPERATOR_RULES: readonly RbacRule[] = [
  ...OPERATOR_CALLS,
  ...POD_RULES.map((rule) => ({ ...rule, why: `hand on to the pods: ${rule.why}` })),
];
