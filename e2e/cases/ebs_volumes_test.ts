/**
 * Volumes of EBS grow through a stand-in of AWS, with its permission checks left out.
 * Zalando: pkg/cluster/volumes.go, resizeVolumes
 */
import assert from "node:assert/strict";
import type { KubeObject, PersistentVolume } from "../../src/kubernetes/types.gen.ts";
import { type AwsStandIn, createAwsStandIn } from "../../src/testing/aws_stand_in.ts";
import { type Play, scenario } from "../support/scenario.ts";
import type { TestOperator } from "../support/test_cluster.ts";
import { isRunning, MINIMAL, minimalCluster, podsOf } from "./clusters.ts";

const ID = "vol-0123456789abcdef0";

interface Aws {
  readonly standIn: AwsStandIn;
  readonly env: Readonly<Record<string, string>>;
}

/** A stand-in that operators can reach. */
function startAws(): Aws {
  const standIn = createAwsStandIn();
  standIn.volumes.set(ID, { size: 1, type: "gp3", iops: 3000, throughput: 125 });
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => standIn.handle(request),
  );
  server.unref();
  return {
    standIn,
    env: {
      AWS_ENDPOINT_URL_EC2: `http://127.0.0.1:${server.addr.port}/`,
      AWS_ACCESS_KEY_ID: standIn.keys.accessKeyId,
      AWS_SECRET_ACCESS_KEY: standIn.keys.secretAccessKey,
    },
  };
}

function askedFor({ standIn }: Aws, action: string): unknown[] {
  return standIn.calls.filter((call) => call["Action"] === action)
    .map(({ Action: _action, Version: _version, VolumeId: _id, ...fields }) => fields);
}

/** A cluster of one pod whose claim is bound to a volume of EBS already. */
async function running(play: Play): Promise<void> {
  const { cluster, namespace } = play;
  const volumeName = `ebs-${namespace}`;
  const claim = await cluster.create({
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: {
      namespace,
      name: `pgdata-${MINIMAL}-0`,
      labels: { application: "spilo", "cluster-name": MINIMAL, team: "acid" },
    },
    spec: {
      accessModes: ["ReadWriteOnce"],
      volumeName,
      resources: { requests: { storage: "1Gi" } },
    },
  } as KubeObject);
  const { name, uid } = claim.metadata;
  await cluster.create({
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name: volumeName },
    spec: {
      capacity: { storage: "1Gi" },
      accessModes: ["ReadWriteOnce"],
      persistentVolumeReclaimPolicy: "Retain",
      claimRef: { apiVersion: "v1", kind: "PersistentVolumeClaim", namespace, name, uid },
      csi: { driver: "ebs.csi.aws.com", volumeHandle: ID },
    },
  } as KubeObject);
  await cluster.create(minimalCluster(namespace, { numberOfInstances: 1 }));
  await play.until("the cluster runs", () => isRunning(play));
}

async function capacity({ cluster, namespace }: Play): Promise<unknown> {
  const ref = { apiVersion: "v1", kind: "PersistentVolume", name: `ebs-${namespace}` };
  const volume = await cluster.client.get(ref, { signal: AbortSignal.timeout(10_000) });
  return (volume as PersistentVolume).spec?.capacity?.["storage"];
}

const ebs = startAws();
const resized: string[] = [];
let victim: TestOperator | undefined;

scenario("with ebs a volume grows in AWS, then its file system, also when killed in between", {
  operator: { config: { storage_resize_mode: "ebs" }, env: ebs.env },
  stub: {
    exec: ({ command, pod }) => {
      if (!command.join(" ").includes("resize2fs")) return undefined;
      resized.push(pod);
      victim?.kill();
      return { stdout: "The filesystem on /dev/nvme1n1 is now 524288 (4k) blocks long." };
    },
  },
}, async (play) => {
  await running(play);
  assert.deepEqual(ebs.standIn.calls, [], "nothing is asked before there is something to grow");
  const before = podsOf(play).map(({ metadata }) => metadata.uid);
  victim = play.operator;
  const size = { volume: { size: "2Gi" } };
  await play.cluster.patch(minimalCluster(play.namespace), { spec: size });
  await play.operator.ended;
  assert.equal(await capacity(play), "1Gi", "the object says what is done, not what is begun");
  victim = undefined;
  await play.cluster.operator({ config: { storage_resize_mode: "ebs" }, env: ebs.env });
  await play.until("the cluster runs again", () => isRunning(play) && resized.length > 1);
  for (let left = 50; await capacity(play) !== "2Gi" && left > 0; left--) {
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  assert.equal(await capacity(play), "2Gi");
  assert.deepEqual(askedFor(ebs, "ModifyVolume"), [{ Size: "2" }], "AWS is asked once");
  assert.deepEqual(resized, [`${MINIMAL}-0`, `${MINIMAL}-0`]);
  assert.deepEqual(podsOf(play).map(({ metadata }) => metadata.uid), before, "no pod restarts");
});

const mixed = startAws();

scenario("with mixed AWS changes what Kubernetes cannot, and a refusal is told", {
  operator: { config: { storage_resize_mode: "mixed" }, env: mixed.env },
}, async (play) => {
  await running(play);
  const change = (volume: Readonly<Record<string, unknown>>) =>
    play.cluster.patch(minimalCluster(play.namespace), { spec: { volume } });
  await change({ iops: 3500 });
  await play.until(
    "the operations are asked for",
    () => askedFor(mixed, "ModifyVolume").length === 1 && isRunning(play),
  );
  mixed.standIn.volumes.get(ID)!.change = { state: "completed" };
  mixed.standIn.refusals.set("ModifyVolume", {
    status: 400,
    code: "VolumeModificationRateExceeded",
    message: "You've reached the maximum modification rate per volume limit. Wait at least 6 " +
      "hours between modifications per EBS volume.",
  });
  await change({ throughput: 200 });
  const told = () =>
    play.events(MINIMAL).find((event) => event.includes("VolumeModificationRateExceeded"));
  await play.until("the refusal is told", told);
  assert.match(told() ?? "", /cannot modify volume vol-0123456789abcdef0: AWS refuses/);
  const asked = askedFor(mixed, "ModifyVolume");
  assert.deepEqual(asked, [{ Iops: "3500" }, { Throughput: "200" }]);
});
