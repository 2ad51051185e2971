import { deepStrictEqual as equal } from "node:assert/strict";
import { parse } from "yaml";
import {
  deployments,
  persistentVolumeClaims,
  pods as podResource,
  type Resource,
  secrets,
  serviceAccounts,
  statefulSets,
} from "../client/resources.ts";
import type { KubeObject, Metadata } from "../objects/meta.ts";
import type { Deployment } from "../objects/workloads.ts";
import { listed, type TestCluster, testCluster, until } from "./testing/cluster.ts";

/** Recorded cases whose StatefulSet is complete in one step. */
const CASES = ["default/minimal", "default/inst-three", "ownerrefs/own-plain"];

const CREATED: readonly Resource[] = [secrets, serviceAccounts, statefulSets, deployments];

interface Recording {
  readonly objects: (KubeObject & { status?: unknown; data?: Record<string, unknown> })[];
}

function recording(name: string): Recording {
  const file = new URL(`../../testdata/reference/golden/${name}/1.yaml`, import.meta.url);
  return parse(Deno.readTextFileSync(file), { maxAliasCount: -1 }) as Recording;
}

/** Hashes depend on defaults that the recordings left out, owners on the run. */
function comparable({ labels = {}, finalizers = [], ownerReferences = [], name }: Metadata) {
  return {
    name,
    labels: Object.fromEntries(
      Object.entries(labels).map((
        [key, value],
      ) => [key, key === "controller-revision-hash" ? "hash" : value]),
    ),
    finalizers,
    owners: ownerReferences.map(({ kind, name, controller, blockOwnerDeletion }) => ({
      kind,
      name,
      controller,
      blockOwnerDeletion,
    })),
  };
}

/** Pods were recorded without their owner. */
function podLabels(metadata: Metadata) {
  const { name, labels } = comparable(metadata);
  return { name, labels };
}

async function replay(cluster: TestCluster, { objects }: Recording): Promise<string> {
  const namespace = await cluster.namespace();
  for (const object of objects) {
    const resource = CREATED.find((it) => it.kind === object.kind);
    if (!resource) continue;
    const { status: _, ...rest } = object;
    const { ownerReferences: __, ...metadata } = rest.metadata;
    const contents = Object.entries(object.data ?? {}).map(([key, it]) => [key, btoa(String(it))]);
    const data = object.kind === "Secret" ? { data: Object.fromEntries(contents) } : {};
    const text = JSON.stringify({ ...rest, ...data, metadata: { ...metadata, namespace } });
    const own = metadata.namespace!;
    // The template's metadata names the namespace too.
    await cluster.client.create(
      resource,
      JSON.parse(text.replaceAll(`"namespace":"${own}"`, `"namespace":"${namespace}"`)),
    );
  }
  return namespace;
}

Deno.test("a recorded StatefulSet gets the pods and claims that were recorded with it", async (t) => {
  const cluster = await testCluster();
  try {
    for (const name of CASES) {
      await t.step(name, async () => {
        const recorded = recording(name);
        const namespace = await replay(cluster, recorded);
        const of = (kind: string) => recorded.objects.filter((it) => it.kind === kind);
        const ordinal = /-\d+$/;
        // Pods with generated names are not in the recordings.
        const members = async () =>
          (await listed(cluster, podResource, namespace))
            .filter((it) => ordinal.test(it.metadata.name));
        await until("roles", async () => {
          const pods = await members();
          return pods.filter((it) => it.metadata.labels!["spilo-role"]).length === of("Pod").length;
        });
        const pods = await members();
        equal(
          pods.map((it) => podLabels(it.metadata)),
          of("Pod").map((it) => podLabels(it.metadata)),
        );
        const claims = await listed(cluster, persistentVolumeClaims, namespace);
        equal(
          claims.map((it) => comparable(it.metadata)),
          of("PersistentVolumeClaim").map((it) => comparable(it.metadata)),
        );
        for (const { metadata } of of("Deployment")) {
          await until(`${metadata.name} to be available`, async () => {
            const ref = { namespace, name: metadata.name };
            const deployment = await cluster.client.get<Deployment>(deployments, ref);
            return deployment!.status?.availableReplicas === deployment!.spec.replicas;
          });
        }
      });
    }
  } finally {
    await cluster.stop();
  }
});
