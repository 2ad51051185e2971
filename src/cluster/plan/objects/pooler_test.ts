import assert from "node:assert/strict";
import type { PostgresqlSpec } from "../../../api/types.gen.ts";
import type { Secret } from "../../../kubernetes/types.gen.ts";
import { decodeBase64, encodeBase64 } from "../../../lib/base64.ts";
import { known } from "../../../ports/observation.ts";
import { cluster } from "../../../testing/cluster_fixture.ts";
import { planContext, type PlanFixture, secretsOf } from "../../../testing/plan_fixture.ts";
import { SqlModel } from "../../../testing/sql_model.ts";
import { USER_LIST_KEY } from "../compare/secret.ts";
import { planPooler } from "./pooler.ts";

type Pooler = NonNullable<PostgresqlSpec["connectionPooler"]>;

function plan(connectionPooler: Pooler, more: Partial<PostgresqlSpec> = {}) {
  const cr = cluster({ spec: { enableConnectionPooler: true, connectionPooler, ...more } });
  const objects = secretsOf(planContext({ cr }).desired);
  const context = planContext({
    cr,
    objects,
    observed: { catalog: known(new SqlModel().catalog()) },
  });
  return { context, ...planPooler(context) };
}

/** The lines of the user list that is made. */
function listOf(connectionPooler: Pooler, more: Partial<PostgresqlSpec> = {}): string[] {
  return plan(connectionPooler, more).steps.flatMap(({ action }) => {
    const data = action.kind === "create" && action.object.kind === "Secret"
      ? action.object["data"] as Record<string, string>
      : {};
    return decodeBase64(data[USER_LIST_KEY] ?? "")?.split("\n").filter((line) => line !== "") ?? [];
  });
}

Deno.test("whoever the pods log in as stands in the user list", () => {
  const streams = [{ applicationId: "a", database: "d", tables: {} }];
  assert.deepEqual(listOf({}), ['"pooler" "pw-pooler"']);
  assert.deepEqual(listOf({ user: "gatekeeper" }), ['"gatekeeper" "pw-gatekeeper"']);
  assert.deepEqual(listOf({ user: "postgres" }), [
    '"pooler" "pw-pooler"',
    '"postgres" "pw-postgres"',
  ]);
  assert.deepEqual(listOf({ user: "standby" })[1], '"standby" "pw-standby"');
  assert.deepEqual(listOf({ user: "fes_user" }, { streams })[1], '"fes_user" "pw-fes_user"');
});

Deno.test("a list of a cluster taken over stays until its manifest changes", () => {
  const cr = cluster({
    spec: { enableConnectionPooler: true, connectionPooler: { user: "postgres" } },
  });
  const { desired } = planContext({ cr });
  const list: Secret = {
    apiVersion: "v1",
    kind: "Secret",
    metadata: desired.poolers[0]!.authSecret,
    data: { [USER_LIST_KEY]: encodeBase64('"pooler" "pw-pooler"\n') },
  };
  const writes = (memory: PlanFixture["memory"]) =>
    planPooler({
      ...planContext({ cr, objects: [...secretsOf(desired), list], memory: memory ?? {} }),
      phase: "sync",
    }).steps.filter(({ action }) => action.kind === "replace").length;
  assert.equal(writes({}), 0);
  assert.equal(writes({ settledGeneration: 1 }), 0);
  assert.equal(writes({ settledGeneration: 7 }), 1);
});

Deno.test("the look-up function is made and looked for where SQL without quotes finds it", () => {
  const { context, steps } = plan({ schema: "GateWay", user: "gatekeeper" });
  const statements = steps.flatMap(({ action }) =>
    action.kind === "sql" ? action.statements.map(({ text }) => text) : []
  );
  assert.deepEqual(statements.filter((text) => /SCHEMA/.test(text)), [
    'CREATE SCHEMA IF NOT EXISTS "gateway"',
    'GRANT USAGE ON SCHEMA "gateway" TO "gatekeeper"',
  ]);
  const variables = context.desired.poolers[0]?.deployment.spec?.template.spec?.containers[0]?.env;
  // As the manifest has it: another value would restart the pooler of a cluster taken over.
  assert.equal(variables?.find(({ name }) => name === "PGSCHEMA")?.value, "GateWay");
});

Deno.test("a schema that needs quotes is refused with its field, and nothing else is", () => {
  const { steps, held } = plan({ schema: "my pool" });
  assert.deepEqual(steps.filter(({ action }) => action.kind !== "event"), []);
  assert.equal(held[0]?.kind, "refused");
  assert.match(held[0]?.reason ?? "", /^spec.connectionPooler.schema: "my pool" cannot be used/);
});
