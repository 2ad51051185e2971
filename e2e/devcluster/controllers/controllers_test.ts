import { deepStrictEqual as equal, ok } from "node:assert/strict";
import {
  configMaps,
  cronJobs,
  deployments,
  endpoints,
  endpointSlices,
  jobs,
  namespaces,
  persistentVolumeClaims,
  persistentVolumes,
  podDisruptionBudgets,
  pods as podResource,
  replicaSets,
  services,
} from "../client/resources.ts";
import type { KubeObject } from "../objects/meta.ts";
import type { Endpoints, EndpointSlice, Service } from "../objects/network.ts";
import type { Pod } from "../objects/pod.ts";
import type { ConfigMap, PersistentVolume, PersistentVolumeClaim } from "../objects/storage.ts";
import type {
  CronJob,
  Deployment,
  Job,
  PodDisruptionBudget,
  ReplicaSet,
} from "../objects/workloads.ts";
import { listed, never, podSpec, type TestCluster, testCluster, until } from "./testing/cluster.ts";
import { isReady } from "./workloads/pods.ts";

function deployment(namespace: string, replicas = 2): Deployment {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", namespace },
    spec: {
      replicas,
      selector: { matchLabels: { app: "web" } },
      template: { metadata: { labels: { app: "web" } }, spec: podSpec() },
    },
  };
}

function pod(namespace: string, name: string, more: Partial<Pod["metadata"]> = {}): Pod {
  const metadata = { name, namespace, labels: { app: "web" }, ...more };
  return { apiVersion: "v1", kind: "Pod", metadata, spec: podSpec() };
}

function configMap(namespace: string, name: string, more: Partial<ConfigMap["metadata"]> = {}) {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace, ...more } };
}

function ownedBy(owner: KubeObject, blockOwnerDeletion = true) {
  const { name, uid } = owner.metadata;
  const reference = { apiVersion: "v1", kind: "ConfigMap", name, uid: uid!, blockOwnerDeletion };
  return { ownerReferences: [reference] };
}

function job(namespace: string, name: string, more: Partial<Job["spec"]> = {}): Job {
  const template = { spec: podSpec("backup", { restartPolicy: "Never" }) };
  const metadata = { name, namespace };
  return { apiVersion: "batch/v1", kind: "Job", metadata, spec: { template, ...more } };
}

async function withOwner(cluster: TestCluster) {
  const { client } = cluster;
  const namespace = await cluster.namespace();
  const owner = await client.create<ConfigMap>(configMaps, configMap(namespace, "owner"));
  await client.create<ConfigMap>(configMaps, configMap(namespace, "child", ownedBy(owner)));
  const get = (name: string) => client.get<ConfigMap>(configMaps, { namespace, name });
  return { client, namespace, owner, get };
}

async function rolledOut(cluster: TestCluster, namespace: string): Promise<Deployment> {
  return await until("the rollout", async () => {
    const ref = { namespace, name: "web" };
    const it = (await cluster.client.get<Deployment>(deployments, ref))!;
    const { replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = it.status ?? {};
    const wanted = it.spec.replicas!;
    return it.status?.observedGeneration === it.metadata.generation && replicas === wanted &&
      updatedReplicas === wanted && availableReplicas === wanted && it;
  });
}

const TESTS: Record<string, (cluster: TestCluster) => Promise<void>> = {
  async "a Deployment rolls from one ReplicaSet to the next and keeps the old one"(cluster) {
    const { client } = cluster;
    const namespace = await cluster.namespace();
    await client.create<Deployment>(deployments, deployment(namespace));
    const first = await rolledOut(cluster, namespace);
    equal(first.metadata.annotations!["deployment.kubernetes.io/revision"], "1");
    const [pod] = await listed<Pod>(cluster, podResource, namespace);
    const [set] = await listed<ReplicaSet>(cluster, replicaSets, namespace);
    const hash = pod!.metadata.labels!["pod-template-hash"];
    equal(set!.metadata.name, `web-${hash}`);
    equal(set!.metadata.ownerReferences![0]!.kind, "Deployment");
    const spec = { template: { spec: { containers: [{ name: "main", image: "other" }] } } };
    const ref = { namespace, name: "web" };
    await client.patch(deployments, ref, { spec }, { kind: "strategic" });
    const second = await rolledOut(cluster, namespace);
    equal(second.metadata.annotations!["deployment.kubernetes.io/revision"], "2");
    const sets = await listed<ReplicaSet>(cluster, replicaSets, namespace);
    equal(sets.map((it) => it.spec.replicas).sort(), [0, 2]);
    ok(second.status!.conditions!.some((it) => it.type === "Available" && it.status === "True"));
    await client.patch(deployments, ref, { spec: { replicas: 0 } });
    await until("no pod", async () => (await listed(cluster, podResource, namespace)).length === 0);
  },

  async "deleting a Deployment takes its ReplicaSets and pods with it"(cluster) {
    const { client } = cluster;
    const namespace = await cluster.namespace();
    await client.create<Deployment>(deployments, deployment(namespace));
    await rolledOut(cluster, namespace);
    await client.delete(deployments, { namespace, name: "web" });
    await until("no pod", async () => (await listed(cluster, podResource, namespace)).length === 0);
    equal(await listed(cluster, replicaSets, namespace), []);
  },

  async "a Job completes with its pod and goes after its time to live"(cluster) {
    const { client } = cluster;
    const namespace = await cluster.namespace();
    await client.create<Job>(jobs, job(namespace, "once"));
    const done = await until("its end", async () => {
      const it = await client.get<Job>(jobs, { namespace, name: "once" });
      return it!.status?.succeeded === 1 && it!.status.completionTime !== undefined && it!;
    });
    ok(done.status!.conditions!.some((it) => it.type === "Complete" && it.status === "True"));
    const [ran] = await listed<Pod>(cluster, podResource, namespace);
    equal(ran!.status!.phase, "Succeeded");
    equal(ran!.metadata.labels!["batch.kubernetes.io/job-name"], "once");
    await client.create<Job>(jobs, job(namespace, "short", { ttlSecondsAfterFinished: 0 }));
    const ref = { namespace, name: "short" };
    await until("its removal", async () => !await client.get(jobs, ref));
  },

  async "a CronJob starts a Job that is due and none while suspended"(cluster) {
    const { client } = cluster;
    const namespace = await cluster.namespace();
    const spec: CronJob["spec"] = {
      schedule: "* * * * *",
      concurrencyPolicy: "Forbid",
      suspend: true,
      jobTemplate: { metadata: { labels: { app: "backup" } }, spec: job(namespace, "x").spec },
    };
    const metadata = { name: "backup", namespace };
    await client.create<CronJob>(cronJobs, {
      apiVersion: "batch/v1",
      kind: "CronJob",
      metadata,
      spec,
    });
    const status = { lastScheduleTime: "2026-01-01T00:00:00Z" };
    await client.patch(cronJobs, metadata, { status }, { subresource: "status" });
    await never("a Job", async () => (await listed(cluster, jobs, namespace)).length > 0);
    await client.patch(cronJobs, metadata, { spec: { suspend: false } });
    const [started] = await until("the Job", async () => {
      const all = await listed<Job>(cluster, jobs, namespace);
      return all.length === 1 && all;
    }, 70_000);
    const { name, labels, annotations } = started!.metadata;
    equal(labels!.app, "backup");
    const scheduled = annotations!["batch.kubernetes.io/cronjob-scheduled-timestamp"]!;
    equal(name, `backup-${Date.parse(scheduled) / 60_000}`);
    await until("the success to show", async () => {
      const it = await client.get<CronJob>(cronJobs, metadata);
      return it!.status?.lastSuccessfulTime && !it!.status.active;
    });
  },

  async "a Service with selector gets the addresses of its pods, one without is left alone"(
    cluster,
  ) {
    const { client } = cluster;
    const namespace = await cluster.namespace();
    const service = (name: string, selector?: Record<string, string>): Service => ({
      apiVersion: "v1",
      kind: "Service",
      metadata: { name, namespace, labels: { a: "b" } },
      spec: { ports: [{ name: "pg", port: 5432 }], ...(selector ? { selector } : {}) },
    });
    const get = (name: string) => client.get<Endpoints>(endpoints, { namespace, name });
    await client.create<Service>(services, service("with", { app: "web" }));
    await client.create<Service>(services, service("without"));
    await client.create<Pod>(podResource, pod(namespace, "a"));
    const running = await until("the pod", async () => {
      const it = await client.get<Pod>(podResource, { namespace, name: "a" });
      return it && isReady(it) && it;
    });
    const ip = running.status!.podIP!;
    // A real API server refuses loopback addresses, so only the embedded one can show them.
    if (!Deno.env.has("CONTROL_PLANE_URL")) {
      const slice = await until("its slice", async () => {
        const [it] = await listed<EndpointSlice>(cluster, endpointSlices, namespace);
        return it?.endpoints?.[0]?.conditions?.ready && it;
      });
      equal(slice.endpoints[0]!.addresses, [ip]);
      equal(slice.metadata.labels!["kubernetes.io/service-name"], "with");
      const found = await until("its address", async () => {
        const it = await get("with");
        return it?.subsets?.[0]?.addresses && it;
      });
      equal(found.subsets![0]!.addresses![0]!.ip, ip);
      equal(found.subsets![0]!.ports, [{ name: "pg", port: 5432, protocol: "TCP" }]);
      equal(found.metadata.labels!.a, "b");
      equal(await get("without"), undefined);
      await client.patch(podResource, { namespace, name: "a" }, {
        metadata: { labels: { app: "x" } },
      });
      await until("its leaving", async () => ((await get("with"))?.subsets?.length ?? 0) === 0);
    }
    await client.create<Endpoints>(endpoints, {
      apiVersion: "v1",
      kind: "Endpoints",
      metadata: { name: "without", namespace },
      subsets: [],
    });
    await client.delete(services, { namespace, name: "without" });
    await until("the Endpoints' end", async () => !await get("without"));
  },

  async "background deletion takes dependents, orphaning keeps them"(cluster) {
    const a = await withOwner(cluster);
    await a.client.delete(configMaps, { namespace: a.namespace, name: "owner" });
    await until("the child's end", async () => !await a.get("child"));
    const b = await withOwner(cluster);
    const ref = { namespace: b.namespace, name: "owner" };
    await b.client.delete(configMaps, ref, { propagationPolicy: "Orphan" });
    await until("the owner's end", async () => !await b.get("owner"));
    equal((await b.get("child"))!.metadata.ownerReferences ?? [], []);
  },

  async "foreground deletion waits for dependents that block it"(cluster) {
    const { client, namespace, owner, get } = await withOwner(cluster);
    const finalizers = ["example.org/wait"];
    const slow = configMap(namespace, "slow", { ...ownedBy(owner), finalizers });
    await client.create<ConfigMap>(configMaps, slow);
    const ref = { namespace, name: "owner" };
    await client.delete(configMaps, ref, { propagationPolicy: "Foreground" });
    await until("the child's end", async () => !await get("child"));
    await never("the owner's end", async () => !await get("owner"));
    await client.patch(configMaps, { namespace, name: "slow" }, { metadata: { finalizers: null } });
    await until("the owner's end", async () => !await get("owner"));
  },

  async "a dependent with another owner left only loses the reference"(cluster) {
    const { client, namespace, owner, get } = await withOwner(cluster);
    const other = await client.create<ConfigMap>(configMaps, configMap(namespace, "other"));
    const ownerReferences = [owner, other].flatMap((it) => ownedBy(it).ownerReferences);
    await client.create<ConfigMap>(configMaps, configMap(namespace, "both", { ownerReferences }));
    await client.delete(configMaps, { namespace, name: "owner" });
    const left = await until("one reference", async () => {
      const references = (await get("both"))!.metadata.ownerReferences!;
      return references.length === 1 && references;
    });
    equal(left[0]!.name, "other");
  },

  async "a namespace ends when its content has, and has what every namespace has"(cluster) {
    const { client } = cluster;
    const namespace = await cluster.namespace();
    const name = "kube-root-ca.crt";
    const authority = await until(
      "the certificate authority",
      () => client.get<ConfigMap>(configMaps, { namespace, name }),
    );
    ok(authority.data!["ca.crt"]!.includes("BEGIN CERTIFICATE"));
    await client.create<Deployment>(deployments, deployment(namespace));
    await rolledOut(cluster, namespace);
    await client.delete(namespaces, { name: namespace });
    await until("its end", async () => !await client.get(namespaces, { name: namespace }));
    equal((await client.list(podResource, namespace)).items, []);
  },

  async "a claim is bound at once, grows when asked, and takes its volume with it"(cluster) {
    const { client } = cluster;
    const namespace = await cluster.namespace();
    const metadata = { name: "data", namespace };
    await client.create<PersistentVolumeClaim>(persistentVolumeClaims, {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata,
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
    });
    const get = () => client.get<PersistentVolumeClaim>(persistentVolumeClaims, metadata);
    const bound = await until("the volume", async () => {
      const it = await get();
      return it!.status?.phase === "Bound" && it!;
    });
    equal(bound.status!.capacity, { storage: "1Gi" });
    equal(bound.metadata.finalizers, ["kubernetes.io/pvc-protection"]);
    const volumeName = bound.spec.volumeName!;
    const volume = () => client.get<PersistentVolume>(persistentVolumes, { name: volumeName });
    equal((await volume())!.spec.claimRef!.uid, bound.metadata.uid);
    if (!Deno.env.has("CONTROL_PLANE_URL")) { // there a StorageClass has to allow it
      const spec = { resources: { requests: { storage: "2Gi" } } };
      await client.patch(persistentVolumeClaims, metadata, { spec });
      await until("growth", async () => (await get())!.status!.capacity!.storage === "2Gi");
      equal((await volume())!.spec.capacity, { storage: "2Gi" });
    }
    await client.delete(persistentVolumeClaims, metadata);
    await until("the volume's end", async () => !await volume());
  },

  async "a PodDisruptionBudget counts pods and what may be missing"(cluster) {
    const { client } = cluster;
    const namespace = await cluster.namespace();
    await client.create<Deployment>(deployments, deployment(namespace));
    await rolledOut(cluster, namespace);
    const rows: [string, PodDisruptionBudget["spec"], number[]][] = [
      ["min", { minAvailable: 1 }, [2, 1, 2, 1]],
      ["max", { maxUnavailable: 0 }, [2, 2, 2, 0]],
      ["share", { minAvailable: "50%" }, [2, 1, 2, 1]],
      ["nobody", { maxUnavailable: 0, selector: { matchLabels: { app: "no" } } }, [0, 0, 0, 0]],
    ];
    for (const [name, spec, want] of rows) {
      const selector = { matchLabels: { app: "web" } };
      const metadata = { name, namespace };
      await client.create<PodDisruptionBudget>(podDisruptionBudgets, {
        apiVersion: "policy/v1",
        kind: "PodDisruptionBudget",
        metadata,
        spec: { selector, ...spec },
      });
      const status = await until("its status", async () => {
        const it = await client.get<PodDisruptionBudget>(podDisruptionBudgets, metadata);
        return it!.status?.observedGeneration === 1 && it!.status;
      });
      const { expectedPods, desiredHealthy, currentHealthy, disruptionsAllowed } = status;
      equal([expectedPods, desiredHealthy, currentHealthy, disruptionsAllowed], want, name);
    }
  },
};

Deno.test("controllers", async (t) => {
  const cluster = await testCluster();
  try {
    for (const [name, run] of Object.entries(TESTS)) await t.step(name, () => run(cluster));
  } finally {
    await cluster.stop();
  }
});
