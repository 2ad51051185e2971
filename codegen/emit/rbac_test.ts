/** Tests of roles as manifests and as templates of the chart. */
import assert from "node:assert/strict";
import { parseAllDocuments } from "yaml";
import { emitChartRole, emitRbacManifests, type RbacTables } from "./rbac.ts";

const TABLES: RbacTables = {
  OPERATOR_RULES: [
    { why: "read", apiGroup: "", resources: ["configmaps"], verbs: ["get", "list"] },
    {
      why: "write",
      apiGroup: "",
      resources: ["configmaps"],
      verbs: ["create", "get"],
      when: "configMaps",
    },
    { why: "serve", apiGroup: "", resources: ["endpoints"], verbs: ["get"], when: "endpoints" },
  ],
  POD_RULES: [{ why: "label", apiGroup: "", resources: ["pods"], verbs: ["patch"] }],
};

/** The rules of the operator's role in a stream of manifests. */
function operatorRules(text: string): unknown {
  const documents = [...parseAllDocuments(text)].map((document) => document.toJS());
  assert.deepEqual(documents.map((one) => `${one.kind}/${one.metadata.name}`), [
    "ServiceAccount/postgres-operator",
    "ClusterRole/postgres-operator",
    "ClusterRoleBinding/postgres-operator",
    "ClusterRole/postgres-pod",
  ]);
  return documents[1].rules;
}

Deno.test("emitRbacManifests joins rows for the same resources", () => {
  assert.deepEqual(operatorRules(emitRbacManifests(TABLES, [])), [
    { apiGroups: [""], resources: ["configmaps"], verbs: ["create", "get", "list"] },
    { apiGroups: [""], resources: ["endpoints"], verbs: ["get"] },
  ]);
});

Deno.test("emitRbacManifests leaves out the rows of a condition", () => {
  assert.deepEqual(operatorRules(emitRbacManifests(TABLES, ["endpoints", "configMaps"])), [
    { apiGroups: [""], resources: ["configmaps"], verbs: ["get", "list"] },
  ]);
});

Deno.test("emitChartRole keeps a row with a condition inside its if", () => {
  const text = emitChartRole(TABLES.OPERATOR_RULES, "postgres-operator.serviceAccountName");
  const condition =
    '{{- if ne (toString .Values.configGeneral.kubernetes_use_configmaps) "true" }}';
  const inside = text.slice(text.indexOf(condition) + condition.length);
  assert.match(inside, /^\n {2}# serve\n(?: .*\n)+\{\{- end \}\}\n\{\{- end \}\}\n$/);
  assert.equal(text.match(/\{\{- if /g)!.length, text.match(/\{\{- end \}\}/g)!.length);
});
