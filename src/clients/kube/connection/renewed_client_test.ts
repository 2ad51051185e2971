import assert from "node:assert/strict";
import { type Certificates, createRenewedClient } from "./renewed_client.ts";

function play(first: Certificates) {
  const made: string[] = [];
  const closed: string[] = [];
  const renewed = createRenewedClient(first, ({ ca = [], cert, key }) => {
    if ((cert === undefined) !== (key === undefined)) throw new Error("half a pair");
    const name = [...ca, cert ?? ""].join("+");
    made.push(name);
    return { close: () => closed.push(name) } as unknown as Deno.HttpClient;
  });
  return { made, closed, renewed };
}

Deno.test("a pool is made again when a certificate is another one, and not before", () => {
  const { made, renewed } = play({ ca: ["a"] });
  const before = renewed.current;
  renewed.renew({ ca: ["a"] });
  assert.equal(renewed.current, before);
  renewed.renew({ ca: ["b"] });
  assert.notEqual(renewed.current, before);
  renewed.renew({ ca: ["b"], cert: "c", key: "k" });
  assert.deepEqual(made, ["a+", "b+", "b+c"]);
});

Deno.test("what is under way on a former pool is not cut off at the exchange", () => {
  const { closed, renewed } = play({ ca: ["a"] });
  renewed.renew({ ca: ["b"] });
  assert.deepEqual(closed, []);
  renewed.renew({ ca: ["c"] });
  assert.deepEqual(closed, ["a+"]);
  renewed.close();
  assert.deepEqual(closed, ["a+", "b+", "c+"]);
});

Deno.test("half of an exchanged pair keeps the former pool, the whole pair counts later", () => {
  const { made, renewed } = play({ cert: "c", key: "k" });
  assert.throws(() => renewed.renew({ cert: "d" }), /half a pair/);
  renewed.renew({ cert: "d", key: "l" });
  assert.deepEqual(made, ["c", "d"]);
});
