/** Tests of the RBAC table: what it must hold, and what it must not. */
import assert from "node:assert/strict";
import { RESOURCES } from "../../ports/resources.gen.ts";
import { followedSelections } from "./caches/selections.ts";
import { requireResource } from "./request.ts";
import { OPERATOR_CALLS, OPERATOR_RULES, POD_RULES, type RbacRule } from "./rbac.ts";

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
const BEYOND: readonly [resources: string, verbs: string][] = [
  ["coordination.k8s.io/leases", "create get update"],
  ["batch/jobs", "create"],
  ["/pods", "create"],
  ["/pods/exec", "get"],
  ["/secrets", "list watch"],
  ["/services", "list watch"],
  ["/persistentvolumeclaims", "watch"],
  ["/serviceaccounts", "list patch watch"],
  ["apps/deployments", "watch"],
  ["apps/statefulsets", "watch"],
  ["batch/cronjobs", "watch"],
  ["policy/poddisruptionbudgets", "list patch watch"],
  ["rbac.authorization.k8s.io/rolebindings", "list watch"],
  ["zalando.org/fabriceventstreams", "create delete get list patch watch"],
];

function listed(table: readonly [string, string][]): string[] {
  return table.flatMap(([resource, verbs]) =>
    verbs.split(" ").map((verb) => `${resource} ${verb}`)
  );
}

Deno.test("OPERATOR_RULES grant beyond Zalando's role what is listed, and nothing else", () => {
  const theirs = new Set(listed(REFERENCE));
  const more = [...rights(OPERATOR_RULES)].filter((right) => !theirs.has(right));
  assert.deepEqual(more.sort(), listed(BEYOND).sort());
});

/** What the caches ask for: list and watch of what is followed, and of inputs by name. */
function followed(): string[] {
  const options = {
    clusterNameLabel: "cluster-name",
    byName: [
      { ...RESOURCES.ServiceAccount, name: "postgres-pod" },
      { ...RESOURCES.RoleBinding, name: "postgres-pod" },
    ],
    whole: [RESOURCES.Node, RESOURCES.PostgresTeam],
  };
  return followedSelections(options).flatMap(({ kind }) => {
    const { group, plural } = requireResource(kind);
    return ["list", "watch"].map((verb) => `${group}/${plural} ${verb}`);
  });
}

Deno.test("OPERATOR_CALLS list and watch what the caches follow, and nothing else", () => {
  const granted = [...rights(OPERATOR_CALLS)].filter((right) => / (list|watch)$/.test(right));
  assert.deepEqual(granted.sort(), [...new Set(followed())].sort());
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
