import assert from "node:assert/strict";
import { cluster } from "../../testing/cluster_fixture.ts";
import { config } from "../../testing/config_fixture.ts";
import { resolveIdentity } from "./identity.ts";

Deno.test("resolveIdentity gives the base labels to selectors and the full ones to children", () => {
  const manifest = cluster({
    metadata: { namespace: "n", name: "c", labels: { env: "x", a: "b" } },
  });
  const { labels } = resolveIdentity(
    manifest,
    config({
      clusterLabels: { application: "spilo", site: "s1" },
      clusterNameLabel: "pg",
      inheritedLabels: ["env", "missing"],
    }),
  );
  assert.deepEqual(labels.base, { application: "spilo", site: "s1", pg: "c" });
  assert.deepEqual(labels.full, { ...labels.base, team: "acid", env: "x" });
});

Deno.test("resolveIdentity passes on named annotations, and those a downscaler looks for", () => {
  const annotations = { owner: "me", "downscaler/uptime": "always", "x-downscaler": "y", z: "z" };
  const identity = resolveIdentity(
    cluster({ metadata: { name: "c", annotations } }),
    config({ inheritedAnnotations: ["owner"], downscalerAnnotations: ["^downscaler/", "up+time"] }),
  );
  assert.deepEqual(identity.inheritedAnnotations, { owner: "me" });
  assert.deepEqual(identity.downscalerAnnotations, { "downscaler/uptime": "always" });
});

Deno.test("resolveIdentity makes the manifest an owner only where that is switched on", () => {
  const parent = { apiVersion: "v1", kind: "Shop", name: "s", uid: "u-0" };
  const metadata = { name: "c", namespace: "n", uid: "u-1", ownerReferences: [parent] };
  const own = {
    apiVersion: "acid.zalan.do/v1",
    kind: "postgresql",
    name: "c",
    uid: "u-1",
    controller: true,
  };
  const owners = (enabled: boolean | undefined, present = [parent]) =>
    resolveIdentity(
      cluster({ metadata: { ...metadata, ownerReferences: present } }),
      config({ enableOwnerReferences: enabled }),
    ).ownerReferences;
  assert.deepEqual(owners(undefined), [parent]);
  assert.deepEqual(owners(true), [parent, own]);
  assert.deepEqual(owners(true, [own]), [own]);
});
