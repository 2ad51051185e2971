/** What is asked of AWS for which volume, what waits, and what is left. */

import assert from "node:assert/strict";
import type { PersistentVolume, PersistentVolumeClaim } from "../../../kubernetes/types.gen.ts";
import type { CloudVolume, VolumeChange } from "../../../ports/cloud.ts";
import { known, unknown } from "../../../ports/observation.ts";
import type { PostgresqlVolume as Volume } from "../../../api/types.gen.ts";
import { cluster } from "../../../testing/cluster_fixture.ts";
import { planContext } from "../../../testing/plan_fixture.ts";
import { pod } from "../../../testing/pod_fixture.ts";
import type { ClaimedVolume } from "../../observed/ebs_volumes.ts";
import { describeReason } from "../steps/reasons.ts";
import { planVolumes } from "./volumes.ts";

const POD = "acid-orders-0";
const GP3: CloudVolume = { id: "vol-1", sizeGib: 10, type: "gp3", iops: 3000, throughput: 125 };

function claim(storage: string): PersistentVolumeClaim {
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { namespace: "shop", name: `pgdata-${POD}` },
    spec: { resources: { requests: { storage } } },
    status: { capacity: { storage } },
  };
}

function volume(
  storage: string,
  rest: { cloud?: Partial<CloudVolume>; change?: string; id?: undefined } = {},
): ClaimedVolume {
  const change: VolumeChange | undefined = rest.change === undefined
    ? undefined
    : { id: "vol-1", state: rest.change, message: "" };
  const object: PersistentVolume = {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name: "pvc-1", resourceVersion: "7" },
    spec: { capacity: { storage }, csi: { driver: "ebs.csi.aws.com", volumeHandle: "vol-1" } },
  };
  return {
    claim: `pgdata-${POD}`,
    pod: POD,
    volume: object,
    id: "id" in rest ? undefined : "vol-1",
    cloud: "id" in rest ? undefined : { ...GP3, ...rest.cloud },
    change,
  };
}

interface Given {
  readonly mode: "ebs" | "mixed" | "pvc" | "off";
  readonly wish?: Partial<Volume>;
  readonly claimed?: string;
  readonly volume?: ClaimedVolume;
}

function plan({ mode, wish, claimed = "10Gi", volume: found }: Given) {
  return planVolumes(planContext({
    cr: cluster({ spec: { volume: { size: "10Gi", ...wish } } }),
    config: { storageResizeMode: mode },
    claims: [claim(claimed)],
    pods: [pod(POD)],
    observed: { ebsVolumes: found && known([found]) },
  }));
}

function asked(given: Given): unknown[] {
  return plan(given).steps.map(({ action }) => {
    if (action.kind === "modifyVolume") {
      const { id: _, ...request } = action.request;
      return request;
    }
    return action.kind;
  });
}

const MIXED: readonly [string, Partial<Volume>, Partial<CloudVolume>, unknown[]][] = [
  ["all as wished", { iops: 3000, throughput: 125, type: "gp3" }, {}, []],
  ["nothing wished", {}, { iops: 5000, throughput: 500 }, []],
  ["more operations", { iops: 3200 }, {}, [{ iops: 3200 }]],
  ["fewer operations", { iops: 3200 }, { iops: 5000 }, [{ iops: 3200 }]],
  ["operations below the least", { iops: 2999 }, { iops: 5000 }, []],
  ["the least operations", { iops: 3000 }, { iops: 5000 }, [{ iops: 3000 }]],
  ["throughput", { throughput: 180 }, {}, [{ throughput: 180 }]],
  ["throughput below the least", { throughput: 124 }, { throughput: 500 }, []],
  ["throughput where there is none", { throughput: 125 }, { throughput: 0 }, [{ throughput: 125 }]],
  ["another type", { type: "gp3" }, { type: "gp2" }, [{ type: "gp3" }]],
  ["a larger size, and the claim beside it", { size: "12Gi" }, {}, [{ sizeGib: 12 }, "patch"]],
  ["a size between two GiB", { size: "10500Mi" }, {}, [{ sizeGib: 11 }, "patch"]],
  ["a smaller volume than its claim", {}, { sizeGib: 9 }, [{ sizeGib: 10 }]],
  ["a larger volume than its claim", {}, { sizeGib: 100 }, []],
  [
    "everything at once",
    { size: "12Gi", iops: 3200, throughput: 180, type: "gp3" },
    { type: "gp2" },
    [{ sizeGib: 12, iops: 3200, throughput: 180, type: "gp3" }, "patch"],
  ],
];

for (const [name, wish, cloud, want] of MIXED) {
  Deno.test(`with mixed AWS is asked for ${name}: ${JSON.stringify(want)}`, () => {
    assert.deepEqual(asked({ mode: "mixed", wish, volume: volume("10Gi", { cloud }) }), want);
  });
}

Deno.test("a change that is asked for names claim, volume and both values", () => {
  const wish = { size: "12Gi", type: "gp3" };
  const { steps } = plan({
    mode: "mixed",
    wish,
    volume: volume("10Gi", { cloud: { type: "gp2" } }),
  });
  assert.deepEqual(steps[0]?.reasons, [
    "spec.volume: claim pgdata-acid-orders-0, volume vol-1: size 10 → 12 GiB, type gp2 → gp3",
  ]);
  assert.equal(steps[0]?.onError, "continue", "the claim grows although AWS refuses");
});

for (const state of ["modifying", "optimizing"]) {
  Deno.test(`with mixed a change that is ${state} postpones the next one, and the claim grows`, () => {
    const wish = { size: "12Gi", iops: 3200 };
    const made = plan({ mode: "mixed", wish, volume: volume("10Gi", { change: state }) });
    assert.deepEqual(made.held.map(({ kind }) => kind), ["postponed"]);
    assert.deepEqual(made.steps.map(({ action }) => action.kind), ["patch"]);
    assert.ok((made.requeueAfterMs ?? 0) > 0);
  });
}

for (const state of ["completed", "failed"]) {
  Deno.test(`with mixed a change that is ${state} makes room for the next one`, () => {
    const wish = { iops: 3200 };
    const given = { mode: "mixed", wish, volume: volume("10Gi", { change: state }) } as const;
    assert.deepEqual(asked(given), [{ iops: 3200 }]);
  });
}

const RESIZED = ["exec", "replace"];
const EBS: readonly [string, string, Parameters<typeof volume>, unknown[], string[]][] = [
  ["the size that is there", "10Gi", ["10Gi"], [], []],
  ["more", "20Gi", ["10Gi"], [{ sizeGib: 20 }], []],
  [
    "more, after a change that failed",
    "20Gi",
    ["10Gi", { change: "failed" }],
    [{ sizeGib: 20 }],
    [],
  ],
  ["more, while it grows", "20Gi", ["10Gi", { change: "modifying" }], [], ["waiting"]],
  ["more, within the last change", "20Gi", ["10Gi", { change: "optimizing" }], [], ["blocked"]],
  [
    "what is not usable yet",
    "20Gi",
    ["10Gi", { cloud: { sizeGib: 20 }, change: "modifying" }],
    [],
    ["waiting"],
  ],
  [
    "what AWS has made usable",
    "20Gi",
    ["10Gi", { cloud: { sizeGib: 20 }, change: "optimizing" }],
    RESIZED,
    [],
  ],
  ["what somebody else has grown", "20Gi", ["10Gi", { cloud: { sizeGib: 20 } }], RESIZED, []],
  ["less", "10Gi", ["20Gi"], [], ["left"]],
  ["more of another kind of volume", "20Gi", ["10Gi", { id: undefined }], [], ["left"]],
];

for (const [name, size, found, steps, held] of EBS) {
  Deno.test(`with ebs ${name} leads to ${JSON.stringify([...steps, ...held])}`, () => {
    const given = { mode: "ebs", wish: { size }, volume: volume(...found) } as const;
    assert.deepEqual(asked(given), steps);
    assert.deepEqual(plan(given).held.map(({ kind }) => kind), held);
  });
}

Deno.test("with ebs neither type nor operations nor the claim are asked for", () => {
  const wish = { size: "20Gi", type: "io2", iops: 9000, throughput: 500 };
  const grown = volume("10Gi");
  assert.deepEqual(asked({ mode: "ebs", wish, volume: grown }), [{ sizeGib: 20 }]);
});

Deno.test("the PersistentVolume is corrected last, and in nothing but its capacity", () => {
  const found = volume("10Gi", { cloud: { sizeGib: 20 } });
  const { steps } = plan({ mode: "ebs", wish: { size: "20Gi" }, volume: found });
  const [resize, correct] = steps;
  assert.ok(resize?.action.kind === "exec" && correct?.action.kind === "replace");
  assert.match(resize.action.request.command.join(" "), /resize2fs/);
  assert.equal(resize.onError, "stop");
  const capacity = { storage: "20Gi" };
  const { spec, metadata } = found.volume;
  assert.deepEqual(correct.action.object, {
    ...found.volume,
    metadata,
    spec: { ...spec, capacity },
  });
  assert.deepEqual(correct.reasons.map(describeReason), [
    "spec.capacity.storage of pvc-1: 10Gi → 20Gi",
  ]);
});

Deno.test("a cloud that does not answer holds ebs up and not mixed", () => {
  for (
    const [mode, kinds, steps] of [["ebs", ["unreadable"], 0], ["mixed", ["left"], 1]] as const
  ) {
    const made = planVolumes(planContext({
      cr: cluster({ spec: { volume: { size: "12Gi" } } }),
      config: { storageResizeMode: mode },
      claims: [claim("10Gi")],
      observed: { ebsVolumes: unknown("no answer within 30 s") },
    }));
    assert.deepEqual(made.held.map(({ kind }) => kind), kinds);
    assert.match(made.held[0]?.reason ?? "", /no answer within 30 s/);
    assert.equal(made.steps.length, steps);
  }
});

Deno.test("what a look has left stays told until the next look", () => {
  const held = [{ subject: "volumes", kind: "left", reason: "volumes cannot shrink" }] as const;
  const made = planVolumes(planContext({
    cr: cluster({ spec: { volume: { size: "12Gi" } } }),
    config: { storageResizeMode: "ebs" },
    claims: [claim("10Gi")],
    memory: { volumeLook: { fingerprint: "", held } },
  }));
  assert.deepEqual(made, { steps: [], held });
});

Deno.test("with pvc and off AWS has no part in it", () => {
  const found = volume("10Gi", { cloud: { type: "gp2" } });
  for (const [mode, want] of [["pvc", ["patch"]], ["off", []]] as const) {
    assert.deepEqual(asked({ mode, wish: { size: "12Gi", type: "gp3" }, volume: found }), want);
  }
});
