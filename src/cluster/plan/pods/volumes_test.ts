/** Sizes of volumes: what is asked of Kubernetes, what is told, and what new volumes are made with. */

import assert from "node:assert/strict";
import type { PersistentVolumeClaim, StatefulSet } from "../../../kubernetes/types.gen.ts";
import { cluster } from "../../../testing/cluster_fixture.ts";
import { planContext } from "../../../testing/plan_fixture.ts";
import { planStatefulSet } from "./statefulset.ts";
import { planVolumes } from "./volumes.ts";

interface Sizes {
  readonly requested: string;
  readonly there?: string;
  /** `allocatedResourceStatuses` of the storage. */
  readonly state?: string;
  /** Type of a condition that is true. */
  readonly condition?: string;
}

function claim({ requested, there, state, condition }: Sizes, ordinal = 0): PersistentVolumeClaim {
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { namespace: "shop", name: `pgdata-acid-orders-${ordinal}` },
    spec: { resources: { requests: { storage: requested } } },
    status: {
      ...(there === undefined ? {} : { capacity: { storage: there } }),
      ...(state === undefined ? {} : { allocatedResourceStatuses: { storage: state } }),
      ...(condition === undefined ? {} : { conditions: [{ type: condition, status: "True" }] }),
    },
  } as PersistentVolumeClaim;
}

const CANNOT = "ControllerResizeInfeasible";
const ROWS: readonly [string, Sizes, string | RegExp][] = [
  ["10Gi", { requested: "10Gi", there: "10Gi" }, ""],
  ["10240Mi", { requested: "10Gi", there: "10Gi" }, ""],
  ["20Gi", { requested: "10Gi", there: "10Gi" }, "20Gi"],
  ["20Gi", { requested: "20Gi", there: "10Gi", state: "ControllerResizeInProgress" }, ""],
  ["5Gi", { requested: "10Gi", there: "10Gi" }, /is not made 5Gi; volumes cannot shrink/],
  ["15Gi", { requested: "20Gi", there: "10Gi" }, /is not made 15Gi; volumes cannot shrink/],
  ["20Gi", { requested: "100Ti", there: "10Gi", state: CANNOT }, "20Gi"],
  ["20Gi", { requested: "100Ti", there: "10Gi", state: "NodeResizeInfeasible" }, "20Gi"],
  ["20Gi", { requested: "100Ti", there: "10Gi", condition: "ControllerResizeError" }, "20Gi"],
  ["200Ti", { requested: "100Ti", there: "10Gi", state: CANNOT }, "200Ti"],
  [
    "100Ti",
    { requested: "100Ti", there: "10Gi", state: CANNOT },
    /refused to grow it from 10Gi to 100Ti/,
  ],
  ["10Gi", { requested: "100Ti", there: "10Gi", state: CANNOT }, /set a size above 10Gi/],
  ["5Gi", { requested: "100Ti", there: "10Gi", state: CANNOT }, /set a size above 10Gi/],
  ["20Gi", { requested: "20Gi", there: "20Gi", state: CANNOT }, ""],
];

for (const [size, sizes, want] of ROWS) {
  Deno.test(`a volume of ${size} is asked for where there is ${JSON.stringify(sizes)}`, () => {
    const cr = cluster({ spec: { volume: { size } } });
    const plan = planVolumes(planContext({ cr, claims: [claim(sizes)] }));
    const asked = plan.steps.flatMap(({ action }) =>
      action.kind === "patch" ? [(action.request.body as PersistentVolumeClaim).spec] : []
    );
    if (typeof want === "string") {
      const storage = { resources: { requests: { storage: want } } };
      assert.deepEqual(asked, want === "" ? [] : [storage]);
      assert.deepEqual(plan.held, []);
      return;
    }
    assert.deepEqual(asked, []);
    assert.deepEqual(plan.held.map(({ kind }) => kind), ["left"]);
    assert.match(plan.held[0]?.reason ?? "", want);
  });
}

/** Size of the manifest, of the claims, and of the template before and after. */
const TEMPLATES: readonly [string, readonly Sizes[], string | undefined, string][] = [
  ["10Gi", [{ requested: "10Gi" }], "10Gi", "10Gi"],
  ["20Gi", [{ requested: "10Gi" }], "10Gi", "20Gi"],
  ["5Gi", [{ requested: "10Gi" }], "10Gi", "10Gi"],
  ["5Gi", [{ requested: "10Gi" }], "5Gi", "5Gi"],
  ["5Gi", [{ requested: "6Gi" }, { requested: "10Gi" }], undefined, "10Gi"],
  ["20Gi", [{ requested: "100Ti", there: "10Gi", state: CANNOT }], "100Ti", "20Gi"],
  ["5Gi", [], "10Gi", "5Gi"],
  ["5Gi", [], undefined, "5Gi"],
];

for (const [size, sizes, before, want] of TEMPLATES) {
  const given = `${size}, claims of ${JSON.stringify(sizes)} and a template of ${before}`;
  Deno.test(`the claim template after ${given}`, () => {
    const set = (storage: string) =>
      planContext({ cr: cluster({ spec: { volume: { size: storage } } }) }).desired.statefulSet;
    const plan = planStatefulSet(planContext({
      cr: cluster({ spec: { volume: { size } } }),
      objects: before === undefined ? [] : [set(before)],
      claims: sizes.map(claim),
    }));
    const written = plan.steps.flatMap(({ action }) =>
      action.kind === "create" || action.kind === "recreate" ? [action.object as StatefulSet] : []
    );
    const storage = written.map(({ spec }) =>
      spec?.volumeClaimTemplates?.[0]?.spec?.resources?.requests?.["storage"]
    );
    assert.deepEqual(storage, before === want ? [] : [want]);
  });
}

Deno.test("a claim whose pod was scaled away grows with the others, so that it may come back", () => {
  const cr = cluster({ spec: { numberOfInstances: 1, volume: { size: "20Gi" } } });
  const claims = [0, 1].map((ordinal) => claim({ requested: "10Gi", there: "10Gi" }, ordinal));
  const { steps } = planVolumes(planContext({ cr, claims }));
  assert.deepEqual(
    steps.map(({ action }) => action.kind === "patch" && action.request.target.name),
    ["pgdata-acid-orders-0", "pgdata-acid-orders-1"],
  );
});

Deno.test("a claim that is being deleted is left alone", () => {
  const leaving = claim({ requested: "10Gi" });
  leaving.metadata.deletionTimestamp = "2026-01-05T11:00:00Z";
  const cr = cluster({ spec: { volume: { size: "20Gi" } } });
  assert.deepEqual(planVolumes(planContext({ cr, claims: [leaving] })).steps, []);
});

Deno.test("through AWS a claim whose pod was scaled away is told, not asked for", () => {
  const cr = cluster({ spec: { numberOfInstances: 1, volume: { size: "20Gi" } } });
  const { steps, held } = planVolumes(planContext({
    cr,
    config: { storageResizeMode: "ebs" },
    claims: [claim({ requested: "10Gi", there: "10Gi" }, 1)],
  }));
  assert.deepEqual([steps, held.map(({ kind }) => kind)], [[], ["postponed"]]);
  assert.match(held[0]?.reason ?? "", /pgdata-acid-orders-1 is to grow .* once its pod runs/);
});
