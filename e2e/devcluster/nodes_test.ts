/** Several nodes: spreading, draining, taints, a node that fails and comes back. */
import { deepStrictEqual as equal, ok } from "node:assert/strict";
import { kubeClient } from "./client/client.ts";
import { nodes as nodeResource, pods as podResource, statefulSets } from "./client/resources.ts";
import { podSpec, until } from "./controllers/testing/cluster.ts";
import { startDevCluster } from "./mod.ts";
import type { Node } from "./objects/placement.ts";
import type { Pod } from "./objects/pod.ts";
import type { StatefulSet } from "./objects/workloads.ts";

const TIMING = { heartbeatMs: 200, graceMs: 1500 };
const LABELS = { app: "db" };
const mayListen = (await Deno.permissions.query({ name: "net" })).state === "granted";

function setOf(replicas: number): StatefulSet {
  const keys = ["node.kubernetes.io/unreachable", "node.kubernetes.io/not-ready"];
  const tolerations = keys.map((key) => ({
    key,
    operator: "Exists",
    effect: "NoExecute",
    tolerationSeconds: 1,
  }));
  return {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: { name: "db", namespace: "default" },
    spec: {
      replicas,
      serviceName: "db",
      podManagementPolicy: "Parallel",
      selector: { matchLabels: LABELS },
      template: { metadata: { labels: LABELS }, spec: podSpec("x", { tolerations }) },
    },
  };
}

Deno.test({
  name: "pods spread over nodes, leave tainted and failed ones, and a node comes back",
  ignore: !mayListen,
  async fn() {
    const complaints: unknown[] = [];
    const cluster = await startDevCluster({
      runtime: "stub",
      nodes: 3,
      nodeTiming: TIMING,
      onError: (error) => complaints.push(error),
    });
    const { url, adminToken: token, caPem } = cluster;
    const client = kubeClient({ url, token, caPem });
    const pods = async () => (await client.list<Pod>(podResource, "default")).items;
    const placed = async () =>
      (await pods()).filter((pod) =>
        !pod.metadata.deletionTimestamp &&
        pod.status?.conditions?.some((it) => it.type === "Ready" && it.status === "True")
      ).map((pod) => pod.spec.nodeName!).sort();
    const eventually = (what: string, want: string[]) =>
      until(`${what}: ${want}`, async () => String(await placed()) === String(want));
    const [first, second, third] = cluster.nodes.map(({ name }) => name) as [
      string,
      string,
      string,
    ];
    try {
      await client.create<StatefulSet>(statefulSets, setOf(3));
      await eventually("spread", [first, second, third]);

      await client.patch(nodeResource, { name: first }, {
        spec: { taints: [{ key: "postgres", effect: "NoExecute" }] },
      });
      await until("the tainted node is left", async () => !(await placed()).includes(first));
      await until("three pods again", async () => (await placed()).length === 3);
      await client.patch(nodeResource, { name: first }, { spec: { taints: null } });

      const failing = cluster.nodes[1]!;
      await failing.fail();
      await until("the node is unreachable", async () => {
        const node = await client.get<Node>(nodeResource, { name: failing.name });
        return node?.spec?.taints?.some(({ key }) => key.endsWith("/unreachable"));
      });
      await until(
        "its pods are to go",
        async () =>
          (await pods()).filter((pod) => pod.spec.nodeName === failing.name)
            .every((pod) => pod.metadata.deletionTimestamp),
      );
      ok((await pods()).some((pod) => pod.spec.nodeName === failing.name), "nobody confirms it");
      await failing.recover();
      await until("three pods again", async () => (await placed()).length === 3);
      await until("no taints", async () => {
        const node = await client.get<Node>(nodeResource, { name: failing.name });
        return (node?.spec?.taints ?? []).length === 0;
      });
      equal(complaints, []);
    } finally {
      client.close();
      await cluster.stop();
    }
  },
});
