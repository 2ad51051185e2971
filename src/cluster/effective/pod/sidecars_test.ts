import assert from "node:assert/strict";
import type { PostgresqlSpec, Sidecar } from "../../../api/types.gen.ts";
import { Sensitive } from "../../../lib/sensitive.ts";
import { cluster } from "../../../testing/cluster_fixture.ts";
import { config } from "../../../testing/config_fixture.ts";
import { newFindings } from "../findings.ts";
import { resolveInitContainers, resolveSidecars } from "./sidecars.ts";

function resolve(sidecars: Sidecar[], settings: Parameters<typeof config>[0] = {}) {
  const findings = newFindings();
  const containers = resolveSidecars(cluster({ spec: { sidecars } }), config(settings), findings);
  return { containers, findings };
}

Deno.test("resolveSidecars merges four sources, and of one name the first stays", () => {
  const { containers, findings } = resolve(
    [{ name: "one", image: "manifest:1" }, { image: "unnamed:1" }],
    {
      sidecars: [{ name: "one", image: "config:1" }, { name: "two", image: "config:2" }],
      sidecarDockerImages: { zeta: "map:z", two: "map:2", alpha: "map:a" },
      scalyrApiKey: new Sensitive("key"),
      scalyrImage: "scalyr:1",
    },
  );
  assert.deepEqual(containers.map(({ name, image }) => `${name} ${image}`), [
    "one manifest:1",
    "sidecar-1 unnamed:1",
    "two config:2",
    "alpha map:a",
    "zeta map:z",
    "scalyr-sidecar scalyr:1",
  ]);
  assert.deepEqual(findings.notices.map(({ message }) => message), [
    'configuration.sidecars[0] is ignored: spec.sidecars[0] is called "one" as well',
    'configuration.sidecar_docker_images.two is ignored: configuration.sidecars[1] is called "two" ' +
    "as well",
  ]);
});

Deno.test("resolveSidecars gives sidecars the default resources, without bounds", () => {
  const { containers } = resolve([
    { name: "plain", image: "x:1" },
    { name: "own", image: "x:1", resources: { limits: { cpu: "10m" } } },
  ], { defaultCpuLimit: "1", minCpuLimit: "500m" });
  assert.deepEqual(containers.map(({ resources }) => resources), [
    { limits: { cpu: "1" } },
    { limits: { cpu: "10m" } },
  ]);
});

Deno.test("resolveSidecars runs Scalyr with its key and server, and says when the key is missing", () => {
  const scalyr = { scalyrImage: "scalyr:1", scalyrServerUrl: "" };
  const { containers } = resolve([], { ...scalyr, scalyrApiKey: new Sensitive("key") });
  assert.deepEqual(containers[0]!.env, [
    { name: "SCALYR_API_KEY", value: "key" },
    { name: "SCALYR_SERVER_HOST", value: "acid-orders" },
  ]);
  const without = resolve([], { ...scalyr, scalyrApiKey: new Sensitive("") });
  assert.deepEqual(without.containers, []);
  assert.match(without.findings.notices[0]!.message, /scalyr_api_key is not set/);
});

Deno.test("resolveSidecars refuses containers without image and the name of PostgreSQL's", () => {
  const { findings } = resolve([{ name: "one" }, { name: "postgres", image: "x:1" }]);
  assert.deepEqual(findings.issues.map(({ path }) => path), [
    "spec.sidecars[0].image",
    "spec.sidecars[1].name",
  ]);
});

Deno.test("resolveInitContainers keeps containers as they are, quantities in canonical form", () => {
  const initContainers = [{
    name: "setup",
    image: "x:1",
    env: [{ name: "A", value: "" }, { name: "B", value: "b" }],
    resources: { limits: { cpu: 0.5, memory: "1024Mi" }, requests: { cpu: "100m" } },
  }] as PostgresqlSpec["initContainers"] & object;
  const findings = newFindings();
  assert.deepEqual(resolveInitContainers(cluster({ spec: { initContainers } }), findings), [{
    name: "setup",
    image: "x:1",
    env: [{ name: "A" }, { name: "B", value: "b" }],
    resources: { limits: { cpu: "500m", memory: "1Gi" }, requests: { cpu: "100m" } },
  }]);
  assert.deepEqual(findings.issues, []);
});

Deno.test("resolveInitContainers requires name and image", () => {
  const findings = newFindings();
  const initContainers = [{ name: "" }, { name: "a", image: "" }];
  resolveInitContainers(cluster({ spec: { initContainers } }), findings);
  assert.deepEqual(findings.issues.map(({ path }) => path), [
    "spec.initContainers[0].name",
    "spec.initContainers[0].image",
    "spec.initContainers[1].image",
  ]);
});
