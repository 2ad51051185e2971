/** The debug API's server among peers that are slow, large, many or from elsewhere. */
import assert from "node:assert/strict";
import { type DebugServer, serveDebugApp, type ServerLimits } from "../../src/debug/server.ts";

const LIMITS: ServerLimits = { headMs: 300, headBytes: 4096, writeMs: 300, connections: 20 };
const LARGE = "x".repeat(32 * 1024 * 1024);

/** Streams that somebody still reads. */
let reading = 0;

function endless(): Response {
  let timer: ReturnType<typeof setInterval> | undefined;
  const body = new ReadableStream<Uint8Array>({
    start(to) {
      reading++;
      timer = setInterval(() => to.enqueue(new TextEncoder().encode("data: 1\n\n")), 20);
    },
    cancel() {
      reading--;
      clearInterval(timer);
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}

const app = {
  async fetch(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === "/fails") throw new Error("secret words");
    if (pathname === "/live") return endless();
    if (request.body !== null) return Response.json({ length: (await request.text()).length });
    if (pathname === "/large") return new Response(LARGE);
    return Response.json({ page: pathname, method: request.method });
  },
};

async function withServer(
  run: (port: number) => Promise<void>,
  hostname = "127.0.0.1",
): Promise<void> {
  const server: DebugServer = serveDebugApp(app, hostname, 0, LIMITS);
  try {
    await run(server.port);
  } finally {
    await server.shutdown();
  }
}

interface Said {
  readonly text: string;
  readonly ms: number;
}

/** Sends some bytes and takes everything until the server closes. */
async function say(port: number, text: string): Promise<Said> {
  const startMs = performance.now();
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  let heard = "";
  try {
    await connection.write(new TextEncoder().encode(text));
    const buffer = new Uint8Array(65536);
    for (let count; (count = await connection.read(buffer)) !== null;) {
      heard += new TextDecoder().decode(buffer.subarray(0, count));
    }
  } catch {
    // Closed in the middle: what was heard counts.
  } finally {
    connection.close();
  }
  return { text: heard, ms: performance.now() - startMs };
}

const HOST = "Host: localhost\r\n\r\n";

Deno.test("a page is answered, to GET and to HEAD alike", () =>
  withServer(async (port) => {
    const answer = await fetch(`http://127.0.0.1:${port}/status?a=b`);
    assert.equal(answer.headers.get("content-type"), "application/json");
    assert.deepEqual(await answer.json(), { page: "/status", method: "GET" });
    const head = await say(port, `HEAD /status HTTP/1.1\r\n${HOST}`);
    assert.match(head.text, /^HTTP\/1\.1 200 [^]*\r\n\r\n$/);
  }));

Deno.test("a request in pieces is answered", () =>
  withServer(async (port) => {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port });
    for (const piece of ["GET /sta", "tus HTTP/1.1\r\nHost: local", "host\r\n\r", "\n"]) {
      await connection.write(new TextEncoder().encode(piece));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const text = await new Response(connection.readable).text();
    assert.match(text, /"page":"\/status"/);
  }));

Deno.test("half a request and silence are ended in time, and keep nobody out", () =>
  withServer(async (port) => {
    const half = Array.from({ length: 12 }, () => say(port, "GET /status HTTP/1.1\r\nHost: a\r\n"));
    const silent = Array.from({ length: 6 }, () => say(port, ""));
    await new Promise((resolve) => setTimeout(resolve, 50));
    const meanwhile = await say(port, `GET /status HTTP/1.1\r\n${HOST}`);
    assert.match(meanwhile.text, /^HTTP\/1\.1 200 /);
    assert.ok(meanwhile.ms < LIMITS.headMs);
    for (const { text, ms } of await Promise.all([...half, ...silent])) {
      assert.equal(text, "");
      assert.ok(ms < LIMITS.headMs + 1000, `${ms} ms`);
    }
  }));

Deno.test("one byte now and then does not keep a connection open", () =>
  withServer(async (port) => {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port });
    const startMs = performance.now();
    const drip = setInterval(() => connection.write(new Uint8Array([65])).catch(() => {}), 50);
    await connection.read(new Uint8Array(1)).catch(() => {});
    clearInterval(drip);
    connection.close();
    assert.ok(performance.now() - startMs < LIMITS.headMs + 1000);
  }));

Deno.test("who does not take the answer is left in time", () =>
  withServer(async (port) => {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port });
    await connection.write(new TextEncoder().encode(`GET /large HTTP/1.1\r\n${HOST}`));
    await new Promise((resolve) => setTimeout(resolve, LIMITS.writeMs + 700));
    const text = await new Response(connection.readable).text().catch(() => "");
    assert.ok(text.length < LARGE.length);
  }));

Deno.test("more connections than there is room for are closed at once", () =>
  withServer(async (port) => {
    const all = await Promise.all(Array.from({ length: 40 }, () => say(port, "GET / HT")));
    const early = all.filter(({ ms }) => ms < LIMITS.headMs - 50);
    assert.ok(early.length >= 40 - LIMITS.connections, `${early.length} were closed early`);
    assert.match((await say(port, `GET / HTTP/1.1\r\n${HOST}`)).text, /^HTTP\/1\.1 200 /);
  }));

for (
  const [what, text, status] of [
    ["a head that is too large", `GET / HTTP/1.1\r\nx: ${"y".repeat(5000)}`, 431],
    ["a small body", "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc", 200],
    ["a large body", "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999\r\n\r\nabc", 413],
    ["what is no HTTP", "\x16\x03\x01\x00\xa5 hello\r\n\r\n", 400],
    ["another name", "GET /status HTTP/1.1\r\nHost: evil.example\r\n\r\n", 403],
    ["a page that fails", `GET /fails HTTP/1.1\r\n${HOST}`, 500],
  ] as const
) {
  Deno.test(`${what} is answered by ${status}, without a word of what went wrong inside`, () =>
    withServer(async (port) => {
      const said = (await say(port, text)).text;
      assert.match(said, new RegExp(`^HTTP/1\\.1 ${status} `));
      assert.doesNotMatch(said, /secret words/);
    }));
}

Deno.test("on all addresses a Service's name is answered", () =>
  withServer(async (port) => {
    const host = "Host: postgres-operator.default.svc:8080\r\n\r\n";
    assert.match((await say(port, `GET / HTTP/1.1\r\n${host}`)).text, /^HTTP\/1\.1 200 /);
  }, "0.0.0.0"));

Deno.test("a port that is taken is told with the parameter that names it", () =>
  withServer((port) => {
    assert.throws(() => serveDebugApp(app, "127.0.0.1", port), /the port is taken.*api_port/);
    return Promise.resolve();
  }));

const PLAN = "POST /clusters/a/b/plan HTTP/1.1\r\nHost: localhost\r\nContent-Length: ";

Deno.test("a manifest that is asked about arrives whole", () =>
  withServer(async (port) => {
    const body = "m".repeat(200_000);
    const { text } = await say(port, `${PLAN}${body.length}\r\n\r\n${body}`);
    assert.match(text, /\{"length":200000\}/);
    const none = await say(port, `${PLAN}0\r\n\r\n`);
    assert.match(none.text, /^HTTP\/1\.1 200 /);
  }));

Deno.test("two bodies are held in memory at once, and no third", () =>
  withServer(async (port) => {
    const slow = Array.from({ length: 2 }, () => say(port, `${PLAN}100000\r\n\r\nm`));
    await new Promise((resolve) => setTimeout(resolve, 50));
    const third = await say(port, `${PLAN}1\r\n\r\nm`);
    assert.match(third.text, /^HTTP\/1\.1 503 /);
    for (const { text } of await Promise.all(slow)) assert.equal(text, "");
    const later = await say(port, `${PLAN}1\r\n\r\nm`);
    assert.match(later.text, /^HTTP\/1\.1 200 /);
  }));

Deno.test("a stream goes on past all limits of time, ends with its reader, and holds up no end", async () => {
  const server = serveDebugApp(app, "127.0.0.1", 0, LIMITS);
  const open = async () => {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
    await connection.write(new TextEncoder().encode(`GET /live HTTP/1.1\r\n${HOST}`));
    return connection;
  };
  const [first, second] = [await open(), await open()];
  let heard = "";
  const endMs = performance.now() + LIMITS.headMs + LIMITS.writeMs + 100;
  const buffer = new Uint8Array(4096);
  while (performance.now() < endMs) {
    const count = await first.read(buffer);
    heard += new TextDecoder().decode(buffer.subarray(0, count ?? 0));
  }
  assert.ok(heard.split("data: 1").length > 10);
  assert.equal(reading, 2);
  first.close();
  while (reading > 1) await new Promise((resolve) => setTimeout(resolve, 20));
  const startMs = performance.now();
  await server.shutdown();
  assert.ok(performance.now() - startMs < 1000);
  assert.equal(reading, 0);
  second.close();
});
