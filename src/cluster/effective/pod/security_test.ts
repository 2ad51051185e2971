import assert from "node:assert/strict";
import { cluster } from "../../../testing/cluster_fixture.ts";
import { config } from "../../../testing/config_fixture.ts";
import { resolveProbes } from "./probes.ts";
import { resolveSecurity } from "./security.ts";

Deno.test("resolveSecurity prefers the manifest's users and groups, zero included", () => {
  const settings = config({ spiloRunasuser: 101, spiloRunasgroup: 103, spiloFsgroup: 103 });
  const { spec } = cluster({ spec: { spiloRunAsUser: 0, spiloFSGroup: 1000 } });
  const security = resolveSecurity(spec, settings);
  assert.deepEqual(
    [security.runAsUser, security.runAsGroup, security.fsGroup],
    [0, 103, 1000],
  );
  const plain = resolveSecurity(cluster().spec, config());
  assert.deepEqual([plain.runAsUser, plain.runAsGroup, plain.fsGroup], [
    undefined,
    undefined,
    undefined,
  ]);
});

Deno.test("resolveSecurity writes capabilities in upper case", () => {
  const settings = config({ additionalPodCapabilities: ["sys_nice", "CHOWN"] });
  assert.deepEqual(resolveSecurity(cluster().spec, settings).capabilities, ["SYS_NICE", "CHOWN"]);
});

Deno.test("resolveProbes asks Patroni when that is switched on, and the manifest first", () => {
  const configured = { tcpSocket: { port: 5432 } };
  const own = { exec: { command: ["true"] } };
  const settings = config({ enableReadinessProbe: true, livenessProbe: configured });
  const plain = resolveProbes(cluster().spec, settings);
  assert.equal(plain.readiness?.httpGet?.path, "/readiness");
  assert.deepEqual(plain.liveness, configured);
  const { spec } = cluster({ spec: { livenessProbe: own } });
  assert.deepEqual(resolveProbes(spec, settings).liveness, own);
  assert.deepEqual(resolveProbes(cluster().spec, config()), {
    readiness: undefined,
    liveness: undefined,
  });
});
