/**
 * A cluster for the tests of controllers and kubelet: the embedded API server, the controllers
 * and a kubelet that executes nothing.
 *
 * With CONTROL_PLANE_URL, CONTROL_PLANE_TOKEN and CONTROL_PLANE_CA (a file) in the environment
 * the same tests use that control plane; with CONTROLLERS=real also its controllers, beside
 * which only claims are served from here. So the tests hold the real ones to the same rows.
 */
import {
  type ClusterAccess,
  isNotFound,
  type KubeClient,
  kubeClient,
} from "../../client/client.ts";
import { namespaces, type Resource, serviceAccounts } from "../../client/resources.ts";
import { startApiServer } from "../../apiserver/server.ts";
import { startKubelet } from "../../kubelet/kubelet.ts";
import { type StubRuntime, stubRuntime } from "../../kubelet/stub_runtime.ts";
import type { KubeObject } from "../../objects/meta.ts";
import type { PodSpec } from "../../objects/pod.ts";
import type { Namespace } from "../../objects/storage.ts";
import { startScheduler } from "../../scheduler/scheduler.ts";
import { startControllers } from "../mod.ts";

export interface TestCluster {
  readonly access: ClusterAccess;
  readonly client: KubeClient;
  readonly runtime: StubRuntime;
  readonly kubeletUrl: string;
  /** Makes a namespace with its ServiceAccount, and removes it with the cluster. */
  namespace(): Promise<string>;
  stop(): Promise<void>;
}

/** Starts everything. */
export async function testCluster(): Promise<TestCluster> {
  const server = Deno.env.has("CONTROL_PLANE_URL") ? undefined : await startApiServer();
  const access: ClusterAccess = server ?? {
    url: Deno.env.get("CONTROL_PLANE_URL")!,
    token: Deno.env.get("CONTROL_PLANE_TOKEN")!,
    caPem: Deno.readTextFileSync(Deno.env.get("CONTROL_PLANE_CA")!),
  };
  const real = Deno.env.get("CONTROLLERS") === "real";
  const controllers = await startControllers({
    ...access,
    ...(real ? { only: ["persistentVolume"] } : {}),
  });
  const runtime = stubRuntime({ ...access, readyAfterMs: 20 });
  const kubelet = await startKubelet({ ...access, nodeName: "test", runtime });
  const scheduler = await startScheduler(access, () => {});
  const client = kubeClient(access);
  const made: string[] = [];
  return {
    access,
    client,
    runtime,
    kubeletUrl: kubelet.url,
    async namespace() {
      const name = `test-${crypto.randomUUID().slice(0, 8)}`;
      made.push(name);
      await client.create<Namespace>(namespaces, {
        apiVersion: "v1",
        kind: "Namespace",
        metadata: { name },
      });
      const account = { namespace: name, name: "default" };
      await until("the ServiceAccount", () => client.get(serviceAccounts, account));
      return name;
    },
    async stop() {
      for (const name of made) {
        await client.delete(namespaces, { name }).catch(ignoreMissing);
        const gone = async () => !await client.get(namespaces, { name });
        await until(`the end of namespace ${name}`, gone, 60_000);
      }
      await scheduler.stop();
      await kubelet.stop();
      await controllers.stop();
      client.close();
      await server?.stop();
    },
  };
}

function ignoreMissing(error: unknown): undefined {
  if (!isNotFound(error)) throw error;
}

/** Waits until `check` gives something true, and gives it back. */
export async function until<T>(
  what: string,
  check: () => Promise<T | undefined | false>,
  limitMs = 15_000,
): Promise<T> {
  const deadline = Date.now() + limitMs;
  while (Date.now() < deadline) {
    const found = await check();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`cannot find ${what}: not there after ${limitMs} ms`);
}

/** Checks for a while that something does not happen. */
export async function never(what: string, check: () => Promise<unknown>, ms = 300): Promise<void> {
  const deadline = Date.now() + ms;
  while (Date.now() < deadline) {
    if (await check()) throw new Error(`${what} happened`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The objects of a kind in a namespace, by name. */
export async function listed<T extends KubeObject>(
  { client }: TestCluster,
  resource: Resource,
  namespace: string,
): Promise<T[]> {
  const { items } = await client.list<T>(resource, namespace);
  return items.sort((a, b) => a.metadata.name < b.metadata.name ? -1 : 1);
}

/** A pod template's spec with one container. */
export function podSpec(image = "sleeper", more: Partial<PodSpec> = {}): PodSpec {
  return { terminationGracePeriodSeconds: 1, containers: [{ name: "main", image }], ...more };
}

/** A pod template's spec that fits no node. */
export function unschedulable(): PodSpec {
  return podSpec("sleeper", { nodeSelector: { "no-such": "node" } });
}
