import assert from "node:assert/strict";
import type { PostgresqlSpec } from "../../api/types.gen.ts";
import type { Config } from "../../config/config.ts";
import { cluster } from "../../testing/cluster_fixture.ts";
import { config } from "../../testing/config_fixture.ts";
import { newFindings } from "./findings.ts";
import { resolvePooler } from "./pooler.ts";

function pooler(spec: Partial<PostgresqlSpec>, overrides: Partial<Config> = {}) {
  const findings = newFindings();
  return { ...resolvePooler(cluster({ spec }), config(overrides), findings), findings };
}

const WANTED: readonly [Partial<PostgresqlSpec>, string[]][] = [
  [{}, []],
  [{ enableConnectionPooler: true }, ["primary"]],
  [{ connectionPooler: {} }, ["primary"]],
  [{ connectionPooler: {}, enableConnectionPooler: false }, []],
  [{ connectionPooler: {}, enableReplicaConnectionPooler: true }, ["primary", "replica"]],
  [{ enableConnectionPooler: false, enableReplicaConnectionPooler: true }, ["replica"]],
];

Deno.test("a pooler is wanted by its switch, the primary's also by its section", () => {
  for (const [spec, want] of WANTED) assert.deepEqual(pooler(spec).roles, want);
});

const SIZES: readonly [number, number, readonly number[]][] = [
  [60, 2, [15, 7, 7, 30]],
  [60, 1, [30, 15, 15, 60]],
  [60, 7, [4, 2, 2, 8]],
  [1, 2, [0, 0, 0, 0]],
  [1000, 3, [166, 83, 83, 333]],
];

Deno.test("server connections are shared among pooler pods", () => {
  for (const [maxDBConnections, numberOfInstances, want] of SIZES) {
    const { sizes } = pooler({ connectionPooler: { maxDBConnections, numberOfInstances } });
    const have = [
      sizes.defaultSize,
      sizes.minSize,
      sizes.reserveSize,
      sizes.maxDbConnections,
    ];
    assert.deepEqual(have, want);
  }
});

Deno.test("a pooler has at least one instance, and a person is told", () => {
  const { instances, findings } = pooler({ connectionPooler: { numberOfInstances: 0 } });
  assert.equal(instances, 1);
  assert.match(findings.notices[0]?.message ?? "", /raised from 0 to 1/);
});

const USERS: readonly [string | undefined, string, string][] = [
  [undefined, "pooler", "pooler"],
  ["", "pooler", "pooler"],
  ["porter", "porter", "porter"],
  ["admin", "pooler", "pooler"],
  ["postgres", "pooler", "postgres"],
  ["standby", "pooler", "standby"],
];

Deno.test("the pooler's role never has a protected or system name", () => {
  for (const [user, role, pods] of USERS) {
    const { user: have, podUser, findings } = pooler({
      connectionPooler: user === undefined ? {} : { user },
    });
    assert.deepEqual([have, podUser], [role, pods], `user ${user}`);
    assert.equal(findings.notices.length, user === have || !user ? 0 : 1, `user ${user}`);
  }
});

Deno.test("what the manifest leaves out comes from the configuration", () => {
  const overrides = {
    connectionPoolerMode: "session",
    connectionPoolerSchema: "look_up",
    connectionPoolerImage: "registry/pgbouncer:1",
    connectionPoolerNumberOfInstances: 3,
    connectionPoolerDefaultCpuRequest: "500m",
    connectionPoolerDefaultMemoryLimit: "100Mi",
  };
  const empty = pooler({ connectionPooler: {} }, overrides);
  assert.deepEqual(
    [empty.mode, empty.schema, empty.image, empty.instances, empty.resources],
    ["session", "look_up", "registry/pgbouncer:1", 3, {
      requests: { cpu: "500m" },
      limits: { memory: "100Mi" },
    }],
  );
  const own = pooler({
    connectionPooler: {
      mode: "transaction",
      schema: "own",
      dockerImage: "own:2",
      numberOfInstances: 5,
      resources: { requests: { cpu: "1" } },
    },
  }, overrides);
  assert.deepEqual(
    [own.mode, own.schema, own.image, own.instances, own.resources.requests],
    ["transaction", "own", "own:2", 5, { cpu: "1" }],
  );
});
