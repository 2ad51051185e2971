import assert from "node:assert/strict";
import type { AdditionalVolume } from "../../../api/types.gen.ts";
import { cluster } from "../../../testing/cluster_fixture.ts";
import { config } from "../../../testing/config_fixture.ts";
import { newFindings } from "../findings.ts";
import { resolveTls } from "./tls.ts";
import { resolveVolumes } from "./volumes.ts";

function volume(name: string, overrides: Partial<AdditionalVolume> = {}): AdditionalVolume {
  return { name, mountPath: `/${name}`, volumeSource: { emptyDir: {} }, ...overrides };
}

function resolve(additionalVolumes: AdditionalVolume[], tlsSecret?: string) {
  const { spec } = cluster({
    spec: { additionalVolumes, ...(tlsSecret ? { tls: { secretName: tlsSecret } } : {}) },
  });
  const findings = newFindings();
  const { additional } = resolveVolumes(spec, config(), resolveTls(spec), findings);
  return { additional, findings };
}

Deno.test("resolveVolumes mounts a volume where its targets say", () => {
  const { additional, findings } = resolve([
    volume("a"),
    volume("b", { targetContainers: null }),
    volume("c", { targetContainers: ["all"] }),
    volume("d", { targetContainers: ["postgres", "exporter"] }),
    volume("e", { targetContainers: ["all", "postgres"] }),
  ]);
  assert.deepEqual(additional.map(({ containers }) => containers), [
    ["postgres"],
    ["postgres"],
    "all",
    ["postgres", "exporter"],
    "all",
  ]);
  assert.equal(findings.notices.length, 1, "all beside names is told");
});

Deno.test("resolveVolumes leaves out a volume whose mount path is taken, mount and all", () => {
  const { additional, findings } = resolve([
    volume("a", { mountPath: "/data" }),
    volume("b", { mountPath: "/data" }),
    volume("c", { mountPath: "/home/postgres/pgdata" }),
  ]);
  assert.deepEqual(additional.map(({ volume: { name } }) => name), ["a"]);
  assert.deepEqual(findings.notices.map(({ message }) => message), [
    "the volume of spec.additionalVolumes[1] is not mounted: /data is taken by " +
    "spec.additionalVolumes[0]",
    "the volume of spec.additionalVolumes[2] is not mounted: /home/postgres/pgdata is taken by " +
    "the data volume",
  ]);
});

Deno.test("resolveVolumes lets a volume of the manifest stand in for that of TLS", () => {
  const { additional, findings } = resolve([volume("mine", { mountPath: "/tls" })], "cert");
  assert.deepEqual(additional.map(({ volume: { name } }) => name), ["mine"]);
  assert.equal(findings.notices.length, 1);
  assert.deepEqual(findings.issues, []);
});

Deno.test("resolveVolumes mounts TLS Secrets last, readable for the group", () => {
  const { additional } = resolve([volume("a")], "cert");
  assert.deepEqual(additional[1], {
    volume: { name: "cert", secret: { secretName: "cert", defaultMode: 416 } },
    mount: { name: "cert", mountPath: "/tls" },
    containers: ["postgres"],
  });
});

Deno.test("resolveVolumes writes sub-paths and sizes as the API server stores them", () => {
  const { additional } = resolve([
    volume("a", { subPath: "x", volumeSource: { emptyDir: { sizeLimit: "1024Mi" } } }),
    volume("b", { subPath: "$(POD_NAME)", isSubPathExpr: true }),
    volume("c", { subPath: "" }),
  ]);
  assert.deepEqual(additional[0]!.volume, { name: "a", emptyDir: { sizeLimit: "1Gi" } });
  assert.deepEqual(additional.map(({ mount }) => mount), [
    { name: "a", mountPath: "/a", subPath: "x" },
    { name: "b", mountPath: "/b", subPathExpr: "$(POD_NAME)" },
    { name: "c", mountPath: "/c" },
  ]);
});

Deno.test("resolveVolumes gives shared memory by manifest or configuration", () => {
  const rows = [
    { manifest: true, configured: false, want: true, notices: 0 },
    { manifest: undefined, configured: true, want: true, notices: 0 },
    { manifest: undefined, configured: undefined, want: false, notices: 0 },
    // Kept: to honour the manifest would restart pods of running clusters.
    { manifest: false, configured: true, want: true, notices: 1 },
    { manifest: false, configured: false, want: false, notices: 0 },
  ];
  for (const { manifest, configured, want, notices } of rows) {
    const { spec } = cluster({
      spec: manifest === undefined ? {} : { enableShmVolume: manifest },
    });
    const findings = newFindings();
    const settings = config({ enableShmVolume: configured });
    assert.equal(resolveVolumes(spec, settings, undefined, findings).sharedMemory, want);
    assert.equal(findings.notices.length, notices);
  }
});
