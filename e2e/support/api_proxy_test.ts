import assert from "node:assert/strict";
import { startApiProxy } from "./api_proxy.ts";
import { connectByToken } from "./connection.ts";
import { proxyCertificate } from "./crash_proxy.ts";

const LIMIT_MS = 500;

Deno.test("a watch passes line by line, a withheld answer never, and tokens as they are", async () => {
  const certificate = await proxyCertificate();
  const { certPem: cert, keyPem: key, caPem } = certificate;
  const line = (text: string) => new TextEncoder().encode(`${text}\n`);
  const served: string[] = [];
  const upstream = Deno.serve(
    { hostname: "127.0.0.1", port: 0, cert, key, onListen() {} },
    (it) => {
      served.push(`${it.method} ${it.headers.get("authorization")}`);
      return new Response(new ReadableStream({ start: (stream) => stream.enqueue(line("first")) }));
    },
  );
  const url = `https://127.0.0.1:${upstream.addr.port}`;
  const connection = connectByToken({ url, token: "own", caPem });
  const answered: number[] = [];
  const proxy = startApiProxy({
    upstream: connection,
    certificate,
    hooks: {
      arrived: ({ method }) => method === "PUT" ? "drop" : "pass",
      answered(request, status) {
        answered.push(status);
        return request.method === "POST" ? "drop" : "pass";
      },
    },
  });
  const client = Deno.createHttpClient({ caCerts: [caPem] });
  const send = (method: string, headers: Record<string, string> = {}) =>
    fetch(`${proxy.url}/x`, { client, method, headers, signal: AbortSignal.timeout(LIMIT_MS) });
  try {
    const watch = await send("GET", { authorization: "Bearer other" });
    const reader = watch.body!.getReader();
    assert.equal(new TextDecoder().decode((await reader.read()).value), "first\n");
    await reader.cancel();
    await assert.rejects(send("POST"), { name: "TimeoutError" });
    await assert.rejects(send("PUT"), { name: "TimeoutError" });
    assert.deepEqual(served, ["GET Bearer other", "POST Bearer own"]);
    assert.deepEqual(answered, [200, 200]);
  } finally {
    await proxy.stop();
    client.close();
    connection.close();
    await upstream.shutdown();
  }
});
