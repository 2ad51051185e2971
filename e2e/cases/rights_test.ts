/**
 * The shipped role against what the operator asks for: no call is refused, and no right is left
 * that nothing asks for.
 */
import assert from "node:assert/strict";
import { OPERATOR_CALLS, POD_RULES, type RbacRule } from "../../src/clients/kube/rbac.ts";
import type { AuditEntry } from "../devcluster/apiserver/auth/authz.ts";
import type { KubeObject } from "../../src/kubernetes/types.gen.ts";
import {
  OPERATOR_NAMESPACE,
  readManifest,
  startTestCluster,
  type TestCluster,
  type TestOperator,
} from "../support/test_cluster.ts";
import { isRunning, manifestOf, MINIMAL, minimalCluster, podsOf } from "./clusters.ts";
import { deletion } from "./crash_stages.ts";

const ACCOUNT = "system:serviceaccount:default:postgres-operator";

/**
 * Rights that this life has no use for, since its PostgreSQL is a stand-in and its operator keeps
 * its configuration: what asks for them is tried with a database, or where it is planned.
 */
const ELSEWHERE: readonly string[] = [
  // e2e/scenarios/groups/secrets.ts, src/cluster/plan/credentials/rotation_test.ts
  "/secrets patch",
  "/secrets update",
  // src/cluster/pass/delete.ts, where claims cannot be followed
  "/persistentvolumeclaims get",
  // src/cluster/plan/objects/objects.ts, compareServiceAccount
  "/serviceaccounts patch",
  // src/cluster/plan/pods/ebs_volumes_test.ts: only where the cloud grows volumes
  "/persistentvolumes get",
  "/persistentvolumes update",
  // src/cluster/plan/objects/streams.ts: only where their definition is installed
  ...["create", "delete", "get", "patch", "watch"].map((verb) =>
    `zalando.org/fabriceventstreams ${verb}`
  ),
];

function rightOf({ action }: AuditEntry): string {
  return `${action.group}/${action.resource} ${action.verb}`;
}

function rightsOf(rules: readonly RbacRule[]): string[] {
  return rules.flatMap(({ apiGroup, resources, verbs }) =>
    resources.flatMap((resource) => verbs.map((verb) => `${apiGroup}/${resource} ${verb}`))
  );
}

const CONFIG = {
  enable_postgres_team_crd: "true",
  enable_finalizers: "false",
  enable_owner_references: "false",
  enable_secrets_deletion: "true",
  enable_persistent_volume_claim_deletion: "true",
  major_version_upgrade_mode: "manual",
  crd_categories: "all,ours",
};

/** What makes objects of every kind that needs no database. */
const EXTRAS = {
  enableConnectionPooler: true,
  enableLogicalBackup: true,
  standby: { standby_host: "elsewhere.example.com", standby_port: "5432" },
};

async function lifeCycle(cluster: TestCluster, namespace: string): Promise<void> {
  const scene = { cluster, namespace };
  const { view } = cluster;
  const settled = async (what: string, check: () => unknown = () => true) => {
    await view.until(what, () => isRunning(scene) && Boolean(check()), { limitMs: 60_000 });
  };
  const change = (spec: Record<string, unknown>) =>
    cluster.patch(minimalCluster(namespace), { spec });
  await cluster.create(minimalCluster(namespace, { postgresql: { version: "17" }, ...EXTRAS }));
  await settled("it runs");
  const uids = () => podsOf(scene).map(({ metadata }) => metadata.uid).sort().join();
  for (const image of ["one", "two"]) {
    const before = uids();
    await change({ dockerImage: `registry.example.com/spilo:${image}` });
    await settled(`both pods run ${image}`, () => podsOf(scene).length === 2 && uids() !== before);
  }
  await change({ volume: { size: "2Gi" }, enableMasterLoadBalancer: true });
  await settled("the claims have grown");
  await change({ connectionPooler: { numberOfInstances: 3 }, logicalBackupSchedule: "1 1 1 1 1" });
  await settled("pooler and backup follow");
  const annotations = { "acid.zalan.do/request-backup": "now" };
  await cluster.patch(minimalCluster(namespace), { metadata: { annotations } });
  await settled(
    "a backup is made",
    () =>
      manifestOf(scene)?.status?.requests?.some(({ what, state }) =>
        what === "backup" && state === "done"
      ),
  );
  await change({ enableConnectionPooler: false, enableLogicalBackup: false });
  await settled("pooler and backup are gone");
  await change({ numberOfInstances: 0 });
  await settled("no pod is left");
  await cluster.delete(minimalCluster(namespace));
  await view.until("the cluster is gone", () => deletion("without finalizer").ended(scene));
}

async function upgrade(cluster: TestCluster, namespace: string): Promise<void> {
  const scene = { cluster, namespace };
  const name = "acid-upgraded";
  const limit = { limitMs: 60_000 };
  await cluster.create(minimalCluster(namespace, { postgresql: { version: "17" } }, name));
  await cluster.view.until("it runs", () => isRunning(scene, name), limit);
  await cluster.patch(minimalCluster(namespace, {}, name), {
    spec: { postgresql: { version: "18" } },
  });
  const upgraded = () =>
    cluster.view.list("Event", namespace).some((event) =>
      /upgrade from \d+ to \d+ finished/.test(String(event["message"]))
    );
  await cluster.view.until("the upgrade has ended", upgraded, limit);
}

const LISTS = ["list", "watch"];
/** Clusters have to be listed, and what pods may do the operator has to hold. */
const LISTED = ["postgresqls", "pods", "endpoints", "configmaps"];

/** The shipped role without `list` and `watch`: reads go by name then. */
function withoutLists(): KubeObject[] {
  return readManifest("operator-service-account-rbac.yaml").map((object) => {
    if (object.kind !== "ClusterRole" || object.metadata.name !== "postgres-operator") {
      return object;
    }
    const rules = object["rules"] as { resources: string[]; verbs: string[] }[];
    const kept = (resources: string[]) => resources.some((one) => LISTED.includes(one));
    const fewer = rules.map((rule) =>
      kept(rule.resources)
        ? rule
        : { ...rule, verbs: rule.verbs.filter((it) => !LISTS.includes(it)) }
    );
    return { ...object, rules: fewer.filter(({ verbs }) => verbs.length > 0) };
  });
}

async function recorded(
  roles: readonly KubeObject[] | undefined,
  run: (cluster: TestCluster) => Promise<void>,
): Promise<{ used: Set<string>; refused: string[] }> {
  const entries: AuditEntry[] = [];
  const cluster = await startTestCluster({
    audit: (entry) => void (entry.user.name === ACCOUNT && entries.push(entry)),
    upgradeAsksCreate: true,
    ...(roles === undefined ? {} : { roles }),
  });
  try {
    await run(cluster);
  } finally {
    await cluster.stop();
  }
  const calls = entries.filter(({ action }) => action.resource !== undefined);
  return {
    used: new Set(calls.filter(({ allowed }) => allowed).map(rightOf)),
    refused: [...new Set(calls.filter(({ allowed }) => !allowed).map(rightOf))],
  };
}

const FLAGS = ["--nodatabaseaccess", "--leader-elect"];

async function underRole(cluster: TestCluster): Promise<void> {
  await cluster.delete({
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "postgresteams.acid.zalan.do" },
  });
  const namespace = await cluster.namespace();
  const env = { WATCHED_NAMESPACE: namespace };
  const operator = await cluster.operator({ config: CONFIG, env, flags: FLAGS });
  await lifeCycle(cluster, namespace);
  await upgrade(cluster, namespace);
  await operator.stop();
  await configuredByObject(cluster);
}

async function configuredByObject(cluster: TestCluster): Promise<void> {
  const operator: TestOperator = await cluster.operator({
    env: { POSTGRES_OPERATOR_CONFIGURATION_OBJECT: `${OPERATOR_NAMESPACE}/absent` },
    wait: "no",
  });
  await operator.ended;
}

Deno.test("the shipped role grants every call of a life cycle, and nothing that has no caller", async () => {
  const shipped = await recorded(undefined, underRole);
  assert.deepEqual(shipped.refused, [], "calls without a right");
  const byName = await recorded(withoutLists(), async (cluster) => {
    await cluster.operator({ config: CONFIG });
    const namespace = await cluster.namespace();
    await cluster.create(minimalCluster(namespace, EXTRAS));
    const made = () => cluster.view.get("Deployment", namespace, `${MINIMAL}-pooler`);
    await cluster.view.until("the last object is made", made);
  });
  const used = new Set([
    ...shipped.used,
    ...byName.used,
    ...rightsOf(POD_RULES),
    ...ELSEWHERE,
  ]);
  const idle = rightsOf(OPERATOR_CALLS).filter((right) => !used.has(right));
  assert.deepEqual(idle.sort(), [], "rights without a call");
});
