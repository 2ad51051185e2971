/** The wish for a StatefulSet: what changes it, and what a wish that was carried out still allows. */

import assert from "node:assert/strict";
import type { PodSpec, StatefulSet } from "../../../kubernetes/types.gen.ts";
import type { PostgresqlSpec } from "../../../api/types.gen.ts";
import { cluster } from "../../../testing/cluster_fixture.ts";
import { planContext } from "../../../testing/plan_fixture.ts";
import type { Difference, DifferenceEffect } from "../compare/difference.ts";
import { changeable, judge, notedWish, wishFor, withWish } from "./wish.ts";

function setOf(spec: Partial<PostgresqlSpec> = {}): StatefulSet {
  return planContext({ cr: cluster({ spec }) }).desired.statefulSet;
}

const CHANGES: readonly { given: string; spec: Partial<PostgresqlSpec>; same: string[] }[] = [
  { given: "other replicas", spec: { numberOfInstances: 5 }, same: ["pods", "all"] },
  { given: "another size", spec: { volume: { size: "20Gi" } }, same: ["pods"] },
  { given: "pod annotations", spec: { podAnnotations: { a: "b" } }, same: ["pods"] },
  { given: "a variable", spec: { env: [{ name: "A", value: "b" }] }, same: [] },
  { given: "another image", spec: { dockerImage: "spilo:x" }, same: [] },
  {
    given: "a setting that only counts while a cluster is made",
    spec: { patroni: { ttl: 77 } },
    same: ["pods"],
  },
];

for (const { given, spec, same } of CHANGES) {
  Deno.test(`wish, given ${given}: ${same.join(" and ") || "nothing"} stays the same`, () => {
    const [before, after] = [wishFor(setOf(), false), wishFor(setOf(spec), false)];
    const kept = (["pods", "all"] as const).filter((part) => before[part] === after[part]);
    assert.deepEqual(kept, same);
  });
}

Deno.test("with lazy upgrades the image restarts no pod", () => {
  const image = setOf({ dockerImage: "spilo:x" });
  assert.equal(wishFor(setOf(), true).pods, wishFor(image, true).pods);
});

Deno.test("the order in which variables stand does not count", () => {
  const set = setOf();
  const spec = set.spec?.template.spec as PodSpec;
  const wish = wishFor(set, false).pods;
  spec.containers[0]?.env?.reverse();
  assert.equal(wishFor(set, false).pods, wish);
});

Deno.test("a wish is read as it was noted, and fits into a label", () => {
  const set = setOf();
  const noted = withWish(set, wishFor(set, false));
  assert.deepEqual(notedWish(noted), wishFor(set, false));
  assert.equal(notedWish(set), undefined);
  for (const value of Object.values(noted.metadata.labels ?? {})) {
    assert.match(value, /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/);
  }
});

Deno.test("a patch holds nothing that cannot be changed", () => {
  assert.deepEqual(Object.keys(changeable(setOf())).sort(), [
    "persistentVolumeClaimRetentionPolicy",
    "replicas",
    "template",
    "updateStrategy",
  ]);
});

const at = (path: string, effect: DifferenceEffect): Difference => ({
  path,
  desired: 1,
  observed: 2,
  effect,
});
const FOUND = [
  at("spec.template.spec.tolerations[0]", "recreate"),
  at("spec.template.spec.tolerations[0]", "rollout"),
  at("spec.volumeClaimTemplates[pgdata].spec.storageClassName", "recreate"),
  at("spec.replicas", "patch"),
];
const WISH = { pods: "p", all: "a" };
const isAdded = () => false;

const JUDGED: readonly {
  given: string;
  noted: typeof WISH | undefined;
  want: string[];
  left: number;
}[] = [
  {
    given: "no note",
    noted: undefined,
    want: ["recreate", "rollout", "recreate", "patch"],
    left: 0,
  },
  { given: "the same wish", noted: WISH, want: ["patch", "patch"], left: 1 },
  {
    given: "another wish for the pods",
    noted: { pods: "x", all: "x" },
    want: ["recreate", "rollout", "recreate", "patch"],
    left: 0,
  },
  {
    given: "another wish for the rest",
    noted: { pods: "p", all: "x" },
    want: ["recreate", "recreate", "patch"],
    left: 0,
  },
];

for (const { given, noted, want, left } of JUDGED) {
  Deno.test(`judged, given ${given}: ${want.join(", ")}`, () => {
    const judged = judge(FOUND, { wish: WISH, noted, isAdded });
    assert.deepEqual(judged.mended.map(({ effect }) => effect), want);
    assert.equal(judged.left.length, left);
  });
}

Deno.test("what another controller has added is taken back in place, whatever is wished", () => {
  for (const noted of [undefined, WISH, { pods: "x", all: "x" }]) {
    const judged = judge(FOUND, { wish: WISH, noted, isAdded: () => true });
    assert.deepEqual(judged.mended.map(({ effect }) => effect), ["patch", "patch"]);
    assert.equal(judged.left.length, 1);
  }
});
