/** A role that somebody made before its name was given to a person or an infrastructure role. */
import assert from "node:assert/strict";
import { cluster } from "../../src/testing/cluster_fixture.ts";
import type { DesiredRole } from "../../src/cluster/desired/roles/role.ts";
import { passesOver } from "./passes.ts";
import { serverObstacle, startServer } from "./server.ts";

const obstacle = serverObstacle();

const KAY: DesiredRole = {
  name: "kay",
  origin: "team",
  flags: ["LOGIN", "SUPERUSER"],
  login: true,
  memberOf: ["zalandos"],
  parameters: {},
  isDbOwner: false,
  namespace: "",
  hasPassword: false,
};

const BASE = "CREATE ROLE admin CREATEDB; CREATE ROLE zalandos; " +
  "CREATE ROLE standby REPLICATION LOGIN; CREATE ROLE tenant CREATEROLE LOGIN;";

Deno.test({
  name: "a role that a tenant made before, and may act as, does not become a superuser",
  ignore: obstacle !== undefined,
  async fn() {
    const server = await startServer();
    try {
      await server.sql("postgres", BASE);
      await server.sql("postgres", "SET ROLE tenant; CREATE ROLE kay; GRANT kay TO tenant");
      const { pass } = passesOver({
        server,
        cr: cluster({ spec: { users: { app: [] } } }),
        change: (context) => ({
          ...context,
          desired: { ...context.desired, roles: [...context.desired.roles, KAY] },
        }),
      });
      const { held, failures } = await pass();
      assert.deepEqual(failures, []);
      assert.match(held.map(({ reason }) => reason).join("\n"), /kay .*: tenant may act as it/);
      const isSuperuser = "SELECT rolsuper FROM pg_authid WHERE rolname = 'kay'";
      assert.equal(await server.sql("postgres", isSuperuser), "f");
      await server.sql("postgres", "REVOKE kay FROM tenant CASCADE");
      await pass();
      assert.equal(await server.sql("postgres", isSuperuser), "t");
    } finally {
      await server.stop();
    }
  },
});
