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
  configMaps: 'eq (toString .Values.configGeneral.kubernetes_use_configmaps) "true"',
  crdRegistration: 'eq (toString .Values.configGeneral.enable_crd_registration) "true"',
  ebsVolumes: 'eq (toString .Values.configKubernetes.storage_resize_mode) "ebs"',
  endpoints: 'ne (toString .Values.configGeneral.kubernetes_use_configmaps) "true"',
  streams: ".Values.enableStreams",
  volumeClaims: 'has (toString .Values.configKubernetes.storage_resize_mode) (list "mixed" "pvc")',
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

/** Emits the template of one role of the chart; \`name\` is the named template of its name. */
export function emitChartRole(rules: readonly RbacRule[], name: string): string {
  const rows = rules.map((rule) => {
    const text = ruleText({ ...rule, why: [rule.why] });
    return rule.when ? `{{- if ${CHART_CONDITIONS[rule.when]} }}\n${text}{{- end }}\n` : text;
  });
  return `{{- if .Values.rbac.create }}
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: {{ include "${name}" . }}
  labels:
    app.kubernetes.io/name: {{ template "postgres-operator.name" . }}
    helm.sh/chart: {{ template "postgres-operator.chart" . }}
    app.kubernetes.io/managed-by: {{ .Release.Service }}
    app.kubernetes.io/instance: {{ .Release.Name }}
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
