/**
 * Helm installs the chart of the web UI on an API server: the dev cluster's, or with KUBECONFIG set a
 * real one, where Pod Security looks at the pod as well.
 */
import assert from "node:assert/strict";
import { startTestCluster } from "../e2e/support/test_cluster.ts";
import { helm, kubectl, UI_CHART } from "./helm.ts";
import { nameOf, render, type Rendered, type Values } from "./rendering.ts";

/** Everything that the chart can make of kinds that every Kubernetes has. */
const EVERYTHING: Values = {
  replicaCount: 2,
  imagePullSecrets: [{ name: "registry" }],
  signIn: {
    mode: "teams",
    proxyAddresses: ["10.0.0.0/8"],
    proxySecret: { name: "proxy" },
  },
  envs: { teams: ["acid"], readOnly: false },
  templates: { small: "kind: postgresql\n" },
  config: { docs_link: "https://docs.example.org" },
  ingress: { enabled: true, ingressClassName: "nginx", tls: [{ hosts: ["ui.example.org"] }] },
  networkPolicy: { enabled: true, from: [{ namespaceSelector: {} }] },
};

Deno.test("helm installs the UI in each mode, upgrades and removes it", async () => {
  const cluster = await startTestCluster();
  try {
    const namespace = await cluster.namespace();
    const at = ["--kubeconfig", cluster.kubeconfig];
    const run = async (program: typeof helm, ...args: string[]) => {
      const { success, stdout, stderr } = await program(...args, ...at, "--namespace", namespace);
      assert.ok(success, `${args.slice(0, 2).join(" ")}: ${stderr}`);
      return { stdout, stderr };
    };
    const restricted = "pod-security.kubernetes.io/enforce=restricted";
    await run(kubectl, "label", "namespace", namespace, restricted);
    const file = `${cluster.directory}/values.json`;
    let command = "install";
    for (const values of [{}, { signIn: { mode: "proxy", proxyAddresses: ["::1"] } }, EVERYTHING]) {
      await Deno.writeTextFile(file, JSON.stringify(values));
      const { stdout } = await run(helm, command, namespace, UI_CHART, "--values", file);
      assert.match(stdout, /port-forward service/);
      const objects = await render({ chart: UI_CHART, release: namespace, namespace, values });
      for (const { kind, metadata } of objects) {
        await run(kubectl, "get", kind, metadata.name, "--output=name");
      }
      await taken(podOf(objects, namespace), (path) => run(kubectl, "create", "-f", path));
      command = "upgrade";
    }
    await run(helm, "uninstall", namespace);
    const left = await run(kubectl, "get", "clusterroles,clusterrolebindings", "--output=name");
    assert.doesNotMatch(left.stdout, new RegExp(namespace));
  } finally {
    await cluster.stop();
  }
});

/** The pod that the Deployment would make. */
function podOf(objects: readonly Rendered[], namespace: string): object {
  const deployment = objects.find(({ kind }) => kind === "Deployment");
  assert.ok(deployment, objects.map(nameOf).join());
  const { template } = deployment["spec"] as {
    template: { metadata: object; spec: object };
  };
  // A pull secret that is not there does not keep a pod from being made.
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { ...template.metadata, namespace, generateName: "ui-" },
    spec: template.spec,
  };
}

async function taken(
  pod: object,
  create: (path: string) => Promise<{ stderr: string }>,
): Promise<void> {
  const path = await Deno.makeTempFile({ suffix: ".json" });
  try {
    await Deno.writeTextFile(path, JSON.stringify(pod));
    const { stderr } = await create(path);
    assert.doesNotMatch(stderr, /PodSecurity/);
  } finally {
    await Deno.remove(path);
  }
}
