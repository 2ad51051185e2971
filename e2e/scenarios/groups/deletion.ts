/** Who owns what, and what a deletion takes along. */
import type { KubeObject } from "../../../src/kubernetes/types.gen.ts";
import { MINIMAL, minimalCluster } from "../../cases/clusters.ts";
import type { ViewedKind } from "../../support/cluster_view.ts";
import { equal, type Life, MAJOR } from "../life.ts";
import type { Scenario } from "../scenario.ts";

export const DELETION_SCENARIOS: readonly Scenario[] = [
  {
    name: "test_owner_references",
    asserts: [
      "StatefulSet, Services, Endpoints, budgets and Secrets have the manifest as their controller",
      "nothing of the deleted cluster is left",
      "the other cluster is untouched",
      "owner references go when they are switched off",
    ],
    run: ownerReferences,
  },
  {
    name: "test_zz_cluster_deletion",
    asserts: [
      "a deletion without annotations is ignored",
      "pods, Services, Endpoints, StatefulSet, Deployments and budgets are gone",
      "eight Secrets stay",
      "two claims stay",
    ],
    config: {
      delete_annotation_date_key: "delete-date",
      delete_annotation_name_key: "delete-clustername",
      enable_secrets_deletion: "false",
      enable_persistent_volume_claim_deletion: "false",
    },
    run: deletion,
  },
];

const TEST = "acid-test-cluster";

/** What a cluster of that name has to own, as kind and name. */
function ownedBy(name: string): [ViewedKind, string][] {
  const secret = (role: string) => `${role}.${name}.credentials.postgresql.acid.zalan.do`;
  const three = [name, `${name}-repl`, `${name}-config`];
  return [
    ["StatefulSet", name],
    ...three.map((it): [ViewedKind, string] => ["Service", it]),
    ...three.map((it): [ViewedKind, string] => ["Endpoints", it]),
    ["PodDisruptionBudget", `postgres-${name}-pdb`],
    ["PodDisruptionBudget", `postgres-${name}-critical-op-pdb`],
    ["Secret", secret("postgres")],
    ["Secret", secret("standby")],
  ];
}

function isOwned(object: KubeObject | undefined, name: string): boolean {
  return (object?.metadata.ownerReferences ?? []).some((it) =>
    it.controller === true && it.kind === "postgresql" && it.name === name
  );
}

function notOwned(life: Life, name: string): string[] {
  return ownedBy(name).filter(([kind, it]) => !isOwned(life.object(kind, it), name))
    .map(([kind, it]) => `${kind} ${it}`);
}

async function ownerReferences(life: Life): Promise<void> {
  await life.start();
  await life.start({}, TEST);
  await life.configure({ enable_owner_references: "true" });
  await life.eventually(
    "StatefulSet, Services, Endpoints, budgets and Secrets have the manifest as their controller",
    () => equal([...notOwned(life, MINIMAL), ...notOwned(life, TEST)], []),
  );
  const uids = life.uids();
  await life.cluster.delete(minimalCluster(life.namespace, {}, TEST));
  await life.eventually(
    "nothing of the deleted cluster is left",
    () => equal(leftOf(life, TEST), []),
  );
  await life.configure({ enable_owner_references: "false" });
  await life.eventually("owner references go when they are switched off", () => {
    const still = ownedBy(MINIMAL).filter(([kind, it]) => isOwned(life.object(kind, it), MINIMAL));
    return equal(still, []);
  });
  await life.settled();
  life.check("the other cluster is untouched", equal(life.uids(), uids));
}

function leftOf(life: Life, name: string): string[] {
  const kinds: ViewedKind[] = [
    ...["Pod", "StatefulSet", "Service", "Endpoints", "PodDisruptionBudget"] as const,
    ...["Secret", "PersistentVolumeClaim", "Deployment"] as const,
  ];
  return kinds.flatMap((kind) =>
    life.cluster.view.list(kind, life.namespace)
      .filter(({ metadata }) => metadata.labels?.["cluster-name"] === name)
      .map(({ metadata }) => `${kind} ${metadata.name}`)
  );
}

async function deletion(life: Life): Promise<void> {
  const spec = {
    enableConnectionPooler: true,
    preparedDatabases: { bar: { defaultUsers: true } },
    postgresql: { version: MAJOR },
  };
  await life.start(spec);
  const uids = life.uids();
  const manifest = minimalCluster(life.namespace);
  await life.cluster.delete(manifest);
  await life.always(
    "a deletion without annotations is ignored",
    () => equal([life.uids(), life.object("Service", MINIMAL) !== undefined], [uids, true]),
    6000,
  );
  const annotations = {
    "delete-date": new Date().toISOString().slice(0, 10),
    "delete-clustername": MINIMAL,
  };
  await life.cluster.create({
    ...minimalCluster(life.namespace, spec),
    metadata: { name: MINIMAL, namespace: life.namespace, annotations },
  });
  await life.settled();
  await life.cluster.delete(manifest);
  const kept = ["Secret", "PersistentVolumeClaim"];
  await life.eventually(
    "pods, Services, Endpoints, StatefulSet, Deployments and budgets are gone",
    () =>
      equal(leftOf(life, MINIMAL).filter((it) => !kept.some((kind) => it.startsWith(kind))), []),
  );
  const count = (kind: string) => leftOf(life, MINIMAL).filter((it) => it.startsWith(kind)).length;
  const names = leftOf(life, MINIMAL).filter((it) => it.startsWith("Secret"));
  life.check("eight Secrets stay", names.length === 8 || { found: names });
  life.check("two claims stay", equal(count("PersistentVolumeClaim"), 2));
}
