import assert from "node:assert/strict";
import type { Patroni } from "../../api/types.gen.ts";
import { cluster } from "../../testing/cluster_fixture.ts";
import { config } from "../../testing/config_fixture.ts";
import { resolvePatroni } from "./patroni.ts";

function resolve(patroni: Patroni, settings: Parameters<typeof config>[0] = {}) {
  return resolvePatroni(cluster({ spec: { patroni } }).spec, config(settings));
}

Deno.test("resolvePatroni splits parameters into those of each pod and those of the cluster", () => {
  const parameters = {
    shared_buffers: "1GB",
    max_connections: "100",
    "bg_mon.listen_address": "0.0.0.0",
    wal_level: "logical",
    ssl: "on",
  };
  const { spec } = cluster({ spec: { postgresql: { version: "17", parameters } } });
  const { localParameters, dynamicParameters } = resolvePatroni(spec, config());
  assert.deepEqual(localParameters, {
    shared_buffers: "1GB",
    "bg_mon.listen_address": "0.0.0.0",
    ssl: "on",
  });
  assert.deepEqual(dynamicParameters, { max_connections: "100", wal_level: "logical" });
});

Deno.test("resolvePatroni puts initdb options after the defaults, by name, flags without value", () => {
  const { initdb } = resolve({
    initdb: {
      locale: "en_US.UTF-8",
      "data-checksums": "true",
      "auth-local": "peer",
      debug: "false",
      encoding: "true",
    },
  });
  assert.deepEqual(initdb, [
    { name: "auth-host", value: "scram-sha-256" },
    { name: "auth-local", value: "peer" },
    "data-checksums",
    { name: "debug", value: "false" },
    { name: "encoding", value: "true" },
    { name: "locale", value: "en_US.UTF-8" },
  ]);
});

Deno.test("resolvePatroni asks for nothing that the manifest leaves out or sets to zero", () => {
  const { settings } = resolve({
    ttl: 0,
    loop_wait: 0,
    maximum_lag_on_failover: -5,
    synchronous_mode: false,
    synchronous_node_count: 0,
  }, { enablePatroniFailsafeMode: undefined });
  assert.deepEqual(settings, {});
});

Deno.test("resolvePatroni takes every setting of the manifest", () => {
  const given = {
    ttl: 30,
    loop_wait: 10,
    retry_timeout: 9,
    maximum_lag_on_failover: 1073741824,
    synchronous_mode: true,
    synchronous_mode_strict: true,
    synchronous_node_count: 2,
    failsafe_mode: true,
  };
  assert.deepEqual(resolve(given).settings, given);
});

Deno.test("resolvePatroni takes the failsafe mode of the manifest before the configured one", () => {
  const rows = [
    { manifest: undefined, configured: undefined, want: undefined },
    { manifest: undefined, configured: false, want: false },
    { manifest: undefined, configured: true, want: true },
    { manifest: false, configured: true, want: false },
  ];
  for (const { manifest, configured, want } of rows) {
    const patroni = manifest === undefined ? {} : { failsafe_mode: manifest };
    const { settings } = resolve(patroni, { enablePatroniFailsafeMode: configured });
    assert.equal(settings.failsafe_mode, want);
  }
});

Deno.test("resolvePatroni keeps its state in etcd, Endpoints or ConfigMaps", () => {
  const rows = [
    { settings: {}, want: "configmaps" },
    { settings: { kubernetesUseConfigmaps: undefined }, want: "configmaps" },
    { settings: { kubernetesUseConfigmaps: false }, want: "endpoints" },
    { settings: { kubernetesUseConfigmaps: true, etcdHost: "etcd:2379" }, want: "etcd" },
  ];
  for (const { settings, want } of rows) assert.equal(resolve({}, settings).store, want);
});
