import assert from "node:assert/strict";
import type { SqlTarget } from "../../ports/requests.ts";
import { Sensitive } from "../../lib/sensitive.ts";
import { serviceAddress } from "./connector.ts";
import { SqlError, sqlError } from "./errors.ts";
import { createSlots } from "./slots.ts";

const TARGET: SqlTarget = {
  namespace: "shop",
  cluster: "acid-orders",
  database: "orders",
  user: "postgres",
  password: new Sensitive("pass-word"),
};

const ERRORS: readonly [string, unknown, string, string | undefined][] = [
  [
    "of the server",
    Object.assign(new Error('role "a" does not exist'), { code: "42704" }),
    'role "a" does not exist [42704]',
    "42704",
  ],
  [
    "with detail and hint",
    Object.assign(new Error("no"), { code: "55006", detail: "some", hint: "wait" }),
    "no (some; wait) [55006]",
    "55006",
  ],
  [
    "of the connection",
    Object.assign(new Error("connect ECONNREFUSED 10.0.0.1:5432"), { code: "ECONNREFUSED" }),
    "connect ECONNREFUSED 10.0.0.1:5432",
    undefined,
  ],
  [
    "without a message",
    Object.assign(new Error(""), { code: "ETIMEDOUT" }),
    "ETIMEDOUT",
    undefined,
  ],
  ["that is a text", "the session has ended", "the session has ended", undefined],
  [
    "that repeats a secret",
    Object.assign(
      new Error(`near "PASSWORD 'SCRAM-SHA-256$4096:a$b:c' pass-word md5${"0a".repeat(16)}"`),
      {
        code: "42601",
      },
    ),
    `near "PASSWORD '…' …" [42601]`,
    "42601",
  ],
];

for (const [what, thrown, want, sqlstate] of ERRORS) {
  Deno.test(`an error ${what} names cluster and database and no secret`, () => {
    const error = sqlError(TARGET, { what: "create role a" }, thrown);
    assert.ok(error instanceof SqlError);
    const where = "cannot create role a in database orders of cluster shop/acid-orders";
    assert.equal(error.message, `${where}: ${want}`);
    assert.equal(error.sqlstate, sqlstate);
    assert.equal(error.cause, undefined);
  });
}

Deno.test("databases are found by the name of the primary's Service", () => {
  assert.deepEqual(serviceAddress("cluster.local")(TARGET), {
    host: "acid-orders.shop.svc.cluster.local",
    port: 5432,
  });
});

Deno.test("no more sessions than allowed; who waits goes first come, first served", async () => {
  const { signal } = new AbortController();
  const slots = createSlots(1);
  const order: string[] = [];
  const first = await slots.take("a", signal);
  const waiting = ["a", "b"].map(async (name) => {
    const release = await slots.take("a", signal);
    order.push(name);
    release();
  });
  await Promise.resolve();
  assert.deepEqual(order, []);
  first();
  first();
  await Promise.all(waiting);
  assert.deepEqual(order, ["a", "b"]);
  (await slots.take("a", signal))();
});

Deno.test("who waits for a session can be called off, and takes no slot", async () => {
  const { signal } = new AbortController();
  const slots = createSlots(1);
  const release = await slots.take("a", signal);
  const stop = new AbortController();
  const waiting = slots.take("a", stop.signal);
  await Promise.resolve();
  stop.abort(new Error("stopped"));
  await assert.rejects(waiting, /stopped/);
  await assert.rejects(slots.take("a", stop.signal), /stopped/);
  release();
  (await slots.take("a", signal))();
});

Deno.test("names of the statement are repeated, its values are not", () => {
  const statement = `CREATE ROLE "app" PASSWORD 'hunter2' IN ROLE "odd ""group"`;
  const thrown = Object.assign(new Error('role "group" or "hunter2" does not exist'), {
    code: "42704",
  });
  const error = sqlError(TARGET, { what: "create role app", statement }, thrown);
  assert.match(error.message, /: role "group" or "…" does not exist \[42704\]$/);
});

Deno.test("one owner has no more than his share, and whoever has room goes first", async () => {
  const { signal } = new AbortController();
  const slots = createSlots(3, 2);
  const first = await slots.take("a", signal);
  await slots.take("a", signal);
  const order: string[] = [];
  const third = slots.take("a", signal).then(() => order.push("a"));
  const other = await slots.take("b", signal);
  order.push("b");
  first();
  other();
  await third;
  assert.deepEqual(order, ["b", "a"]);
});

Deno.test("owners who take all that they can get leave room for others, who come first", async () => {
  const { signal } = new AbortController();
  const slots = createSlots(64, 16);
  const held: string[] = [];
  for (let index = 0; index < 200; index++) {
    const owner = `bad-${index % 5}`;
    void slots.take(owner, signal).then(() => held.push(owner));
  }
  for (let index = 0; index < 10; index++) await Promise.resolve();
  assert.ok(held.length < 64, `${held.length} of 64 slots are taken`);
  for (let index = 0; index < 10; index++) (await slots.take("good", signal))();
});

Deno.test("of those who wait, who has least comes first", async () => {
  const { signal } = new AbortController();
  const slots = createSlots(2, 2);
  const first = await slots.take("a", signal);
  const second = await slots.take("b", signal);
  const order: string[] = [];
  const waiting = ["a", "c"].map((owner) =>
    slots.take(owner, signal).then((release) => (order.push(owner), release))
  );
  second();
  (await waiting[1])?.();
  first();
  (await waiting[0])?.();
  assert.deepEqual(order, ["c", "a"]);
});
