/** Ways to connect. */

import assert from "node:assert/strict";
import { clientTexts, databasesOf, secretOf, usersOf, waysTo } from "./connection.ts";

const MANIFEST = {
  metadata: { name: "acid-orders", namespace: "shop" },
  spec: {
    users: { app_owner: ["createdb"], reader: [] },
    databases: { orders: "app_owner", stock: "stock_owner" },
    preparedDatabases: { events: {} },
  },
};

Deno.test("users and databases are those of the manifest, and the superuser's", () => {
  assert.deepEqual(usersOf(MANIFEST), ["app_owner", "reader", "stock_owner", "postgres"]);
  assert.deepEqual(databasesOf(MANIFEST), ["orders", "stock", "events", "postgres"]);
  assert.deepEqual(usersOf({}), ["postgres"]);
});

const POOLERS: readonly (readonly [object, readonly string[]])[] = [
  [{}, []],
  [{ enableConnectionPooler: true }, ["acid-orders-pooler.shop"]],
  [{ connectionPooler: {} }, ["acid-orders-pooler.shop"]],
  [{ connectionPooler: {}, enableConnectionPooler: false }, []],
  [{ enableReplicaConnectionPooler: true }, ["acid-orders-pooler-repl.shop"]],
];

for (const [spec, wanted] of POOLERS) {
  Deno.test(`with ${JSON.stringify(spec)} the poolers are ${wanted.join(", ") || "none"}`, () => {
    const ways = waysTo({ ...MANIFEST, spec } as never).map(({ host }) => host);
    assert.deepEqual(ways.slice(0, 2), ["acid-orders.shop", "acid-orders-repl.shop"]);
    assert.deepEqual(ways.slice(2), wanted);
  });
}

Deno.test("a Secret's name has dashes for what Kubernetes does not take, and follows the template", () => {
  const usual = "app-owner.acid-orders.credentials.postgresql.acid.zalan.do";
  assert.equal(secretOf(MANIFEST, "app_owner"), usual);
  assert.equal(secretOf(MANIFEST, "a", "{namespace}-{cluster}-{username}"), "shop-acid-orders-a");
});

Deno.test("names with signs are quoted for psql and written in percent for addresses", () => {
  const [psql, uri, jdbc] = clientTexts("h", "o'b&r", "d b").map(([, text]) => text);
  assert.match(psql!, /dbname='d b' user='o\\'b&r'/);
  assert.equal(uri, "postgresql://o'b%26r:PASSWORD@h:5432/d%20b?sslmode=require");
  assert.equal(jdbc, "jdbc:postgresql://h:5432/d%20b?user=o'b%26r&sslmode=require");
});
