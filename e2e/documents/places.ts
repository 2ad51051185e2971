/** Clusters on which the commands of the documents run. */
import { tools } from "../../charts/helm.ts";
import { startDevCluster } from "../devcluster/mod.ts";
import { installedPostgresMajors } from "../devcluster/packages.ts";
import { run } from "../local/programs.ts";
import { launchOperator, startTestCluster } from "../support/test_cluster.ts";
import type { Place } from "./blocks.ts";

/** A cluster for commands. */
export interface Ground {
  readonly kubeconfig: string;
  /** Text of the documents → what stands for it here. */
  readonly words: Readonly<Record<string, string>>;
  /** @throws Error when what the commands made does not come up */
  check(): Promise<void>;
  stop(): Promise<void>;
}

const NOTHING_TO_CHECK = () => Promise.resolve();

/** Starts the cluster of a place; `tree` is where the manifests are. */
export async function startGround(place: Place, tree: string): Promise<Ground> {
  switch (place) {
    case "fresh":
      return await freshGround();
    case "stub":
      return await stubGround();
    case "operator":
      return await operatorGround(tree);
  }
}

/** Nothing in it; afterwards every Deployment in it has to come up. */
async function freshGround(): Promise<Ground> {
  const cluster = await startDevCluster({ runtime: "process" });
  const { kubeconfig } = cluster;
  const { kubectl } = await tools();
  return {
    kubeconfig,
    words: {},
    async check() {
      const command = [kubectl, "--kubeconfig", kubeconfig];
      const all = ["deployment", "--all", "--all-namespaces"];
      if ((await run([...command, "get", "deployment", "-A", "-o", "name"])).trim() === "") return;
      await run([...command, "wait", ...all, "--for=condition=Available", "--timeout=60s"]);
    },
    stop: () => cluster.stop(),
  };
}

/** Pods pretend, so that every version of PostgreSQL is there. */
async function stubGround(): Promise<Ground> {
  const cluster = await startTestCluster();
  const { configMap } = await cluster.configure();
  const operator = launchOperator(cluster, { configMap, debugUrl: "" });
  await operator.untilLogged(/looking after/);
  return {
    kubeconfig: cluster.kubeconfig,
    words: {},
    check: NOTHING_TO_CHECK,
    async stop() {
      await operator.stop();
      await cluster.stop();
    },
  };
}

/** The operator as a Pod by the shipped manifests, and the minimal example. */
async function operatorGround(tree: string): Promise<Ground> {
  const cluster = await startDevCluster({ runtime: "process" });
  try {
    const { kubeconfig } = cluster;
    const { kubectl } = await tools();
    const ask = (...args: string[]) => run([kubectl, "--kubeconfig", kubeconfig, ...args]);
    await ask("apply", "-k", `${tree}/manifests`);
    await ask("rollout", "status", "deployment/postgres-operator", "--timeout=60s");
    const manifest = Deno.readTextFileSync(`${tree}/manifests/minimal-postgres-manifest.yaml`)
      .replace(/version: .*/, `version: "${installedPostgresMajors().at(-1)}"`);
    await run([kubectl, "--kubeconfig", kubeconfig, "apply", "-f", "-"], { stdin: manifest });
    const running = "--for=jsonpath={.status.PostgresClusterStatus}=Running";
    await ask("wait", "postgresql/acid-minimal-cluster", running, "--timeout=90s");
    const address = await ask(
      ...["get", "service", "acid-minimal-cluster", "-o", "jsonpath={.spec.clusterIP}"],
    );
    return {
      kubeconfig,
      words: { "127.130.100.2": address },
      check: NOTHING_TO_CHECK,
      stop: () => cluster.stop(),
    };
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}
