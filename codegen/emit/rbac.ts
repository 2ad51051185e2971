/** ClusterRoles for plain manifests and for the chart, from the table in `src/clients/kube/rbac.ts`. */
import type { RbacCondition, RbacRule } from "../../src/clients/kube/rbac.ts";

/** The two roles. */
export interface RbacTables {
  OPERATOR_RULES: readonly RbacRule[];
  POD_RULES: readonly RbacRule[];
}

/** A rule as it is written. */
interface Rule {
  why: readonly string[];
  apiGroup: string;
  resources: readonly string[];
  verbs: readonly string[];
}

/** How the chart tells whether a row is wanted. */
const CHART_CONDITIONS: Readonly<Record<RbacCondition, string>> = {
  cloudVolumes: 'has (toString .Values.configKubernetes.storage_resize_mode) (list "ebs" "mixed")',
  configMaps: 'eq (toString .Values.configGeneral.kubernetes_use_configmaps) "true"',
  crdRegistration: 'eq (toString .Values.configGeneral.enable_crd_registration) "true"',
  ebsGrowth: 'eq (toString .Values.configKubernetes.storage_resize_mode) "ebs"',
  endpoints: 'ne (toString .Values.configGeneral.kubernetes_use_configmaps) "true"',
  streams: ".Values.enableStreams",
};

/** Emits service account, roles and binding as plain manifests, without the rows of \`leaveOut\`. */
export function emitRbacManifests(
  tables: RbacTables,
  leaveOut: readonly RbacCondition[],
): string {
  const wanted = (rules: readonly RbacRule[]) =>
    merge(rules.filter((rule) => rule.when === undefined || !leaveOut.includes(rule.when)));
  return `apiVersion: v1
kind: ServiceAccount
metadata:
  name: postgres-operator
  namespace: default
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: postgres-operator
rules:
${wanted(tables.OPERATOR_RULES).map(ruleText).join("")}---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: postgres-operator
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: postgres-operator
subjects:
  - kind: ServiceAccount
    name: postgres-operator
    namespace: default
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: postgres-pod
rules:
${wanted(tables.POD_RULES).map(ruleText).join("")}`;
}

const READS: readonly string[] = ["get", "list", "watch"];
/** A WebSocket begins as a GET: to read these is to run something. */
const COMMANDS: readonly string[] = ["pods/exec"];

/** Emits the role of an operator in shadow mode: what the operator reads, and nothing else. */
export function emitShadowRole({ OPERATOR_RULES }: RbacTables): string {
  const rules = merge(OPERATOR_RULES).filter(({ resources }) =>
    !resources.some((one) => COMMANDS.includes(one))
  );
  const reading = rules.flatMap(({ why: _why, verbs, ...rule }) => {
    const kept = verbs.filter((verb) => READS.includes(verb));
    return kept.length === 0 ? [] : [{ ...rule, why: [], verbs: kept }];
  });
  return `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: postgres-operator-shadow
rules:
${reading.map(ruleText).join("")}`;
}

/** Resources outside of any namespace; a Role cannot grant them. */
const OUTSIDE_NAMESPACES: ReadonlySet<string> = new Set([
  "customresourcedefinitions",
  "nodes",
]);

const CLUSTER_SCOPE = 'eq .Values.rbac.scope "cluster"';

/**
 * Emits the template of one role of the chart; `name` is the named template of its name. It is a
 * ClusterRole, or, for an operator of one namespace, a Role without what no Role can grant.
 */
export function emitChartRole(rules: readonly RbacRule[], name: string): string {
  const rows = rules.map((rule) => {
    const text = ruleText({ ...rule, why: [rule.why] });
    const conditions = [
      ...(rule.when ? [CHART_CONDITIONS[rule.when]] : []),
      ...(rule.resources.some((one) => OUTSIDE_NAMESPACES.has(one)) ? [CLUSTER_SCOPE] : []),
    ];
    if (conditions.length === 0) return text;
    const test = conditions.length === 1
      ? conditions[0]
      : `and ${conditions.map((one) => `(${one})`).join(" ")}`;
    return `{{- if ${test} }}\n${text}{{- end }}\n`;
  });
  return `{{- if .Values.rbac.create }}
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ include "postgres-operator.roleKind" . }}
metadata:
  name: {{ include "${name}" . }}
  {{- if eq .Values.rbac.scope "namespace" }}
  namespace: {{ .Release.Namespace }}
  {{- end }}
  labels:
    {{- include "postgres-operator.labels" . | nindent 4 }}
rules:
${rows.join("")}{{- end }}
`;
}

/** Joins rows for the same resources. */
function merge(rules: readonly RbacRule[]): Rule[] {
  const merged = new Map<string, Rule>();
  for (const { why, apiGroup, resources, verbs } of rules) {
    const key = `${apiGroup}/${resources}`;
    const before = merged.get(key);
    merged.set(key, {
      apiGroup,
      resources,
      why: [...new Set([...before?.why ?? [], why])],
      verbs: [...new Set([...before?.verbs ?? [], ...verbs])].sort(),
    });
  }
  return [...merged.values()];
}

function ruleText({ why, apiGroup, resources, verbs }: Rule): string {
  const list = (name: string, items: readonly string[]) =>
    `    ${name}:\n${items.map((item) => `      - ${item}\n`).join("")}`;
  const groups = `  - apiGroups:\n      - ${apiGroup === "" ? '""' : apiGroup}\n`;
  return `${why.map((one) => `  # ${one}\n`).join("")}${groups}${list("resources", resources)}${
    list("verbs", verbs)
  }`;
}
