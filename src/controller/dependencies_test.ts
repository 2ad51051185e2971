/** Which objects of others wake a cluster. */

import assert from "node:assert/strict";
import { config } from "../testing/config_fixture.ts";
import { dependenciesOf } from "./dependencies.ts";
import { Registry } from "./registry.ts";

const ABROAD = { role: "a.b", secret: { namespace: "apps", name: "a.b.x" }, metadata: {} };
const AT_HOME = { role: "c", secret: { namespace: "shop", name: "c.x" }, metadata: {} };

Deno.test("dependenciesOf names configured objects and Secrets in other namespaces", () => {
  const settings = config({
    podEnvironmentConfigmap: { namespace: "operators", name: "env" },
    podEnvironmentSecret: "keys",
    infrastructureRolesSecretName: { namespace: "operators", name: "roles" },
  });
  const found = dependenciesOf(settings, "shop", { credentials: [ABROAD, AT_HOME] });
  assert.deepEqual(found, [
    "ConfigMap operators/env",
    "ConfigMap shop/env",
    "Secret shop/keys",
    "Secret operators/roles",
    "ConfigMap operators/roles",
    "Secret apps/a.b.x",
  ]);
});

Deno.test("dependenciesOf is empty where nothing is configured", () => {
  assert.deepEqual(dependenciesOf(config(), "shop", { credentials: [AT_HOME] }), []);
});

Deno.test("the registry forgets what a cluster no longer depends on", () => {
  const registry = new Registry();
  registry.entry("shop/a");
  registry.dependsOn("shop/a", ["Secret shop/keys", "Secret shop/more"]);
  registry.dependsOn("shop/a", ["Secret shop/keys"]);
  assert.deepEqual(registry.dependents("Secret shop/keys"), ["shop/a"]);
  assert.deepEqual(registry.dependents("Secret shop/more"), []);
  registry.forget("shop/a");
  assert.deepEqual(registry.dependents("Secret shop/keys"), []);
});
