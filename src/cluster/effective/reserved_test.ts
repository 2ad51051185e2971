/** What only the operator may say of an object cannot be said by a manifest. */

import assert from "node:assert/strict";
import fc from "fast-check";
import type { KubeObject } from "../../kubernetes/types.gen.ts";
import { cluster, inputs } from "../../testing/cluster_fixture.ts";
import { config } from "../../testing/config_fixture.ts";
import { NOW } from "../../testing/plan_fixture.ts";
import { desiredCluster } from "../desired/desired_cluster.ts";
import { isReservedAnnotation } from "./reserved.ts";
import { resolveSpec } from "./spec.ts";

const NOTE = "acid.zalan.do/unfinished-deletion";
const MARK = "zalando-postgres-operator-rolling-update-required";
const OWN = { [NOTE]: "{}", [MARK]: "true", "sub.acid.zalan.do/x": "y", kept: "yes" };

const SETTINGS = config({
  clusterLabels: { application: "spilo", tier: "db" },
  inheritedLabels: ["cluster-name", "spilo-role", "application", "tier", "team", "kept", MARK],
  inheritedAnnotations: [NOTE, MARK, "kept", "acid.zalan.do/controller"],
  downscalerAnnotations: ["acid.*", "zalando.*", "^kept$"],
  enableLogicalBackup: true,
} as Partial<Parameters<typeof config>[0]>);

const LABELS = {
  "cluster-name": "victim",
  "spilo-role": "master",
  application: "db-connection-pooler",
  tier: "web",
  team: "other",
  kept: "yes",
  [MARK]: "true",
};

const MANIFEST = cluster({
  metadata: {
    namespace: "shop",
    name: "acid-orders",
    labels: LABELS,
    annotations: { ...OWN, "acid.zalan.do/controller": "blue" },
  },
  spec: {
    podAnnotations: OWN,
    serviceAnnotations: OWN,
    masterServiceAnnotations: OWN,
    replicaServiceAnnotations: OWN,
    enableConnectionPooler: true,
    enableReplicaConnectionPooler: true,
    enableLogicalBackup: true,
    users: { app: [] },
    additionalVolumes: [{
      name: "scratch",
      mountPath: "/scratch",
      volumeSource: {
        ephemeral: {
          volumeClaimTemplate: { metadata: { labels: LABELS, annotations: OWN }, spec: {} },
        },
      },
    }],
  },
});

/** Every `metadata` anywhere in a value. */
function metadataIn(value: unknown): KubeObject["metadata"][] {
  if (value === null || typeof value !== "object") return [];
  const own = Object.hasOwn(value, "metadata")
    ? [(value as KubeObject).metadata].filter((metadata) => metadata !== undefined)
    : [];
  return [...own, ...Object.values(value).flatMap(metadataIn)];
}

function built(manifest = MANIFEST) {
  const { spec, notices } = resolveSpec(manifest, SETTINGS, inputs(), NOW);
  const { roles: _, ...objects } = desiredCluster(spec, SETTINGS);
  return { metadata: metadataIn(objects), notices: notices.map(({ message }) => message) };
}

Deno.test("no field of a manifest sets an annotation of the operator's own on any object", () => {
  const { metadata } = built();
  assert.ok(metadata.length > 20);
  for (const { name, annotations = {} } of metadata) {
    const found = Object.keys(annotations).filter(isReservedAnnotation);
    assert.deepEqual(found, [], name);
  }
  assert.ok(metadata.some(({ annotations }) => annotations?.["kept"] === "yes"));
  assert.ok(metadata.some(({ annotations }) => annotations?.["acid.zalan.do/controller"]));
});

Deno.test("no label of a manifest says of an object that it is another cluster's or another kind of pod", () => {
  const { metadata } = built();
  for (const { name, labels } of metadata) {
    if (labels === undefined) continue;
    const { tier = "db", team = "acid" } = labels;
    assert.deepEqual({ tier, team }, { tier: "db", team: "acid" }, name);
    assert.ok([undefined, "acid-orders"].includes(labels["cluster-name"]), name);
    assert.equal(labels[MARK], undefined, name);
  }
  const pods = metadata.filter(({ labels }) => labels?.["application"] === "spilo");
  assert.ok(pods.some(({ labels }) => labels?.["kept"] === "yes"));
});

Deno.test("each key that is left out is told with its field", () => {
  const { notices } = built();
  for (
    const path of [
      `spec.podAnnotations["${MARK}"]`,
      `spec.serviceAnnotations["${NOTE}"]`,
      `metadata.annotations["${NOTE}"]`,
      `metadata.labels["cluster-name"]`,
      `spec.additionalVolumes[0].volumeSource.ephemeral.volumeClaimTemplate.metadata.labels["team"]`,
    ]
  ) assert.ok(notices.some((text) => text.startsWith(path)), path);
});

Deno.test("a label that says what the operator says anyway is no matter", () => {
  const labels = { team: "acid", application: "spilo", "cluster-name": "acid-orders" };
  const manifest = cluster({ metadata: { namespace: "shop", name: "acid-orders", labels } });
  assert.deepEqual(built(manifest).notices, []);
});

Deno.test("whatever comes after the operator's prefixes is reserved", () => {
  fc.assert(fc.property(fc.string(), (text) => {
    assert.ok(isReservedAnnotation(`acid.zalan.do/x${text}`));
    assert.ok(isReservedAnnotation(`zalando-postgres-operator-${text}`));
    assert.equal(isReservedAnnotation(`example.org/${text}`), false);
  }));
});
