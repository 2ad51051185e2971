import assert from "node:assert/strict";
import { known, unknown } from "../../ports/observation.ts";
import { cluster, inputs } from "../../testing/cluster_fixture.ts";
import { config } from "../../testing/config_fixture.ts";
import { resolveSpec } from "./spec.ts";

const NOW = new Date("2026-01-14T12:30:00Z");

Deno.test("resolveSpec finds nothing to say about the smallest manifest", () => {
  const { spec, notices, issues, unknowns } = resolveSpec(cluster(), config(), inputs(), NOW);
  assert.deepEqual({ notices, issues, unknowns }, { notices: [], issues: [], unknowns: [] });
  assert.equal(spec.identity.name, "acid-orders");
  assert.equal(spec.image, config().dockerImage);
});

Deno.test("resolveSpec collects the issues of all resolvers", () => {
  const manifest = cluster({
    spec: {
      volume: { size: "ten" },
      resources: { requests: { cpu: "much" } },
      sidecars: [{ name: "x" }],
      initContainers: [{ name: "" }],
    },
  });
  const { issues } = resolveSpec(manifest, config({ podManagementPolicy: "odd" }), inputs(), NOW);
  assert.deepEqual(issues.map(({ path }) => path).sort(), [
    "configuration.kubernetes.pod_management_policy",
    "spec.initContainers[0].image",
    "spec.initContainers[0].name",
    "spec.resources.requests.cpu",
    "spec.sidecars[0].image",
    "spec.volume.size",
  ]);
});

Deno.test("resolveSpec refuses switched-off containers for new clusters alone", () => {
  const manifest = cluster({
    spec: {
      sidecars: [{ name: "x", image: "x:1" }],
      initContainers: [{ name: "y", image: "y:1" }],
    },
  });
  const off = config({ enableSidecars: false, enableInitContainers: false });
  const fresh = resolveSpec(manifest, off, inputs(), NOW);
  assert.deepEqual(fresh.issues.map(({ path }) => path), ["spec.sidecars", "spec.initContainers"]);
  const running = resolveSpec(manifest, off, inputs({ runningMajorVersion: known(17) }), NOW);
  assert.deepEqual(running.issues, []);
  assert.equal(running.notices.length, 2);
  assert.equal(running.spec.sidecars.length, 1);
  assert.deepEqual(resolveSpec(manifest, config(), inputs(), NOW).issues, []);
});

Deno.test("resolveSpec holds the poolers while infrastructure roles are unknown", () => {
  const unread = inputs({ infrastructureRoles: unknown("forbidden") });
  assert.deepEqual(resolveSpec(cluster(), config(), unread, NOW).unknowns, []);
  const pooled = cluster({ spec: { enableConnectionPooler: true } });
  assert.deepEqual(resolveSpec(pooled, config(), unread, NOW).unknowns, [
    { subject: "pooler", reason: "infrastructure roles: forbidden" },
  ]);
});

Deno.test("resolveSpec lets the manifest's pod annotations win over the configured ones", () => {
  const manifest = cluster({ spec: { podAnnotations: { a: "manifest" } } });
  const settings = config({ customPodAnnotations: { a: "config", b: "config" } });
  assert.deepEqual(resolveSpec(manifest, settings, inputs(), NOW).spec.podAnnotations, {
    a: "manifest",
    b: "config",
  });
});

Deno.test("resolveSpec makes backups with the version that runs while a newer one is held", () => {
  const manifest = cluster({
    spec: {
      enableLogicalBackup: true,
      postgresql: { version: "18" },
      maintenanceWindows: ["01:00-02:00"],
    },
  });
  const running = inputs({ runningMajorVersion: known(17) });
  assert.equal(resolveSpec(manifest, config(), running, NOW).spec.backup?.version, "17");
  assert.equal(resolveSpec(manifest, config(), inputs(), NOW).spec.backup?.version, "18");
  assert.equal(resolveSpec(cluster(), config(), running, NOW).spec.backup, undefined);
});
