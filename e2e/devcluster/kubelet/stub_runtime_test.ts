import { deepStrictEqual as equal, ok, rejects } from "node:assert/strict";
import {
  listed,
  podSpec,
  type TestCluster,
  testCluster,
  until,
} from "../controllers/testing/cluster.ts";
import { configMaps, endpoints, pods as podResource, statefulSets } from "../client/resources.ts";
import { stubRuntime } from "./stub_runtime.ts";
import type { KubeObject } from "../objects/meta.ts";
import type { Endpoints } from "../objects/network.ts";
import type { EnvVar, Pod } from "../objects/pod.ts";
import type { StatefulSet } from "../objects/workloads.ts";

const ENV: Readonly<Record<string, string>> = {
  SCOPE: "acid-x",
  PGROOT: "/home/postgres/pgdata/pgroot",
  PGVERSION: "17",
  KUBERNETES_ROLE_LABEL: "spilo-role",
  KUBERNETES_SCOPE_LABEL: "cluster-name",
  KUBERNETES_LABELS: '{"application":"spilo"}',
  KUBERNETES_BOOTSTRAP_LABELS: '{"critical-operation":"true"}',
  SPILO_CONFIGURATION: '{"bootstrap":{"dcs":{"ttl":20,"postgresql":{"parameters":{"a":"b"}}}}}',
};

async function spilo(cluster: TestCluster, more: Record<string, string> = {}, replicas = 2) {
  const namespace = await cluster.namespace();
  const env: EnvVar[] = Object.entries({ ...ENV, ...more })
    .map(([name, value]) => ({ name, value }));
  const labels = { application: "spilo", "cluster-name": "acid-x" };
  const containers = [{ name: "postgres", image: "spilo", env }];
  await cluster.client.create<StatefulSet>(statefulSets, {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: { name: "acid-x", namespace },
    spec: {
      replicas,
      serviceName: "acid-x",
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: podSpec("spilo", { containers }) },
    },
  });
  await roles(
    cluster,
    namespace,
    Array.from({ length: replicas }, (_, n) => n ? "replica" : "master"),
  );
  return namespace;
}

async function roles(cluster: TestCluster, namespace: string, want: string[]): Promise<Pod[]> {
  return await until(`roles ${want}`, async () => {
    const pods = await listed<Pod>(cluster, podResource, namespace);
    const got = pods.map(({ metadata }) => metadata.labels!["spilo-role"]);
    return got.join() === want.join() && pods;
  });
}

async function ask(pod: Pod, path: string, method = "GET", body?: unknown) {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  const response = await fetch(`http://${pod.status!.podIP}:8008${path}`, init);
  const text = await response.text();
  return { status: response.status, text, json: () => JSON.parse(text) };
}

const TESTS: Record<string, (cluster: TestCluster) => Promise<void>> = {
  async "the first member leads, bootstrap labels go, and a replica takes over"(cluster) {
    const namespace = await spilo(cluster);
    const [first] = await roles(cluster, namespace, ["master", "replica"]);
    equal(first!.metadata.labels!["critical-operation"], undefined);
    equal(JSON.parse(first!.metadata.annotations!.status!).role, "primary");
    await cluster.client.delete(podResource, { namespace, name: "acid-x-0" });
    await roles(cluster, namespace, ["replica", "master"]);
  },

  async "state is kept in Endpoints, or in ConfigMaps where the environment says so"(cluster) {
    const inEndpoints = await spilo(cluster, {}, 1);
    const leader = await cluster.client.get<Endpoints>(endpoints, {
      namespace: inEndpoints,
      name: "acid-x",
    });
    equal(leader!.metadata.annotations!.leader, "acid-x-0");
    equal(leader!.metadata.labels, { application: "spilo", "cluster-name": "acid-x" });
    const inConfigMaps = await spilo(cluster, { KUBERNETES_USE_CONFIGMAPS: "true" }, 1);
    const config = await cluster.client.get<KubeObject>(configMaps, {
      namespace: inConfigMaps,
      name: "acid-x-config",
    });
    const kept = JSON.parse(config!.metadata.annotations!.config!);
    equal([kept.ttl, kept.postgresql.parameters.a], [20, "b"]);
    ok(await cluster.client.get(configMaps, { namespace: inConfigMaps, name: "acid-x-leader" }));
  },

  async "a changed setting that needs a restart is pending until the restart"(cluster) {
    const namespace = await spilo(cluster, {}, 1);
    const [pod] = await listed<Pod>(cluster, podResource, namespace);
    const parameters = { max_connections: 200, a: null };
    await ask(pod!, "/config", "PATCH", { postgresql: { parameters } });
    const config = (await ask(pod!, "/config")).json();
    equal(config.postgresql.parameters.max_connections, 200);
    ok(!("a" in config.postgresql.parameters));
    equal((await ask(pod!, "/patroni")).json().pending_restart, true);
    equal((await ask(pod!, "/restart", "POST", { restart_pending: true })).status, 200);
    equal((await ask(pod!, "/patroni")).json().pending_restart, undefined);
    equal((await ask(pod!, "/restart", "POST", { restart_pending: true })).status, 503);
    await ask(pod!, "/config", "PATCH", { ttl: 25 });
    equal((await ask(pod!, "/patroni")).json().pending_restart, undefined);
    const written = cluster.runtime.requests.filter((it) => it.namespace === namespace);
    equal(written.map((it) => `${it.method} ${it.path}`), [
      "PATCH /config",
      "POST /restart",
      "POST /restart",
      "PATCH /config",
    ]);
  },

  async "a switchover changes roles, one that names the wrong leader does not"(cluster) {
    const namespace = await spilo(cluster);
    const [pod] = await listed<Pod>(cluster, podResource, namespace);
    const wrong = { leader: "acid-x-1", candidate: "acid-x-0" };
    equal((await ask(pod!, "/switchover", "POST", wrong)).status, 412);
    const right = { leader: "acid-x-0", candidate: "acid-x-1" };
    equal((await ask(pod!, "/switchover", "POST", right)).status, 200);
    await roles(cluster, namespace, ["replica", "master"]);
    const { members } = (await ask(pod!, "/cluster")).json();
    equal(members.map((it: { role: string }) => it.role), ["replica", "leader"]);
    equal((await ask(pod!, "/primary")).status, 503);
    equal((await ask(pod!, "/replica")).status, 200);
  },

  async "a switchover goes to whom it names, by Patroni's older word as well"(cluster) {
    const namespace = await spilo(cluster, {}, 3);
    const [pod] = await listed<Pod>(cluster, podResource, namespace);
    const older = { leader: "acid-x-0", member: "acid-x-2" };
    equal((await ask(pod!, "/switchover", "POST", older)).status, 200);
    await roles(cluster, namespace, ["replica", "replica", "master"]);
  },

  async "the leader of a standby cluster is a standby leader with the label master"(cluster) {
    const namespace = await spilo(cluster, { STANDBY_HOST: "elsewhere" }, 1);
    const [pod] = await listed<Pod>(cluster, podResource, namespace);
    equal((await ask(pod!, "/patroni")).json().role, "standby_leader");
    equal((await ask(pod!, "/primary")).status, 503);
    await ask(pod!, "/config", "PATCH", { standby_cluster: null });
    equal((await ask(pod!, "/primary")).status, 200);
  },
};

Deno.test("stub runtime", async (t) => {
  const cluster = await testCluster();
  try {
    for (const [name, run] of Object.entries(TESTS)) await t.step(name, () => run(cluster));
  } finally {
    await cluster.stop();
  }
});

Deno.test("no container starts in a pod that is being stopped", async () => {
  const runtime = stubRuntime({ url: "https://127.0.0.1:1" });
  const pod: Pod = { metadata: { name: "p", namespace: "n" }, spec: podSpec() };
  const running = await runtime.startPod({ pod, ip: "127.0.0.1", hostname: "p", directory: "" });
  await running.stop(0);
  await rejects(
    running.startContainer({
      name: "main",
      image: "sleeper",
      env: {},
      mounts: [],
      tty: false,
      restartCount: 0,
      onOutput: () => {},
      onReady: () => {},
    }),
    /cannot start main: its pod is being stopped/,
  );
  await runtime.close();
});
