import assert from "node:assert/strict";
import { claimLoopbackNetwork } from "./loopback.ts";

const mayWrite = (await Deno.permissions.query({ name: "write" })).state === "granted";
const real = { ignore: !mayWrite };

Deno.test("two runs get different networks, and a closed one leaves no file", real, async () => {
  const directory = await Deno.makeTempDir();
  const first = await claimLoopbackNetwork(directory);
  const second = await claimLoopbackNetwork(directory);
  assert.notEqual(first.prefix, second.prefix);
  await first.close();
  const third = await claimLoopbackNetwork(directory);
  assert.equal(third.prefix, first.prefix);
  await Promise.all([second.close(), third.close()]);
  assert.deepEqual([...Deno.readDirSync(directory)], []);
  await Deno.remove(directory);
});

Deno.test("a pod address is not given again while it is in use", real, async () => {
  const directory = await Deno.makeTempDir();
  const network = await claimLoopbackNetwork(directory);
  const addresses = Array.from({ length: 762 }, () => network.pods.take());
  assert.equal(new Set(addresses).size, 762);
  assert.throws(() => network.pods.take(), /all 762 of 127\.\d+ are taken/);
  network.pods.give(addresses[7]!);
  network.pods.give(addresses[5]!);
  network.pods.reserve(addresses[7]!);
  assert.equal(network.pods.take(), addresses[5]);
  await network.close();
  await Deno.remove(directory);
});
