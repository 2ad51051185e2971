/** One role or Secret that cannot be: what of a cluster goes on without it. */

import assert from "node:assert/strict";
import type { PostgresqlSpec } from "../../api/types.gen.ts";
import { validate } from "../../api/validate.ts";
import type { KubeObject } from "../../kubernetes/types.gen.ts";
import { cluster } from "../../testing/cluster_fixture.ts";
import { config } from "../../testing/config_fixture.ts";
import { planContext, type PlanFixture, secretsOf } from "../../testing/plan_fixture.ts";
import { SqlModel } from "../../testing/sql_model.ts";
import { known, unknown } from "../../ports/observation.ts";
import { describeRef, refOf } from "../../ports/requests.ts";
import { describeAction } from "../apply/perform.ts";
import type { Plan } from "./steps/action.ts";
import type { PlanContext } from "./steps/context.ts";
import { planCluster } from "./plan_cluster.ts";
import { refusalsOf } from "./refusals.ts";
import { newFindings } from "../effective/findings.ts";

const BEFORE: Partial<PostgresqlSpec> = { users: { web: [] }, databases: { shop: "web" } };

interface Given extends PlanFixture {
  readonly spec?: Partial<PostgresqlSpec>;
  /** Whether the cluster of `BEFORE` is there. */
  readonly running?: boolean;
  /** Objects of it that are not there, by the start of their names. */
  readonly without?: RegExp;
}

function contextOf({ spec, running = true, without, ...fixture }: Given): PlanContext {
  const status = { PostgresClusterStatus: running ? "Running" : "" };
  const cr = { ...cluster({ spec: { ...BEFORE, ...spec }, metadata: { generation: 2 } }), status };
  const { desired } = planContext({ cr: cluster({ spec: BEFORE }) });
  const { statefulSet, services } = desired;
  const objects: KubeObject[] = [statefulSet, services.primary, services.replica]
    .concat(secretsOf(desired) as never[]);
  const model = new SqlModel();
  model.addRole("web");
  return {
    ...planContext({
      cr,
      ...fixture,
      objects: running ? objects.filter(({ metadata }) => !without?.test(metadata.name!)) : [],
      observed: { catalog: running ? known(model.catalog()) : undefined, ...fixture.observed },
    }),
    refusals: refusalsOf({ manifest: validate(cr, config()), ...newFindings() }),
  };
}

/** Everything but Events, and what is held, each with its subject. */
function shown({ steps, held }: Plan) {
  const texts = steps.filter(({ action }) => action.kind !== "event").map(({ subject, action }) =>
    `${subject}: ${describeAction(action)}`
  );
  return { texts, held: held.map(({ subject, kind, reason }) => `${subject} ${kind}: ${reason}`) };
}

/** What a change of the manifest brings that has nothing to do with users. */
const CHANGES: Partial<PostgresqlSpec> = { numberOfInstances: 3, enableLogicalBackup: true };

const BAD: Readonly<Record<string, [Partial<PostgresqlSpec>, RegExp]>> = {
  "flags that contradict each other": [
    { users: { web: ["login", "nologin"], new_one: [] } },
    /^credentials refused: spec.users.web cannot be used: .*contradict/,
  ],
  "a name that cannot be": [
    { users: { Web: [], new_one: [] } },
    /^credentials refused: spec.users: "Web" must match/,
  ],
  "a name that PostgreSQL would cut": [
    { users: { web: [], ["w".repeat(64)]: [] } },
    /^credentials refused: spec.users.w+ cannot be used: the name has 64 bytes/,
  ],
  "two names for one Secret": [
    { users: { web: [], a_b: [], "a-b": [] } },
    /^credentials refused: role (a_b|a-b): Secret .* belongs to role/,
  ],
};

for (const [what, [spec, told]] of Object.entries(BAD)) {
  Deno.test(`${what}: a running cluster goes on and says so`, () => {
    const { texts, held } = shown(planCluster(contextOf({ spec: { ...CHANGES, ...spec } })));
    for (const subject of ["statefulset", "disruption budgets", "logical backup"]) {
      assert.ok(texts.some((text) => text.startsWith(`${subject}: `)), `${subject}: ${texts}`);
    }
    assert.equal(held.filter((text) => told.test(text)).length, 1, held.join("\n"));
    assert.deepEqual(held.filter((text) => /after credentials/.test(text)), []);
  });

  Deno.test(`${what}: a new cluster waits`, () => {
    const { texts, held } = shown(planCluster(contextOf({ spec, running: false })));
    assert.deepEqual(texts.filter((text) => text.startsWith("statefulset: ")), []);
    assert.equal(held.filter((text) => told.test(text)).length, 1, held.join("\n"));
  });
}

Deno.test("with users that cannot be, the others of the manifest stay as they are", () => {
  const spec = { users: { web: ["createdb"], new_one: [], torn: ["login", "nologin"] } } as const;
  const context = contextOf({ spec: spec as unknown as Partial<PostgresqlSpec> });
  const texts = shown(planCluster(context)).texts.filter((text) => /web|new-?one|torn/.test(text));
  assert.deepEqual(texts, []);
});

Deno.test("a name that PostgreSQL would cut keeps no other user from being made", () => {
  const spec = { users: { web: [], new_one: [], ["w".repeat(64)]: [] } };
  const { texts } = shown(planCluster(contextOf({ spec })));
  assert.ok(texts.some((text) => /^credentials: create Secret .*\/new-one\./.test(text)));
});

Deno.test("pods wait for the Secrets that they start with, and for no other", () => {
  const spec = CHANGES;
  const waits = (given: Given) =>
    shown(planCluster(contextOf({ spec, ...given }))).held.some((text) =>
      /^statefulset waiting: after credentials$/.test(text)
    );
  assert.equal(waits({}), false);
  assert.equal(waits({ without: /^web\./ }), false);
  assert.equal(waits({ without: /^postgres\./ }), true);
  assert.equal(waits({ without: /^standby\./ }), true);
});

Deno.test("a Secret that could not be read holds up its role only", () => {
  const context = contextOf({ spec: CHANGES });
  const objects = new Map(context.observed.objects);
  for (const { role, metadata } of context.desired.credentials) {
    const ref = { apiVersion: "v1", kind: "Secret", metadata } as KubeObject;
    if (role === "web") objects.set(describeRef(refOf(ref)), unknown("forbidden"));
  }
  const observed = { ...context.observed, objects };
  const again = planContext({ cr: context.cr, observed });
  const { texts, held } = shown(planCluster({ ...again, refusals: [] }));
  assert.ok(texts.some((text) => text.startsWith("statefulset: ")));
  assert.ok(held.some((text) => /^credentials unreadable: role web: forbidden/.test(text)));
});

Deno.test("a cluster that lost its StatefulSet gets it back, whatever is wrong with a user", () => {
  const spec = { users: { web: ["login", "nologin"] } } as unknown as Partial<PostgresqlSpec>;
  const { texts } = shown(planCluster(contextOf({ spec, without: /^acid-orders$/ })));
  assert.ok(texts.some((text) => /^statefulset: create StatefulSet/.test(text)), texts.join("\n"));
});
