import assert from "node:assert/strict";
import type { PostgresqlSpec } from "../../api/types.gen.ts";
import { cluster, inputs } from "../../testing/cluster_fixture.ts";
import { config } from "../../testing/config_fixture.ts";
import { resolveSpec } from "../effective/spec.ts";
import { desiredPatroni, patroniConfiguration } from "./patroni_config.ts";

const NOW = new Date("2026-01-14T12:00:00Z");
const INITDB = '"initdb":[{"auth-host":"scram-sha-256"},{"auth-local":"trust"}]';

function effective(spec: Partial<PostgresqlSpec>, settings: Parameters<typeof config>[0] = {}) {
  return resolveSpec(cluster({ spec }), config(settings), inputs(), NOW).spec;
}

const ROWS: readonly {
  name: string;
  spec: Partial<PostgresqlSpec>;
  settings?: Parameters<typeof config>[0];
  want: string;
}[] = [
  {
    name: "nothing asked for",
    spec: {},
    settings: { enablePatroniFailsafeMode: undefined },
    want: `{"postgresql":{},"bootstrap":{${INITDB},"dcs":{}}}`,
  },
  {
    name: "the path of the binaries without PGVERSION",
    spec: {},
    settings: { enablePgversionEnvVar: false },
    want: '{"postgresql":{"bin_dir":"/usr/lib/postgresql/17/bin"},"bootstrap":{' +
      `${INITDB},"dcs":{"failsafe_mode":false}}}`,
  },
  {
    name: "parameters of both kinds and rules, sorted and escaped",
    spec: {
      postgresql: {
        version: "17",
        parameters: {
          work_mem: "4MB",
          archive_command: "a && b > c",
          max_connections: "100",
          "extwlist.extensions": "x",
        },
      },
      patroni: { pg_hba: ["hostssl all all <any> md5"] },
    },
    want: '{"postgresql":{"parameters":{"archive_command":"a \\u0026\\u0026 b \\u003e c",' +
      '"extwlist.extensions":"x"},"pg_hba":["hostssl all all \\u003cany\\u003e md5"]},' +
      `"bootstrap":{${INITDB},"dcs":{"postgresql":{"parameters":{"max_connections":"100",` +
      '"work_mem":"4MB"}},"failsafe_mode":false}}}',
  },
  {
    name: "every setting in the order of the text, large lags as 32-bit floats",
    spec: {
      patroni: {
        failsafe_mode: true,
        slots: { b: { type: "physical" }, a: { type: "logical", database: "d" } },
        synchronous_node_count: 2,
        synchronous_mode_strict: true,
        synchronous_mode: true,
        maximum_lag_on_failover: 1073741824,
        retry_timeout: 9,
        loop_wait: 10,
        ttl: 30,
        initdb: { "auth-host": "md5", "data-checksums": "true" },
      },
    },
    want: '{"postgresql":{},"bootstrap":{"initdb":[{"auth-host":"md5"},{"auth-local":"trust"},' +
      '"data-checksums"],"dcs":{"ttl":30,"loop_wait":10,"retry_timeout":9,' +
      '"maximum_lag_on_failover":1073741800,"synchronous_mode":true,' +
      '"synchronous_mode_strict":true,"synchronous_node_count":2,"slots":{' +
      '"a":{"database":"d","type":"logical"},"b":{"type":"physical"}},"failsafe_mode":true}}}',
  },
];

Deno.test("patroniConfiguration writes the text that running pods have", () => {
  for (const { name, spec, settings, want } of ROWS) {
    const text = patroniConfiguration(effective(spec, settings), config(settings));
    assert.equal(text, want, name);
  }
});

Deno.test("desiredPatroni switches synchronous replication off where it is not asked for", () => {
  const { config: keys, hba, parameters } = desiredPatroni(effective({
    patroni: { ttl: 30, maximum_lag_on_failover: 1073741824, pg_hba: ["local all all trust"] },
    postgresql: { version: "17", parameters: { ssl: "on", max_connections: "50" } },
  }));
  assert.deepEqual(keys, {
    ttl: 30,
    maximum_lag_on_failover: 1073741824,
    synchronous_mode: false,
    synchronous_mode_strict: false,
    synchronous_node_count: 0,
    failsafe_mode: false,
  });
  assert.deepEqual(hba, ["local all all trust"]);
  assert.deepEqual(parameters, { max_connections: "50" });
});

Deno.test("desiredPatroni keeps the slots of streams beside those of the manifest", () => {
  const { slots } = desiredPatroni(effective({
    patroni: { slots: { mine: { type: "physical" } } },
    streams: [{
      applicationId: "app-1",
      database: "shop",
      tables: { orders: { eventType: "ordered" } },
    }],
  }));
  assert.deepEqual(slots, {
    mine: { type: "physical" },
    fes_shop_app_1: { database: "shop", plugin: "pgoutput", type: "logical" },
  });
});

Deno.test("desiredPatroni describes a standby, promotes others, and leaves a standby by variable", () => {
  assert.equal(desiredPatroni(effective({})).standby, null);
  assert.deepEqual(desiredPatroni(effective({ standby: { standby_host: "far" } })).standby, {
    create_replica_methods: ["bootstrap_standby_with_wale", "basebackup_fast_xlog"],
    restore_command: 'envdir "/run/etc/wal-e.d/env-standby" /scripts/restore_command.sh "%f" "%p"',
    host: "far",
    port: null,
    primary_slot_name: null,
  });
  const byVariable = effective({ env: [{ name: "STANDBY_WALE_S3_PREFIX", value: "s3://x" }] });
  assert.equal(desiredPatroni(byVariable).standby, undefined);
});
