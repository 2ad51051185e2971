import { deepStrictEqual as equal, notStrictEqual, ok } from "node:assert/strict";
import {
  persistentVolumeClaims as claims,
  pods as podResource,
  statefulSets,
} from "../../client/resources.ts";
import type { Pod } from "../../objects/pod.ts";
import type { PersistentVolumeClaim } from "../../objects/storage.ts";
import type { StatefulSet } from "../../objects/workloads.ts";
import {
  listed,
  never,
  podSpec,
  type TestCluster,
  testCluster,
  unschedulable,
  until,
} from "../testing/cluster.ts";
import { isReady } from "./pods.ts";
import { revisionHash } from "./revision.ts";
import { memberSteps } from "./stateful_set_pods.ts";

function statefulSet(namespace: string, spec: Partial<StatefulSet["spec"]> = {}): StatefulSet {
  return {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: { name: "db", namespace },
    spec: {
      replicas: 2,
      serviceName: "db",
      selector: { matchLabels: { app: "db" } },
      template: { metadata: { labels: { app: "db", team: "acid" } }, spec: podSpec() },
      ...spec,
    },
  };
}

const DATA = {
  metadata: { name: "data", labels: { team: "acid" }, annotations: { note: "kept" } },
  spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
};

function imageOf({ spec }: Pod): string | undefined {
  return spec.containers[0]?.image;
}

function names(list: { metadata: { name: string } }[]): string[] {
  return list.map(({ metadata }) => metadata.name);
}

async function readySet(cluster: TestCluster, namespace: string, replicas = 2) {
  return await until(`${replicas} ready members`, async () => {
    const ref = { namespace, name: "db" };
    const set = await cluster.client.get<StatefulSet>(statefulSets, ref);
    const { status, metadata } = set!;
    const settled = status?.observedGeneration === metadata.generation;
    return settled && status!.replicas === replicas &&
      (status!.readyReplicas ?? 0) === replicas && set!;
  });
}

async function create(cluster: TestCluster, spec: Partial<StatefulSet["spec"]> = {}) {
  const namespace = await cluster.namespace();
  await cluster.client.create(statefulSets, statefulSet(namespace, spec));
  return namespace;
}

Deno.test("a revision hash equals the one of the real kube-controller-manager", () => {
  const template = {
    metadata: { labels: { a: "b" } },
    spec: {
      containers: [{
        image: "x",
        imagePullPolicy: "Always",
        name: "c",
        resources: {},
        terminationMessagePath: "/dev/termination-log",
        terminationMessagePolicy: "File",
      }],
      dnsPolicy: "ClusterFirst",
      restartPolicy: "Always",
      schedulerName: "default-scheduler",
      securityContext: {},
      terminationGracePeriodSeconds: 30,
    },
  };
  equal(revisionHash(template), "647757b6d8");
});

Deno.test("an ordered StatefulSet makes no step while a member before it is not ready", () => {
  const set = statefulSet("any");
  const pod = (name: string, status: Pod["status"]): Pod => ({
    metadata: { name, labels: { "controller-revision-hash": "r" } },
    spec: podSpec(),
    ...(status ? { status } : {}),
  });
  const ready = { phase: "Running", conditions: [{ type: "Ready", status: "True" }] };
  const rows: [string, Pod[], StatefulSet["spec"]["podManagementPolicy"], string[]][] = [
    ["nothing there", [], "OrderedReady", ["create 0"]],
    ["nothing there, parallel", [], "Parallel", ["create 0", "create 1"]],
    ["first pending", [pod("db-0", { phase: "Pending" })], "OrderedReady", []],
    ["first ready", [pod("db-0", ready)], "OrderedReady", ["create 1"]],
    ["first failed", [pod("db-0", { phase: "Failed" })], "OrderedReady", ["delete db-0"]],
    [
      "two too many",
      ["db-0", "db-1", "db-2", "db-3"].map((name) => pod(name, ready)),
      "OrderedReady",
      ["delete db-3"],
    ],
    [
      "two too many, parallel",
      ["db-0", "db-1", "db-2", "db-3"].map((name) => pod(name, ready)),
      "Parallel",
      ["delete db-3", "delete db-2"],
    ],
  ];
  for (const [given, pods, podManagementPolicy, want] of rows) {
    const spec = { ...set.spec, podManagementPolicy: podManagementPolicy! };
    const state = { pods, currentRevision: "r", updateRevision: "r", nowMs: 0 };
    const steps = memberSteps({ set: { ...set, spec }, ...state });
    const got = steps.map((step) =>
      step.kind === "create" ? `create ${step.ordinal}` : `delete ${step.pod.metadata.name}`
    );
    equal(got, want, given);
  }
});

Deno.test("StatefulSet", async (t) => {
  const cluster = await testCluster();
  const { client } = cluster;
  try {
    await t.step("members and claims carry identity and the template's metadata", async () => {
      const namespace = await create(cluster, { volumeClaimTemplates: [DATA] });
      const set = await readySet(cluster, namespace);
      const [pod] = await listed<Pod>(cluster, podResource, namespace);
      equal(pod!.metadata.labels, {
        app: "db",
        team: "acid",
        "apps.kubernetes.io/pod-index": "0",
        "controller-revision-hash": set.status!.updateRevision,
        "statefulset.kubernetes.io/pod-name": "db-0",
      });
      equal([pod!.spec.hostname, pod!.spec.subdomain], ["db-0", "db"]);
      const [claim] = await listed<PersistentVolumeClaim>(cluster, claims, namespace);
      equal(claim!.metadata.name, "data-db-0");
      equal(claim!.metadata.labels, { app: "db", team: "acid" });
      equal(claim!.metadata.annotations!.note, "kept");
      equal(claim!.status?.phase, "Bound");
    });

    await t.step("OrderedReady makes one member at a time, Parallel all at once", async () => {
      const template = { metadata: { labels: { app: "db" } }, spec: unschedulable() };
      const ordered = await create(cluster, { template });
      const parallel = await create(cluster, { template, podManagementPolicy: "Parallel" });
      const podsOf = (namespace: string) => listed<Pod>(cluster, podResource, namespace);
      await until("both", async () => (await podsOf(parallel)).length === 2);
      await until("the first", async () => (await podsOf(ordered)).length === 1);
      await never("a second", async () => (await podsOf(ordered)).length > 1);
    });

    await t.step("scaling down ends the highest member and keeps its claim", async () => {
      const namespace = await create(cluster, { volumeClaimTemplates: [DATA] });
      await readySet(cluster, namespace);
      await client.patch(statefulSets, { namespace, name: "db" }, { spec: { replicas: 1 } });
      await readySet(cluster, namespace, 1);
      await until("one pod", async () => {
        const pods = await listed<Pod>(cluster, podResource, namespace);
        return pods.length === 1 && pods[0]!.metadata.name === "db-0";
      });
      equal(names(await listed(cluster, claims, namespace)), ["data-db-0", "data-db-1"]);
    });

    await t.step("OnDelete leaves pods alone until they are deleted", async () => {
      const namespace = await create(cluster, { updateStrategy: { type: "OnDelete" } });
      const before = await readySet(cluster, namespace);
      const spec = { template: { spec: { containers: [{ name: "main", image: "other" }] } } };
      await client.patch(statefulSets, { namespace, name: "db" }, { spec }, { kind: "strategic" });
      const changed = await until("the new revision", async () => {
        const set = await client.get<StatefulSet>(statefulSets, { namespace, name: "db" });
        return set!.status?.updateRevision !== before.status?.updateRevision && set;
      });
      equal(changed.status!.currentRevision, before.status!.currentRevision);
      await client.delete(podResource, { namespace, name: "db-1" });
      const renewed = await until("the new pod", async () => {
        const pod = await client.get<Pod>(podResource, { namespace, name: "db-1" });
        return pod && imageOf(pod) === "other" && isReady(pod) && pod;
      });
      equal(renewed.metadata.labels!["controller-revision-hash"], changed.status!.updateRevision);
      const kept = await client.get<Pod>(podResource, { namespace, name: "db-0" });
      equal(imageOf(kept!), "sleeper");
    });

    await t.step("RollingUpdate replaces every pod, the highest first", async () => {
      const namespace = await create(cluster);
      const before = await readySet(cluster, namespace);
      const first = await client.get<Pod>(podResource, { namespace, name: "db-0" });
      const spec = { template: { spec: { containers: [{ name: "main", image: "other" }] } } };
      await client.patch(statefulSets, { namespace, name: "db" }, { spec }, { kind: "strategic" });
      const second = await until("the highest renewed", async () => {
        const pod = await client.get<Pod>(podResource, { namespace, name: "db-1" });
        return pod && imageOf(pod) === "other" && pod;
      });
      const after = await until("the end of the update", async () => {
        const set = await client.get<StatefulSet>(statefulSets, { namespace, name: "db" });
        return set!.status!.currentRevision !== before.status!.currentRevision &&
          set!.status!.readyReplicas === 2 && set;
      });
      equal(after.status!.currentRevision, after.status!.updateRevision);
      const last = await client.get<Pod>(podResource, { namespace, name: "db-0" });
      notStrictEqual(last!.metadata.uid, first!.metadata.uid);
      ok(last!.metadata.creationTimestamp! >= second.metadata.creationTimestamp!);
    });

    await t.step("pods left by an orphaning deletion are adopted by the next one", async () => {
      const namespace = await create(cluster);
      await readySet(cluster, namespace);
      const before = await listed<Pod>(cluster, podResource, namespace);
      const ref = { namespace, name: "db" };
      await client.delete(statefulSets, ref, { propagationPolicy: "Orphan" });
      await until("the deletion", async () => !await client.get(statefulSets, ref));
      const orphans = await listed<Pod>(cluster, podResource, namespace);
      equal(orphans.map(({ metadata }) => metadata.ownerReferences ?? []), [[], []]);
      await client.create(statefulSets, statefulSet(namespace));
      const set = await readySet(cluster, namespace);
      const after = await listed<Pod>(cluster, podResource, namespace);
      equal(
        after.map(({ metadata }) => [metadata.uid, metadata.ownerReferences![0]!.uid]),
        before.map(({ metadata }) => [metadata.uid, set.metadata.uid]),
      );
    });

    await t.step("claims go with the member or the set where the policy says Delete", async () => {
      const namespace = await create(cluster, {
        volumeClaimTemplates: [DATA],
        persistentVolumeClaimRetentionPolicy: { whenDeleted: "Delete", whenScaled: "Delete" },
      });
      await readySet(cluster, namespace);
      const ref = { namespace, name: "db" };
      const [claim] = await until("the claims' owner", async () => {
        const all = await listed<PersistentVolumeClaim>(cluster, claims, namespace);
        return all.every(({ metadata }) => metadata.ownerReferences?.length) && all;
      });
      const [{ kind, name, controller, blockOwnerDeletion }] = claim!.metadata
        .ownerReferences! as [NonNullable<Pod["metadata"]["ownerReferences"]>[number]];
      equal([kind, name, controller, blockOwnerDeletion], ["StatefulSet", "db", true, true]);
      await client.patch(statefulSets, ref, { spec: { replicas: 1 } });
      await until(
        "the second claim's end",
        async () => (await listed(cluster, claims, namespace)).length === 1,
      );
      await client.delete(statefulSets, ref);
      await until(
        "the last claim's end",
        async () => (await listed(cluster, claims, namespace)).length === 0,
      );
    });

    await t.step("a claim in use stays until its pod is gone", async () => {
      const namespace = await create(cluster, { replicas: 1, volumeClaimTemplates: [DATA] });
      await readySet(cluster, namespace, 1);
      const ref = { namespace, name: "data-db-0" };
      await client.delete(claims, ref);
      await never("the claim's end", async () => !await client.get(claims, ref));
      await client.delete(statefulSets, { namespace, name: "db" });
      await until("the claim's end", async () => !await client.get(claims, ref));
    });
  } finally {
    await cluster.stop();
  }
});
