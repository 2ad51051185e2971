import assert from "node:assert/strict";
import { cluster } from "../../testing/cluster_fixture.ts";
import { config } from "../../testing/config_fixture.ts";
import { resolveIdentity } from "../effective/identity.ts";
import { annotationFields, inheritedOver, workloadAnnotations } from "./annotations.ts";
import { clusterLabels, roleLabels } from "./labels.ts";
import { ownerFields } from "./owner.ts";

const SETTINGS = config({ inheritedAnnotations: ["owner"], downscalerAnnotations: ["^down"] });
const OWNER = { apiVersion: "v1", kind: "Shop", name: "s", uid: "u-0" };
const IDENTITY = resolveIdentity(
  cluster({
    metadata: {
      name: "c",
      annotations: { owner: "me", downtime: "no" },
      ownerReferences: [OWNER],
    },
  }),
  SETTINGS,
);
const BARE = resolveIdentity(cluster(), config());

Deno.test("roleLabels add the role under the configured key, with Patroni's values", () => {
  assert.deepEqual(roleLabels(IDENTITY, "base", "primary", config({ podRoleLabel: "r" })), {
    application: "spilo",
    "cluster-name": "c",
    r: "master",
  });
  assert.equal(roleLabels(IDENTITY, "full", "replica", SETTINGS)["spilo-role"], "replica");
  assert.equal(roleLabels(IDENTITY, "full", "replica", SETTINGS).team, "acid");
});

Deno.test("clusterLabels give every object its own copy", () => {
  clusterLabels(IDENTITY, "full")["team"] = "changed";
  assert.equal(clusterLabels(IDENTITY, "full")["team"], "acid");
});

Deno.test("inherited annotations win over an object's own, the downscaler's over both", () => {
  assert.deepEqual(inheritedOver(IDENTITY, { owner: "x", own: "1" }), {
    annotations: { owner: "me", own: "1" },
  });
  assert.deepEqual(workloadAnnotations(IDENTITY), {
    annotations: { owner: "me", downtime: "no" },
  });
});

Deno.test("an object without annotations or owners has no such field", () => {
  assert.deepEqual(annotationFields({}), {});
  assert.deepEqual(inheritedOver(BARE), {});
  assert.deepEqual(workloadAnnotations(BARE), {});
  assert.deepEqual(ownerFields(BARE), {});
  assert.deepEqual(ownerFields(IDENTITY), { ownerReferences: [OWNER] });
});
