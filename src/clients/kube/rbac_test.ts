/** Tests of the RBAC table: what it must hold, and what it must not. */
import assert from "node:assert/strict";
import { OPERATOR_RULES, POD_RULES, type RbacRule } from "./rbac.ts";

/** `group/resource verb` of every right in a table. */
function rights(rules: readonly RbacRule[]): Set<string> {
  return new Set(
    rules.flatMap(({ apiGroup, resources, verbs }) =>
      resources.flatMap((resource) => verbs.map((verb) => `${apiGroup}/${resource} ${verb}`))
    ),
  );
}

/** The rights that the role of Zalando's operator grants, Zalando: manifests/operator-service-account-rbac.yaml */
const REFERENCE: readonly [resources: string, verbs: string][] = [
  ["acid.zalan.do/postgresqls", "create delete deletecollection get list patch update watch"],
  [
    "acid.zalan.do/postgresqls/status",
    "create delete deletecollection get list patch update watch",
  ],
  [
    "acid.zalan.do/operatorconfigurations",
    "create delete deletecollection get list patch update watch",
  ],
  ["acid.zalan.do/postgresteams", "get list watch"],
  ["apiextensions.k8s.io/customresourcedefinitions", "create get patch update"],
  ["/configmaps", "create delete deletecollection get list patch update watch"],
  ["/events", "create get list patch update watch"],
  ["/endpoints", "create delete deletecollection get list patch update watch"],
  ["/secrets", "create delete get update patch"],
  ["/nodes", "get list watch"],
  ["/persistentvolumeclaims", "delete get list patch update"],
  ["/persistentvolumes", "get list update"],
  ["/pods", "delete get list patch update watch"],
  ["/pods/exec", "create"],
  ["/services", "create delete get patch update"],
  ["apps/statefulsets", "create delete get list patch update"],
  ["apps/deployments", "create delete get list patch update"],
  ["batch/cronjobs", "create delete get list patch update"],
  ["/namespaces", "get"],
  ["policy/poddisruptionbudgets", "create delete get"],
  ["/serviceaccounts", "get create"],
  ["rbac.authorization.k8s.io/rolebindings", "get create"],
];

/** What the watch caches and the additions to Zalando's operator need. */
const OURS: readonly [resources: string, verbs: string][] = [
  ["/secrets", "list watch"],
  ["/services", "list watch"],
  ["/persistentvolumeclaims", "watch"],
  ["/serviceaccounts", "list update watch"],
  ["apps/deployments", "watch"],
  ["apps/statefulsets", "watch"],
  ["batch/cronjobs", "watch"],
  ["coordination.k8s.io/leases", "create get patch update"],
  ["/pods", "create"],
  ["policy/poddisruptionbudgets", "list patch watch"],
  ["rbac.authorization.k8s.io/rolebindings", "list watch"],
  ["zalando.org/fabriceventstreams", "create delete deletecollection get list patch update watch"],
];

Deno.test("OPERATOR_RULES hold what Zalando's role holds, our additions, and nothing else", () => {
  const wanted = [...REFERENCE, ...OURS].flatMap(([resource, verbs]) =>
    verbs.split(" ").map((verb) => `${resource} ${verb}`)
  );
  assert.deepEqual([...rights(OPERATOR_RULES)].sort(), [...new Set(wanted)].sort());
});

Deno.test("POD_RULES stay within OPERATOR_RULES, as Kubernetes asks of who binds a role", () => {
  const operator = rights(OPERATOR_RULES);
  assert.deepEqual([...rights(POD_RULES)].filter((right) => !operator.has(right)), []);
});

Deno.test("no rule names a wildcard", () => {
  for (const right of [...rights(OPERATOR_RULES), ...rights(POD_RULES)]) {
    assert.ok(!right.includes("*"), right);
  }
});
