/** When the volumes are looked at, which of them, and what of it AWS is asked. */

import assert from "node:assert/strict";
import type { PersistentVolume, PersistentVolumeClaim } from "../../kubernetes/types.gen.ts";
import type { CloudVolumes } from "../../ports/cloud.ts";
import { PortError } from "../../ports/errors.ts";
import { known, type Observation, unknown } from "../../ports/observation.ts";
import type { KubeReader } from "../../ports/ports.ts";
import { cluster } from "../../testing/cluster_fixture.ts";
import { planContext } from "../../testing/plan_fixture.ts";
import { pod } from "../../testing/pod_fixture.ts";
import { ebsIdOf } from "../observed/ebs_volumes.ts";
import { createVolumeReader, volumeFingerprint, type VolumeQuestion } from "./volume_reader.ts";

const { signal } = new AbortController();
const CSI = { csi: { driver: "ebs.csi.aws.com", volumeHandle: "vol-" } };

function claim(ordinal: number): PersistentVolumeClaim {
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { namespace: "shop", name: `pgdata-acid-orders-${ordinal}`, uid: `uid-${ordinal}` },
    spec: { volumeName: `pvc-${ordinal}` },
  };
}

function volume(ordinal: number, spec: PersistentVolume["spec"] = {}): PersistentVolume {
  const { namespace, name, uid } = claim(ordinal).metadata;
  return {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name: `pvc-${ordinal}` },
    spec: {
      capacity: { storage: "10Gi" },
      csi: { ...CSI.csi, volumeHandle: `vol-${ordinal}` },
      claimRef: { namespace: namespace!, name: name!, uid: uid! },
      ...spec,
    },
  };
}

interface Given {
  readonly mode?: string;
  readonly size?: string;
  readonly claims?: readonly PersistentVolumeClaim[];
  readonly volumes?: readonly (PersistentVolume | Observation<undefined>)[];
  readonly pods?: readonly string[];
  readonly question?: Partial<VolumeQuestion>;
  readonly cloud?: Partial<CloudVolumes>;
}

function look(given: Given) {
  const { claims = [claim(0), claim(1)], volumes = [volume(0), volume(1)], question } = given;
  const { config, effective } = planContext({
    cr: cluster({ spec: { volume: { size: given.size ?? "10Gi" } } }),
    config: { storageResizeMode: given.mode ?? "mixed" },
  });
  const names = given.pods ?? ["acid-orders-0", "acid-orders-1"];
  const calls: string[] = [];
  const kube = {
    read: ({ name }) => {
      calls.push(`get ${name}`);
      const found = volumes[Number(name.split("-")[1])];
      return Promise.resolve(found !== undefined && "known" in found ? found : known(found));
    },
  } as Pick<KubeReader, "read"> as KubeReader;
  const cloud = {
    describe(ids: readonly string[]) {
      calls.push(`describe ${ids.join(" ")}`);
      return Promise.resolve(ids.map((id) => ({ id, sizeGib: 10, type: "gp3" })));
    },
    changes(ids: readonly string[]) {
      calls.push(`changes ${ids.join(" ")}`);
      return Promise.resolve([]);
    },
    ...given.cloud,
  } as CloudVolumes;
  const whole = {
    config,
    effective,
    claims: known(claims),
    pods: known(names.map((name) => pod(name))),
    memory: {},
    full: false,
    ...question,
  };
  const read = async () => await createVolumeReader({ kube, cloud })(whole, signal);
  return { calls, whole, read };
}

Deno.test("with mixed every volume of a running pod is compared", async () => {
  const { calls, read } = look({});
  const seen = await read();
  assert.ok(seen?.known);
  assert.deepEqual(seen.value.map(({ id, pod }) => [id, pod]), [
    ["vol-0", "acid-orders-0"],
    ["vol-1", "acid-orders-1"],
  ]);
  assert.deepEqual(calls, ["get pvc-0", "get pvc-1", "describe vol-0 vol-1", "changes "]);
});

const ASKED: readonly [string, Given, string[]][] = [
  ["pvc: nothing", { mode: "pvc", size: "20Gi" }, []],
  ["off: nothing", { mode: "off", size: "20Gi" }, []],
  [
    "ebs and nothing to grow: AWS is not asked",
    { mode: "ebs" },
    ["get pvc-0", "get pvc-1", "describe ", "changes "],
  ],
  [
    "ebs: of those that are too small",
    {
      mode: "ebs",
      size: "20Gi",
      volumes: [volume(0), volume(1, { capacity: { storage: "20Gi" } })],
    },
    ["get pvc-0", "get pvc-1", "describe vol-0", "changes vol-0"],
  ],
  [
    "mixed: the last change of those that differ",
    { size: "20Gi" },
    ["get pvc-0", "get pvc-1", "describe vol-0 vol-1", "changes vol-0 vol-1"],
  ],
  [
    "claims of pods that were scaled away wait",
    { size: "20Gi", pods: ["acid-orders-0"] },
    ["get pvc-0", "describe vol-0", "changes vol-0"],
  ],
  [
    "a volume that is bound to another claim is not ours",
    {
      size: "20Gi",
      volumes: [volume(0, { claimRef: { ...volume(1).spec?.claimRef } }), volume(1)],
    },
    ["get pvc-0", "get pvc-1", "describe vol-1", "changes vol-1"],
  ],
  [
    "a volume of another driver is not asked about",
    {
      size: "20Gi",
      volumes: [volume(0, { csi: { driver: "disk.example", volumeHandle: "vol-0" } }), volume(1)],
    },
    ["get pvc-0", "get pvc-1", "describe vol-1", "changes vol-1"],
  ],
  [
    "a claim without a volume waits",
    { claims: [{ ...claim(0), spec: {} }, claim(1)] },
    ["get pvc-1", "describe vol-1", "changes "],
  ],
];

for (const [name, given, want] of ASKED) {
  Deno.test(`what is asked with ${name}`, async () => {
    const { calls, read } = look(given);
    await read();
    assert.deepEqual(calls, want);
  });
}

Deno.test("a look that found nothing to do is repeated for another wish, another pod, and in time", async () => {
  const { whole } = look({});
  const memory = { volumeLook: { fingerprint: volumeFingerprint(whole), held: [] } };
  const again = async (given: Given) => {
    const { calls, read } = look({ ...given, question: { memory, ...given.question } });
    await read();
    return calls.length > 0;
  };
  assert.equal(await again({}), false);
  assert.equal(await again({ size: "11Gi" }), true);
  assert.equal(await again({ pods: ["acid-orders-0"] }), true);
  assert.equal(await again({ question: { full: true } }), true);
});

Deno.test("a volume that cannot be read, and an AWS that refuses, are unknown and told", async () => {
  const unreadable = look({ volumes: [unknown("cannot get PersistentVolume pvc-0: forbidden")] });
  assert.deepEqual(
    await unreadable.read(),
    unknown("cannot get PersistentVolume pvc-0: forbidden"),
  );
  const describe = () => Promise.reject(new PortError("AWS refuses", "forbidden"));
  assert.deepEqual(await look({ cloud: { describe } }).read(), unknown("AWS refuses"));
  const broken = () => Promise.reject(new TypeError("a fault of ours"));
  await assert.rejects(look({ cloud: { describe: broken } }).read(), /a fault of ours/);
});

const IDS: readonly [string, Partial<PersistentVolume>, string | undefined][] = [
  ["CSI", { spec: { csi: { driver: "ebs.csi.aws.com", volumeHandle: "vol-0a1" } } }, "vol-0a1"],
  [
    "CSI with a zone",
    { spec: { csi: { driver: "ebs.csi.aws.com", volumeHandle: "aws://eu-central-1a/vol-0a1" } } },
    "vol-0a1",
  ],
  ["another driver", { spec: { csi: { driver: "x", volumeHandle: "vol-0a1" } } }, undefined],
  ["no id", { spec: { csi: { driver: "ebs.csi.aws.com", volumeHandle: "fs-1" } } }, undefined],
  [
    "the source that Kubernetes had before CSI",
    { spec: { awsElasticBlockStore: { volumeID: "aws://eu-central-1a/vol-0a1" } } },
    "vol-0a1",
  ],
  ["a directory", { spec: { hostPath: { path: "/vol-1" } } }, undefined],
];

for (const [name, parts, want] of IDS) {
  Deno.test(`the volume behind a PersistentVolume of ${name} is ${want}`, () => {
    const whole = { apiVersion: "v1", kind: "PersistentVolume", metadata: {}, ...parts } as const;
    assert.equal(ebsIdOf(whole), want);
  });
}
