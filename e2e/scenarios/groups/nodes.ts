/** Pods on several nodes: taints, spreading, affinity, readiness, draining. */
import type { KubeObject } from "../../../src/kubernetes/types.gen.ts";
import { MINIMAL } from "../../cases/clusters.ts";
import { equal, type Life } from "../life.ts";
import type { Scenario } from "../scenario.ts";

export const NODE_SCENARIOS: readonly Scenario[] = [
  {
    name: "test_taint_based_eviction",
    asserts: [
      "no pod is left on the tainted node",
      "two pods and members run",
      "pods are spread again",
    ],
    nodes: 3,
    run: taintedNode,
  },
  {
    name: "test_topology_spread_constraints",
    asserts: ["three pods run in each zone", "two pods run after scaling down"],
    nodes: 2,
    config: { persistent_volume_claim_retention_policy: "when_deleted:retain,when_scaled:delete" },
    run: topologySpread,
  },
  {
    name: "test_node_affinity",
    asserts: [
      "the replica moves to the node with the label",
      "the affinity stands in the pods",
      "pods are spread again without it",
    ],
    nodes: 2,
    run: nodeAffinity,
  },
  {
    name: "test_node_readiness_label",
    asserts: ["pods ask for the readiness label", "both pods run on nodes with it"],
    nodes: 3,
    run: readinessLabel,
  },
];

function nodeRef(name: string): KubeObject {
  return { apiVersion: "v1", kind: "Node", metadata: { name } };
}

function nodesOf(life: Life): string[] {
  return life.pods().map(({ spec }) => spec?.nodeName ?? "").sort();
}

function nodeNames(life: Life): string[] {
  return (life.cluster.dev?.nodes ?? []).map(({ name }) => name);
}

async function taintedNode(life: Life): Promise<void> {
  await life.start();
  const tainted = life.primary().spec?.nodeName ?? "";
  await life.cluster.patch(nodeRef(tainted), {
    spec: { taints: [{ key: "postgres", effect: "NoExecute" }] },
  });
  await life.eventually(
    "no pod is left on the tainted node",
    () =>
      nodesOf(life).length === 2 && !nodesOf(life).includes(tainted) || { found: nodesOf(life) },
  );
  await life.settled();
  await life.configure({ toleration: "key:postgres,operator:Exists,effect:NoExecute" });
  await life.until(
    "the pods bear the taint",
    () => life.pods().every(({ spec }) => spec?.tolerations?.some(({ key }) => key === "postgres")),
  );
  await life.settled();
  await life.eventually(
    "two pods and members run",
    async () => equal([life.pods().length, (await life.members()).length], [2, 2]),
  );
  life.check("pods are spread again", equal(new Set(nodesOf(life)).size, 2));
}

const ZONE = "topology.kubernetes.io/zone";

async function topologySpread(life: Life): Promise<void> {
  for (const [index, name] of nodeNames(life).entries()) {
    await life.cluster.patch(nodeRef(name), { metadata: { labels: { [ZONE]: `zone-${index}` } } });
  }
  await life.start({
    topologySpreadConstraints: [{
      maxSkew: 1,
      topologyKey: ZONE,
      whenUnsatisfiable: "DoNotSchedule",
      labelSelector: { matchLabels: { application: "spilo", "cluster-name": MINIMAL } },
    }],
  });
  await life.change({ numberOfInstances: 6 });
  await life.settled();
  const count = (name: string) => nodesOf(life).filter((it) => it === name).length;
  life.check("three pods run in each zone", equal(nodeNames(life).map(count), [3, 3]));
  await life.change({ numberOfInstances: 2 });
  await life.settled();
  life.check("two pods run after scaling down", equal(life.pods().length, 2));
}

async function nodeAffinity(life: Life): Promise<void> {
  await life.start();
  life.step(`pods are on ${nodesOf(life)}`);
  const home = life.primary().spec?.nodeName ?? "";
  await life.cluster.patch(nodeRef(home), {
    metadata: { labels: { "node-affinity-test": "postgres" } },
  });
  const matchExpressions = [{ key: "node-affinity-test", operator: "In", values: ["postgres"] }];
  await life.change({
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions }] },
    },
  });
  await life.eventually(
    "the replica moves to the node with the label",
    () => equal(nodesOf(life), [home, home]),
  );
  await life.settled();
  life.check(
    "the affinity stands in the pods",
    life.pods().every(({ spec }) =>
      JSON.stringify(spec?.affinity ?? {}).includes("node-affinity-test")
    ),
  );
  await life.change({ nodeAffinity: null });
  await life.eventually(
    "pods are spread again without it",
    () => equal(new Set(nodesOf(life)).size, 2),
  );
  await life.settled();
}

async function readinessLabel(life: Life): Promise<void> {
  await life.start();
  const ready = nodeNames(life).slice(1);
  for (const name of ready) {
    await life.cluster.patch(nodeRef(name), {
      metadata: { labels: { "lifecycle-status": "ready" } },
    });
  }
  await life.configure({ node_readiness_label: "lifecycle-status:ready" });
  await life.eventually(
    "pods ask for the readiness label",
    () =>
      life.pods().length === 2 &&
      life.pods().every(({ spec }) =>
        JSON.stringify(spec?.affinity ?? {}).includes("lifecycle-status")
      ),
  );
  await life.eventually(
    "both pods run on nodes with it",
    () => equal(nodesOf(life), [...ready].sort()),
  );
  await life.settled();
}
