/** Secrets changed by hand: the superuser is let in again, and pods get what their Secrets say. */

import assert from "node:assert/strict";
import type { Pod, Secret } from "../../../kubernetes/types.gen.ts";
import { encodeBase64 } from "../../../lib/base64.ts";
import { known } from "../../../ports/observation.ts";
import { Sensitive } from "../../../lib/sensitive.ts";
import { cluster } from "../../../testing/cluster_fixture.ts";
import { planContext } from "../../../testing/plan_fixture.ts";
import type { Catalog, CatalogObservation } from "../../observed/catalog.ts";
import { ROLLING_UPDATE_ANNOTATION } from "../../observed/pods.ts";
import { remember } from "../../pass/remember.ts";
import { passwordVerifier, verifies } from "../../../testing/passwords.ts";
import type { Step, StepOutcome } from "../steps/action.ts";
import type { PlanContext } from "../steps/context.ts";
import { planDatabases } from "../databases/databases.ts";
import { planRoles } from "./plan_roles.ts";
import { reasonTexts } from "../steps/reasons.ts";
import { emptyMemory } from "../../pass/memory.ts";

const LOCKED_OUT: CatalogObservation = {
  known: false,
  reason: "cannot connect [28P01]",
  lockedOut: true,
};
const SALT = new TextEncoder().encode("saltsaltsaltsalt");

function pod(name: string, role: string, application = "spilo"): Pod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { namespace: "shop", name, labels: { "spilo-role": role, application } },
    status: { phase: "Running", podIP: "10.0.0.1" },
  };
}

const PRIMARY = pod("acid-orders-0", "master");
const REPLICA = pod("acid-orders-1", "replica");

/** A server whose roles have these passwords. */
function catalogWith(passwords: Readonly<Record<string, string>>): CatalogObservation {
  const roles = Object.entries(passwords).map(([name, password]) => {
    const of = { username: name, password: new Sensitive(password) };
    const verifier = passwordVerifier(of, "scram-sha-256", SALT);
    const flags = ["LOGIN", "INHERIT", "SUPERUSER", "REPLICATION"];
    return [name, {
      name,
      flags,
      verifier,
      settings: {},
      memberOf: [],
      openTo: [],
      neededByObjects: false,
    }];
  });
  return known({
    serverVersion: 170005,
    passwordEncryption: "scram-sha-256",
    roles: new Map(roles as [string, never][]),
    databases: new Map(),
    contents: new Map(),
  } as Catalog);
}

interface Given {
  readonly catalog?: CatalogObservation;
  readonly pods?: readonly Pod[];
  readonly poolerPods?: readonly Pod[];
  readonly parameters?: Readonly<Record<string, string>>;
  readonly passwords?: Readonly<Record<string, string>>;
  readonly context?: Partial<PlanContext>;
  readonly remembered?: Readonly<Record<string, string>>;
}

/** A pass over a cluster whose Secrets hold `pw-<role>` unless told otherwise. */
function contextOf(given: Given = {}): PlanContext {
  const parameters = given.parameters ?? {};
  const cr = cluster({
    spec: {
      enableConnectionPooler: given.poolerPods !== undefined,
      postgresql: { version: "17", parameters },
    },
  });
  const objects = planContext({ cr }).desired.credentials.map(({ role, metadata }): Secret => ({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { ...metadata, resourceVersion: "7" },
    data: {
      username: encodeBase64(role),
      password: encodeBase64(given.passwords?.[role] ?? `pw-${role}`),
    },
  }));
  const context = planContext({
    cr,
    objects,
    pods: given.pods ?? [PRIMARY, REPLICA],
    memory: { podPasswords: new Map(Object.entries(given.remembered ?? {})) },
    observed: {
      catalog: given.catalog ?? LOCKED_OUT,
      poolerPods: known(given.poolerPods ?? []),
    },
  });
  return { ...context, ...given.context };
}

/** `mark <pod>`, `run`, `alter <role>`, in order. */
function brief(steps: readonly Step[]): string[] {
  return steps.flatMap(({ action }) => {
    if (action.kind === "patch") return [`mark ${action.request.target.name}`];
    if (action.kind === "exec") return ["run"];
    return action.kind === "sql" ? action.statements.map(({ purpose }) => purpose) : [];
  });
}

function commandOf(context: PlanContext) {
  const action = planRoles(context).steps.find(({ action }) => action.kind === "exec")?.action;
  assert.ok(action?.kind === "exec");
  const { stdin, ...request } = action.request;
  return { ...request, input: stdin?.reveal() ?? "" };
}

Deno.test("a superuser that is locked out gets the password of its Secret, in the primary's pod", () => {
  const context = contextOf();
  const plan = planRoles(context);
  assert.deepEqual(brief(plan.steps), ["mark acid-orders-0", "mark acid-orders-1", "run"]);
  assert.deepEqual(plan.steps.map(({ subject, onError, effect }) => [subject, onError, effect]), [
    ["roles", "stop", "restart"],
    ["roles", "stop", "restart"],
    ["roles", "continue", "none"],
  ]);
  assert.deepEqual(plan.steps.at(-1)?.reasons, [
    "the Secret of superuser postgres holds another password than the database",
  ]);
  assert.deepEqual(plan.held.map(({ kind, reason }) => [kind, reason]), [
    ["waiting", "cannot connect [28P01]"],
  ]);
  assert.equal(plan.requeueAfterMs, undefined, "the next look comes at once");
  const { pod, container, command, input } = commandOf(context);
  assert.deepEqual([pod.name, container, command[0]], ["acid-orders-0", "postgres", "psql"]);
  const verifier = /^ALTER ROLE "postgres" PASSWORD '(SCRAM-SHA-256\$[^']+)';$/m.exec(input)?.[1];
  const password = new Sensitive("pw-postgres");
  assert.ok(verifies({ username: "postgres", password }, new Sensitive(verifier ?? "")));
  assert.ok(input.endsWith("\n\\q\n"), "psql ends where the end of its input is not told");
  assert.deepEqual(planDatabases(context).steps, []);
});

Deno.test("md5 is used where the manifest asks for it", () => {
  const { input } = commandOf(contextOf({ parameters: { password_encryption: "md5" } }));
  assert.match(input, /PASSWORD 'md5[0-9a-f]{32}';/);
});

Deno.test("neither password nor verifier stands outside the input of the command", () => {
  const { steps } = planRoles(contextOf());
  assert.doesNotMatch(JSON.stringify(steps), /pw-postgres|SCRAM-SHA-256/);
});

const IDLE: readonly [string, Given][] = [
  ["the databases cannot be reached", { catalog: { known: false, reason: "no route" } }],
  ["the primary is not up", { pods: [{ ...PRIMARY, status: { phase: "Pending" } }, REPLICA] }],
  ["there are two primaries", { pods: [PRIMARY, pod("acid-orders-1", "master")] }],
  ["the Secret is not settled", {
    context: {
      credentials: {
        ...contextOf().credentials,
        credentials: new Map([["postgres", { state: "degraded", role: "postgres", reason: "?" }]]),
      },
    },
  }],
  ["the Secret holds a verifier", { passwords: { postgres: `md5${"0".repeat(32)}` } }],
];

for (const [when, given] of IDLE) {
  Deno.test(`nothing is done to the superuser while ${when}`, () => {
    const plan = planRoles(contextOf(given));
    assert.deepEqual(plan.steps, []);
    assert.equal(plan.held.length, 1);
  });
}

const POOLER = pod("acid-orders-pooler-x", "", "db-connection-pooler");
const RIGHT = { postgres: "pw-postgres", standby: "pw-standby", pooler: "pw-pooler" };

const MARKS: readonly [string, Given, string[]][] = [
  ["every password is in use", { catalog: catalogWith(RIGHT) }, []],
  ["the replication role's Secret was changed", {
    catalog: catalogWith({ ...RIGHT, standby: "old" }),
  }, ["mark acid-orders-0", "mark acid-orders-1", "alter role standby"]],
  ["pods of it are marked already", {
    catalog: catalogWith({ ...RIGHT, standby: "old" }),
    pods: [PRIMARY, {
      ...REPLICA,
      metadata: { ...REPLICA.metadata, annotations: { [ROLLING_UPDATE_ANNOTATION]: "true" } },
    }],
  }, ["mark acid-orders-0", "alter role standby"]],
  ["its password was changed in the database alone", {
    catalog: catalogWith({ ...RIGHT, standby: "old" }),
    remembered: { standby: "7" },
  }, ["alter role standby"]],
  ["two Secrets were changed", {
    catalog: catalogWith({ postgres: "old", standby: "old" }),
  }, ["mark acid-orders-0", "mark acid-orders-1", "alter role postgres", "alter role standby"]],
  ["the pooler's Secret was changed", {
    catalog: catalogWith({ ...RIGHT, pooler: "old" }),
    poolerPods: [POOLER],
  }, ["mark acid-orders-pooler-x", "alter role pooler"]],
];

for (const [when, given, want] of MARKS) {
  Deno.test(`marks come before the database follows: ${when}`, () => {
    const { steps } = planRoles(contextOf(given));
    const concerned = steps.filter((step) =>
      step.action.kind === "patch" ||
      reasonTexts(step).some((text) => text.includes("not that of its Secret"))
    );
    assert.deepEqual(brief(concerned), want);
  });
}

Deno.test("pods are marked once for a Secret, also where the command fails", () => {
  const context = contextOf();
  const { steps, held } = planRoles(context);
  const plan = { key: "shop/acid-orders", generation: 1, steps, held };
  const cut = (results: readonly ("done" | "failed" | "skipped")[]) => {
    const outcomes = steps.map((step, index): StepOutcome => {
      const result = results[index] ?? "skipped";
      if (result === "failed") return { step, result, error: new Error("lost") };
      return result === "done" ? { step, result } : { step, result, because: "?" };
    });
    const memory = { ...emptyMemory(), podPasswords: new Map<string, string>() };
    remember(memory, context, { plan, outcomes });
    return [...memory.podPasswords];
  };
  assert.deepEqual(cut(["done", "done", "failed"]), [["postgres", "7"]]);
  assert.deepEqual(cut(["done", "failed"]), []);
  const again = planRoles(contextOf({ remembered: { postgres: "7" } }));
  assert.deepEqual(brief(again.steps), ["run"]);
});

Deno.test("what agrees is remembered, so that a change in the database restarts nothing", () => {
  const context = contextOf({ catalog: catalogWith({ ...RIGHT, standby: "old" }) });
  const memory = { ...emptyMemory(), podPasswords: new Map<string, string>() };
  const plan = { key: "shop/acid-orders", generation: 1, steps: [], held: [] };
  remember(memory, context, { plan, outcomes: [] });
  assert.deepEqual([...memory.podPasswords], [["postgres", "7"]]);
});
