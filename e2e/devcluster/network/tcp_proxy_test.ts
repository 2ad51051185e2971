import assert from "node:assert/strict";
import { type Target, tcpProxy } from "./tcp_proxy.ts";

const mayListen = (await Deno.permissions.query({ name: "net" })).state === "granted";
const real = { ignore: !mayListen };

/** Answers every connection with its name. */
function namedServer(name: string): { target: Target; close: () => void } {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  (async () => {
    for await (const client of listener) {
      await client.write(new TextEncoder().encode(name));
      client.close();
    }
  })();
  const { port } = listener.addr as Deno.NetAddr;
  return { target: { ip: "127.0.0.1", port }, close: () => listener.close() };
}

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  listener.close();
  return (listener.addr as Deno.NetAddr).port;
}

async function ask(at: Target): Promise<string> {
  const connection = await Deno.connect({ hostname: at.ip, port: at.port });
  return await new Response(connection.readable).text();
}

Deno.test("a proxy refuses without targets, takes turns, and skips a dead one", real, async () => {
  const [one, two] = [namedServer("one"), namedServer("two")];
  const at = { ip: "127.0.0.1", port: freePort() };
  const proxy = tcpProxy(at, (error) => assert.fail(String(error)));
  await assert.rejects(() => ask(at), Deno.errors.ConnectionRefused);
  proxy.route([one.target, two.target]);
  assert.deepEqual([await ask(at), await ask(at)].sort(), ["one", "two"]);
  one.close();
  assert.deepEqual([await ask(at), await ask(at)], ["two", "two"]);
  proxy.route([]);
  // The listener is gone when its pending accept has been called off.
  await new Promise((resolve) => setTimeout(resolve, 20));
  await assert.rejects(() => ask(at), Deno.errors.ConnectionRefused);
  proxy.close();
  two.close();
});

Deno.test("a proxy refuses to serve an address outside the loopback network", () => {
  assert.throws(() => tcpProxy({ ip: "10.0.0.1", port: 5432 }, () => {}), /only loopback/);
});
