/** Verifiers are checked and made beside the event loop, within a pass's time, and once. */

import assert from "node:assert/strict";
import { Sensitive } from "../../lib/sensitive.ts";
import { known } from "../../ports/observation.ts";
import { cluster } from "../../testing/cluster_fixture.ts";
import { passwordVerifier, verifies } from "../../testing/passwords.ts";
import { planContext } from "../../testing/plan_fixture.ts";
import type { CatalogObservation, CatalogRole } from "../observed/catalog.ts";
import type { PlanContext } from "../plan/steps/context.ts";
import { MOST_ITERATIONS } from "../sql/scram.ts";
import { checkPasswords, createDerivedVerifiers, type DerivedVerifiers } from "./passwords.ts";

const { signal } = new AbortController();
const SALT = new TextEncoder().encode("saltsaltsaltsalt");

function role(name: string, verifier?: Sensitive): CatalogRole {
  const base = { name, flags: [], settings: {}, memberOf: [], openTo: [], neededByObjects: false };
  return verifier === undefined ? base : { ...base, verifier };
}

/** A pass that knows the passwords of `users`, and a database that has these verifiers. */
function pass(users: readonly string[], stored: Readonly<Record<string, Sensitive>>): PlanContext {
  const entries = users.map((name): [string, []] => [name, []]);
  const cr = cluster({ spec: { users: Object.fromEntries(entries) } });
  const roles = Object.entries(stored).map(([name, verifier]) =>
    [name, role(name, verifier)] as const
  );
  const catalog: CatalogObservation = known({
    serverVersion: 170005,
    passwordEncryption: "scram-sha-256",
    roles: new Map(roles),
    databases: new Map(),
    contents: new Map(),
  });
  const context = planContext({ cr, observed: { catalog } });
  const credentials = new Map(
    users.map((name) => {
      const password = new Sensitive(`password of ${name}`);
      return [name, { state: "ready" as const, role: name, username: name, password }] as const;
    }),
  );
  return { ...context, credentials: { ...context.credentials, credentials } };
}

function of(username: string) {
  return { username, password: new Sensitive(`password of ${username}`) };
}

/** How often a key was derived. */
function counted(): DerivedVerifiers & { count: () => number } {
  const store = createDerivedVerifiers();
  let count = 0;
  return {
    count: () => count,
    get: store.get,
    derive: (derivation) => {
      count++;
      return store.derive(derivation);
    },
  };
}

Deno.test("a verifier that fits and one that does not are told apart, and the latter is replaced", async () => {
  const right = passwordVerifier(of("a"), "scram-sha-256", SALT);
  const wrong = passwordVerifier(of("x"), "scram-sha-256", SALT);
  const context = pass(["a", "b"], { a: right, b: wrong });
  const checked = await checkPasswords(context, createDerivedVerifiers(), { signal });
  assert.equal(checked.fits(of("a"), right), true);
  assert.equal(checked.fits(of("b"), wrong), false);
  const made = checked.verifierOf(of("b"), "scram-sha-256");
  assert.ok(made !== undefined && verifies(of("b"), made));
  assert.equal(checked.verifierOf(of("a"), "scram-sha-256"), undefined);
  assert.equal(checked.left, 0);
});

Deno.test("a verifier is derived once, however often it is looked at", async () => {
  const right = passwordVerifier(of("a"), "scram-sha-256", SALT);
  const store = counted();
  for (let turn = 0; turn < 5; turn++) {
    await checkPasswords(pass(["a"], { a: right }), store, { signal });
  }
  assert.equal(store.count(), 1);
});

Deno.test("a verifier with millions of iterations is replaced by ours, once", async () => {
  const right = passwordVerifier(of("a"), "scram-sha-256", SALT);
  const slow = new Sensitive(right.reveal().replace("4096", "9999999"));
  const store = counted();
  const checked = await checkPasswords(pass(["a"], { a: slow }), store, { signal });
  assert.equal(checked.fits(of("a"), slow), false);
  const made = checked.verifierOf(of("a"), "scram-sha-256");
  assert.match(made?.reveal() ?? "", /^SCRAM-SHA-256\$4096:/);
  assert.equal(store.count(), 1, "only ours is derived");
  const again = await checkPasswords(pass(["a"], { a: made ?? slow }), store, { signal });
  assert.equal(again.fits(of("a"), made ?? slow), true);
  assert.equal(again.verifierOf(of("a"), "scram-sha-256"), undefined);
});

Deno.test("what there is no time for is left for the next pass, and nothing is changed for it", async () => {
  const users = ["a", "b", "c"];
  const stored = Object.fromEntries(
    users.map((name) => [name, passwordVerifier(of(name), "scram-sha-256", SALT)]),
  );
  const context = pass(users, stored);
  const checked = await checkPasswords(context, createDerivedVerifiers(), { signal, budgetMs: 0 });
  assert.equal(checked.left, 3);
  assert.equal(checked.fits(of("a"), stored["a"] ?? new Sensitive("")), undefined);
});

Deno.test("the event loop goes on while the slowest verifiers are derived", async () => {
  const store = createDerivedVerifiers();
  let [worstMs, lastMs] = [0, performance.now()];
  const ticks = setInterval(() => {
    worstMs = Math.max(worstMs, performance.now() - lastMs);
    lastMs = performance.now();
  }, 5);
  const startMs = performance.now();
  const derivations = Array.from(
    { length: 10 },
    (_, index) => store.derive({ password: `p${index}`, salt: SALT, iterations: MOST_ITERATIONS }),
  );
  await Promise.all(derivations);
  const tookMs = performance.now() - startMs;
  clearInterval(ticks);
  assert.ok(worstMs < tookMs / 2, `the loop stood still for ${worstMs} of ${tookMs} ms`);
});
