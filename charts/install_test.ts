/**
 * Helm installs the chart on an API server: the dev cluster's, or with KUBECONFIG set a real one. Every
 * object is taken, an earlier release is upgraded in place, and the operator works with the rights
 * that a release in one namespace gives it.
 */
import assert from "node:assert/strict";
import { isRunning, minimalCluster } from "../e2e/cases/clusters.ts";
import { freePort } from "../e2e/support/operator_process.ts";
import {
  explainBy,
  launchOperator,
  startTestCluster,
  type TestCluster,
} from "../e2e/support/test_cluster.ts";
import { configFromCrd } from "../src/config/from_crd.ts";
import type { KubeObject } from "../src/kubernetes/types.gen.ts";
import { RESOURCES } from "../src/ports/resources.gen.ts";
import { CHART, helm, kubectl } from "./helm.ts";
import { nameOf, render, type Rendered, type Values } from "./rendering.ts";

const EARLIER = new URL("testdata/earlier", import.meta.url).pathname;

/** Everything that the chart can make. */
const EVERYTHING: Values = {
  replicaCount: 2,
  enableStreams: true,
  rbac: { createAggregateClusterRoles: true },
  networkPolicy: { enabled: true, from: [{ namespaceSelector: {} }] },
  podDisruptionBudget: { enabled: true },
  controllerID: { create: true },
};

interface Scene {
  readonly cluster: TestCluster;
  readonly namespace: string;
  /** Runs Helm in the namespace. @throws with what it says when it fails. */
  readonly helm: (command: string, ...args: string[]) => Promise<string>;
  /** Writes a JSON file, which Helm and kubectl read as YAML. */
  readonly jsonFile: (values: Values) => Promise<string>;
}

/** Every test cluster has it; what the operator of a release may do comes from the chart alone. */
const ACCOUNT_WITHOUT_ROLES = {
  apiVersion: "v1",
  kind: "ServiceAccount",
  metadata: { name: "postgres-operator", namespace: "default" },
};

async function withScene(
  crds: "present" | "absent",
  run: (scene: Scene) => Promise<void>,
): Promise<void> {
  const cluster = await startTestCluster({ crds, roles: [ACCOUNT_WITHOUT_ROLES] });
  const namespace = await cluster.namespace();
  const jsonFile = async (values: Values) => {
    const file = `${cluster.directory}/${crypto.randomUUID()}.json`;
    await Deno.writeTextFile(file, JSON.stringify(values));
    return file;
  };
  const runHelm = async (command: string, ...args: string[]) => {
    const where = ["--kubeconfig", cluster.kubeconfig, "--namespace", namespace];
    const { success, stdout, stderr } = await helm(command, ...args, ...where);
    assert.ok(success, `helm ${command}: ${stderr}`);
    return stdout;
  };
  try {
    await run({ cluster, namespace, helm: runHelm, jsonFile });
  } finally {
    // Objects outside of the namespace would stay on a real API server.
    await helm("uninstall", namespace, "--kubeconfig", cluster.kubeconfig, "-n", namespace);
    await cluster.stop();
  }
}

/** What the API server holds of rendered objects. @throws when one is not there. */
async function stored(
  { cluster, jsonFile }: Scene,
  objects: readonly Rendered[],
): Promise<KubeObject[]> {
  const file = await jsonFile({ apiVersion: "v1", kind: "List", items: objects });
  const at = ["--kubeconfig", cluster.kubeconfig];
  const { success, stdout, stderr } = await kubectl(...at, "get", "-o", "json", "-f", file);
  assert.ok(success, stderr);
  const found = JSON.parse(stdout) as { items?: KubeObject[] } & KubeObject;
  return found.items ?? [found];
}

Deno.test("helm lint has nothing to say against the chart", async () => {
  const { success, stdout } = await helm("lint", "--strict", CHART);
  assert.ok(success, stdout);
  assert.doesNotMatch(stdout, /\[(WARNING|ERROR)\]/);
});

Deno.test("helm installs everything on a Kubernetes without our definitions, and removes it", () =>
  withScene("absent", async (scene) => {
    const { namespace, helm, jsonFile } = scene;
    for (const [command, values] of [["install", {}], ["upgrade", EVERYTHING]] as const) {
      const notes = await helm(command, namespace, CHART, "--values", await jsonFile(values));
      assert.match(notes, new RegExp(`rollout status deployment/${namespace}-postgres-operator`));
      const objects = await render({ release: namespace, namespace, values });
      const found = await stored(scene, objects);
      const configuration = found.find(({ kind }) => kind === "OperatorConfiguration");
      const context = { operatorNamespace: namespace };
      assert.deepEqual(configFromCrd(configuration?.["configuration"], context).warnings, []);
    }
    await helm("uninstall", namespace);
    const left = await kubectl(
      "--kubeconfig",
      scene.cluster.kubeconfig,
      "get",
      "clusterroles,clusterrolebindings,priorityclasses",
      "--output=name",
    );
    assert.ok(left.success, left.stderr);
    assert.doesNotMatch(left.stdout, new RegExp(namespace));
  }));

Deno.test("the configuration in a ConfigMap is installed as it is rendered", () =>
  withScene("present", async (scene) => {
    const { namespace, helm, jsonFile } = scene;
    const values = { configTarget: "ConfigMap" };
    await helm("install", namespace, CHART, "--skip-crds", "--values", await jsonFile(values));
    const objects = await render({ release: namespace, namespace, values });
    const rendered = objects.filter(({ kind }) => kind === "ConfigMap");
    const [found] = await stored(scene, rendered);
    assert.deepEqual(found?.["data"], rendered[0]?.["data"]);
  }));

/** The strategy of a Deployment with its numbers. */
function strategyOf(deployment: KubeObject | undefined): object {
  const { strategy } = deployment?.["spec"] as {
    strategy: { type: string; rollingUpdate?: object };
  };
  return { type: strategy.type, ...strategy.rollingUpdate };
}

Deno.test("an earlier release is upgraded in place: same objects, and soon one operator at a time", () =>
  withScene("present", async (scene) => {
    const { namespace, helm } = scene;
    await helm("install", namespace, EARLIER);
    const release = ["--set", `fullnameOverride=${namespace}`];
    const values = { fullnameOverride: namespace };
    const objects = await render({ release: namespace, namespace, values });
    const kept = objects.filter(({ kind }) =>
      ["Deployment", "Service", "ServiceAccount"].includes(kind)
    );
    const before = await stored(scene, kept);
    await helm("upgrade", namespace, CHART, ...release);
    const after = await stored(scene, kept);
    assert.deepEqual(
      after.map(({ metadata }) => metadata.uid),
      before.map(({ metadata }) => metadata.uid),
      kept.map(nameOf).join(),
    );
    const strategy = async (count: number) => {
      await helm("upgrade", namespace, CHART, ...release, "--set", `replicaCount=${count}`);
      const [found] = await stored(scene, kept.filter(({ kind }) => kind === "Deployment"));
      return strategyOf(found);
    };
    const service = after.find(({ kind }) => kind === "Service");
    const { ports } = service?.["spec"] as { ports: { name: string; port: number }[] };
    assert.deepEqual(ports.map(({ name, port }) => [name, port]), [["http", 8080]]);
    // Server-side apply cannot take fields away that nobody has set: the second time it can.
    const first = strategyOf(after.find(({ kind }) => kind === "Deployment"));
    assert.deepEqual(first, { type: "RollingUpdate", maxSurge: 0, maxUnavailable: 1 });
    assert.deepEqual(await strategy(1), { type: "Recreate" });
    const oneMore = { type: "RollingUpdate", maxSurge: 1, maxUnavailable: 0 };
    assert.deepEqual(await strategy(2), oneMore);
    assert.deepEqual(await strategy(1), { type: "Recreate" });
  }));

/** A kubeconfig with the token of a ServiceAccount. */
async function kubeconfigOf(scene: Scene, account: string): Promise<string> {
  const { cluster, namespace, jsonFile } = scene;
  const at = ["--kubeconfig", cluster.kubeconfig];
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`;
  const request = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {} };
  const file = await jsonFile(request);
  const answer = await kubectl(...at, "create", "--raw", path, "-f", file);
  assert.ok(answer.success, answer.stderr);
  const { status } = JSON.parse(answer.stdout) as { status: { token: string } };
  const view = await kubectl(...at, "config", "view", "--raw", "--minify", "--output=json");
  const config = JSON.parse(view.stdout) as { users: { user: object }[] };
  for (const user of config.users) user.user = { token: status.token };
  return await jsonFile(config as unknown as Values);
}

Deno.test("with Roles of its namespace alone the operator runs a cluster there", () =>
  withScene("present", async (scene) => {
    const { cluster, namespace, helm, jsonFile } = scene;
    const values = {
      rbac: { scope: "namespace" },
      replicaCount: 0,
      // A control plane without a kubelet runs no command in a pod.
      configMajorVersionUpgrade: { major_version_upgrade_mode: "off" },
      configLoggingRestApi: { api_port: freePort() },
    };
    await helm("install", namespace, CHART, "--skip-crds", "--values", await jsonFile(values));
    const objects = await render({ release: namespace, namespace, values });
    const outside = objects.filter(({ metadata }) => metadata.namespace === undefined);
    assert.deepEqual(outside.map(nameOf), []);
    await stored(scene, objects);
    const name = `${namespace}-postgres-operator`;
    const operator = launchOperator(cluster, { configMap: "", debugUrl: "" }, {
      kubeconfig: await kubeconfigOf(scene, name),
      env: {
        OPERATOR_NAMESPACE: namespace,
        POSTGRES_OPERATOR_CONFIGURATION_OBJECT: name,
        WATCHED_NAMESPACE: "",
      },
    });
    try {
      await operator.untilLogged(/looking after/);
      await cluster.create(minimalCluster(namespace, { numberOfInstances: 2 }));
      await cluster.view.until("the cluster runs", () => isRunning({ cluster, namespace }), {
        explain: explainBy(operator),
      });
      const errors = operator.log().filter((line) => line.includes("level=error"));
      assert.deepEqual(errors, []);
      const signal = AbortSignal.timeout(10_000);
      const { apiVersion, kind } = RESOURCES.RoleBinding;
      const ref = { apiVersion, kind, namespace, name: "postgres-pod" };
      const binding = await cluster.client.get(ref, { signal });
      assert.deepEqual((binding?.["roleRef"] as { kind: string }).kind, "Role");
    } finally {
      await operator.stop();
    }
  }));
