import assert from "node:assert/strict";
import FakeTimers from "@sinonjs/fake-timers";
import { createLogger } from "../../../log/logger.ts";
import { silentLogger } from "../../../testing/silent_logger.ts";
import { createKubeClient, type KubeClientOptions } from "../client.ts";
import type { KubeConnection } from "./connection.ts";
import { KubeError } from "../errors.ts";

const signal = new AbortController().signal;
const ref = { apiVersion: "v1", kind: "Secret", namespace: "ns", name: "s" };
const secret = { apiVersion: "v1", kind: "Secret", metadata: { namespace: "ns", name: "s" } };

type Answer = Response | Error | ((init: RequestInit) => Promise<Response>);

interface Seen {
  readonly method: string | undefined;
  readonly url: string;
  readonly authorization: string | null;
}

function status(code: number, body: object = {}, headers: HeadersInit = {}): Response {
  return new Response(JSON.stringify({ kind: "Status", code, ...body }), { status: code, headers });
}

/** A client whose server gives these answers in turn. */
function client(answers: Answer[], options: Partial<KubeClientOptions> = {}) {
  const seen: Seen[] = [];
  const tokens = ["old", "new"];
  const connection = {
    server: "https://api:6443",
    baseUrl: "https://api:6443",
    headers: () => Promise.resolve({ authorization: `Bearer ${tokens[0]}` }),
    forgetToken: () => void tokens.shift(),
  } as unknown as KubeConnection;
  const kube = createKubeClient({
    connection,
    logger: silentLogger(),
    random: () => 0,
    fetch: (url, init) => {
      const authorization = new Headers(init.headers).get("authorization");
      seen.push({ method: init.method, url, authorization });
      const answer = answers.shift();
      if (answer instanceof Error) return Promise.reject(answer);
      if (typeof answer === "function") return answer(init);
      return Promise.resolve(answer ?? status(500, { message: "no more answers" }));
    },
    ...options,
  });
  return { kube, seen };
}

/** Runs with a clock that is always moved on. */
async function hurried<T>(work: () => Promise<T>): Promise<T> {
  const clock = FakeTimers.install({
    toFake: ["setTimeout", "clearTimeout", "performance"],
    shouldAdvanceTime: false,
  });
  try {
    let done = false;
    const result = work().finally(() => {
      done = true;
    });
    result.catch(() => {});
    while (!done) await clock.tickAsync(500);
    return await result;
  } finally {
    clock.uninstall();
  }
}

Deno.test("429 is repeated after Retry-After and then succeeds", async () => {
  const { kube, seen } = client([
    status(429, {}, { "retry-after": "1" }),
    new Response(JSON.stringify(secret), { status: 201 }),
  ]);
  assert.deepEqual(await hurried(() => kube.create(secret, { signal })), secret);
  assert.equal(seen.length, 2);
});

Deno.test("a read is repeated when the connection broke, a write is not", async () => {
  const broken = new TypeError("fetch failed", {
    cause: new Error("client error (Connect): tcp connect error: Connection refused"),
  });
  const read = client([broken, Response.json(secret)]);
  assert.deepEqual(await hurried(() => read.kube.get(ref, { signal })), secret);
  const write = client([broken]);
  await assert.rejects(
    hurried(() => write.kube.create(secret, { signal })),
    (error) =>
      error instanceof KubeError && error.status === 0 && error.reason === "Unreachable" &&
      error.message.startsWith(
        "cannot create Secret ns/s: cannot reach the API server at https://api:6443: " +
          "tcp connect error: Connection refused. Check that it runs",
      ),
  );
  assert.equal(write.seen.length, 1);
});

Deno.test("a refused token is read again, once", async () => {
  const { kube, seen } = client([status(401), Response.json(secret)]);
  await kube.get(ref, { signal });
  assert.deepEqual(seen.map((each) => each.authorization), ["Bearer old", "Bearer new"]);
  const again = client([status(401), status(401, { message: "Unauthorized" })]);
  await assert.rejects(again.kube.get(ref, { signal }), /cannot get Secret ns\/s: Unauthorized/);
});

Deno.test("an error names verb, kind and object, and carries the causes", async () => {
  const causes = [{ reason: "FieldValueInvalid", field: "spec.replicas", message: "must be ≥ 0" }];
  const { kube } = client([
    status(422, { reason: "Invalid", message: "is invalid", details: { causes } }),
  ]);
  await assert.rejects(
    kube.patch(ref, { type: "merge", body: {}, signal }),
    (error) => {
      assert(error instanceof KubeError);
      assert.equal(error.message, "cannot patch Secret ns/s: is invalid");
      assert.deepEqual([error.status, error.reason, error.causes], [422, "Invalid", causes]);
      return true;
    },
  );
});

Deno.test("an answer that is no JSON is an error without the answer in it", async () => {
  const { kube } = client([new Response("hunter2 is the password")]);
  await assert.rejects(
    kube.get(ref, { signal }),
    (error) => error instanceof Error && !Deno.inspect(error).includes("hunter2"),
  );
});

Deno.test("an absent object is undefined to get and to delete", async () => {
  const { kube } = client([absent("s"), absent("s")]);
  assert.equal(await kube.get(ref, { signal }), undefined);
  assert.equal(await kube.delete(ref, { signal }), undefined);
});

Deno.test("a 404 that is not about the object does not mean that the object is absent", async () => {
  const others = () => [status(404), new Response("404 page not found", { status: 404 })];
  const { kube } = client([...others(), ...others(), absent("another")]);
  for (let index = 0; index < 2; index++) {
    await assert.rejects(kube.get(ref, { signal }), /cannot get Secret ns\/s/);
    await assert.rejects(kube.delete(ref, { signal }), /cannot delete Secret ns\/s/);
  }
  await assert.rejects(kube.delete(ref, { signal }), /cannot delete Secret ns\/s/);
});

/** How the API server says that there is no Secret of a name. */
function absent(name: string): Response {
  const message = `secrets "${name}" not found`;
  const body = { kind: "Status", code: 404, reason: "NotFound", message, details: { name } };
  return Response.json(body, { status: 404 });
}

Deno.test("a list follows its pages and gives items their kind", async () => {
  const page = (name: string, next?: string) =>
    Response.json({
      apiVersion: "v1",
      kind: "SecretList",
      metadata: { resourceVersion: "7", ...(next === undefined ? {} : { continue: next }) },
      items: [{ metadata: { name } }],
    });
  const { kube, seen } = client([page("a", "more"), page("b")]);
  const list = await kube.list({ apiVersion: "v1", kind: "Secret" }, { signal });
  assert.deepEqual(
    list.items.map((item) => `${item.apiVersion} ${item.kind} ${item.metadata.name}`),
    ["v1 Secret a", "v1 Secret b"],
  );
  assert.deepEqual(seen.map((each) => each.url), [
    "https://api:6443/api/v1/secrets?limit=500",
    "https://api:6443/api/v1/secrets?limit=500&continue=more",
  ]);
});

Deno.test("a list without items is empty", async () => {
  const { kube } = client([
    Response.json({ apiVersion: "v1", kind: "SecretList", metadata: {}, items: null }),
  ]);
  assert.deepEqual((await kube.list({ apiVersion: "v1", kind: "Secret" }, { signal })).items, []);
});

function untilAborted(init: RequestInit): Promise<Response> {
  return new Promise((_, reject) => {
    init.signal?.addEventListener("abort", () => reject(init.signal?.reason));
  });
}

Deno.test("a server that does not answer gives an error that says so", async () => {
  const { kube } = client([untilAborted], { timeoutMs: 2000 });
  await assert.rejects(
    hurried(() => kube.create(secret, { signal })),
    /cannot create Secret ns\/s: the API server at https:\/\/api:6443 did not answer in 2 s/,
  );
});

Deno.test("an aborted call throws the reason of the abort", async () => {
  const { kube } = client([untilAborted]);
  const stopping = new AbortController();
  const call = kube.get(ref, { signal: stopping.signal });
  await Promise.resolve();
  stopping.abort(new Error("shutdown"));
  await assert.rejects(call, /^Error: shutdown$/);
});

Deno.test("verbosity 8 writes a line for every request, without its body", async () => {
  const lines: string[] = [];
  const logger = createLogger({
    format: "text-noquote",
    verbosity: 8,
    now: () => new Date(0),
    write: (line) => lines.push(line),
  });
  const { kube } = client([Response.json(secret)], { logger });
  await kube.create({ ...secret, stringData: { password: "hunter2" } }, { signal });
  assert.equal(lines.length, 1);
  assert.match(
    lines[0] ?? "",
    /POST https:\/\/api:6443\/api\/v1\/namespaces\/ns\/secrets\?fieldManager=postgres-operator 200 in \d+ ms/,
  );
  assert.doesNotMatch(lines[0] ?? "", /hunter2|Bearer/);
});

Deno.test("requests are counted by verb, resource and status", async () => {
  const counted: string[] = [];
  const { kube } = client([absent("s"), Response.json(secret)], {
    onRequest: ({ verb, resource, status }) => counted.push(`${verb} ${resource} ${status}`),
  });
  await kube.get(ref, { signal });
  await kube.patch(ref, { type: "merge", body: {}, subresource: "status", signal });
  assert.deepEqual(counted, ["get secrets 404", "patch secrets/status 200"]);
});

function watchBody(...chunks: string[]): Response {
  const bytes = chunks.map((chunk) => new TextEncoder().encode(chunk));
  return new Response(ReadableStream.from(bytes));
}

async function watchAll(answer: Answer): Promise<string[]> {
  const { kube } = client([answer]);
  const events: string[] = [];
  const kind = { apiVersion: "v1", kind: "Secret" };
  for await (const event of kube.watch(kind, { resourceVersion: "7", signal })) {
    events.push(`${event.type} ${event.object.metadata.name}`);
  }
  return events;
}

const added = JSON.stringify({ type: "ADDED", object: secret });

Deno.test("a watch puts lines together that come in pieces", async () => {
  const text = `${added}\n${added.replace('"s"', '"ß"')}\n`;
  const bytes = new TextEncoder().encode(text);
  const cut = bytes.indexOf(0xc3) + 1;
  const answer = new Response(
    ReadableStream.from([bytes.slice(0, 10), bytes.slice(10, cut), bytes.slice(cut)]),
  );
  assert.deepEqual(await watchAll(answer), ["ADDED s", "ADDED ß"]);
});

Deno.test("half a line at the end of a watch is dropped", async () => {
  assert.deepEqual(await watchAll(watchBody(`${added}\n{"type":"ADD`)), ["ADDED s"]);
});

Deno.test("an ERROR line of a watch is thrown with its status", async () => {
  const line = JSON.stringify({
    type: "ERROR",
    object: { kind: "Status", code: 410, reason: "Expired", message: "too old" },
  });
  await assert.rejects(
    watchAll(watchBody(`${line}\n`)),
    (error) => error instanceof KubeError && error.status === 410 && error.reason === "Expired",
  );
});

Deno.test("a watch on which nothing comes for too long is given up", async () => {
  const { kube } = client([
    (init) =>
      Promise.resolve(
        new Response(
          new ReadableStream({
            start: (controller) =>
              init.signal?.addEventListener("abort", () => controller.error(init.signal?.reason)),
          }),
        ),
      ),
  ]);
  const kind = { apiVersion: "v1", kind: "Secret" };
  await assert.rejects(
    hurried(() => kube.watch(kind, { resourceVersion: "7", idleTimeoutMs: 1000, signal }).next()),
    /cannot watch secrets in all namespaces: nothing came for too long/,
  );
});

Deno.test("a watch that hears something now and then goes on, until it hears nothing for too long", async () => {
  const heard = 5;
  const { kube } = client([
    (init) =>
      Promise.resolve(
        new Response(
          new ReadableStream({
            start(controller) {
              init.signal?.addEventListener("abort", () => controller.error(init.signal?.reason));
              for (let time = 1; time <= heard; time++) {
                const line = {
                  type: "BOOKMARK",
                  object: { metadata: { resourceVersion: `${time}` } },
                };
                const bytes = new TextEncoder().encode(`${JSON.stringify(line)}\n`);
                setTimeout(() => controller.enqueue(bytes), time * 800);
              }
            },
          }),
        ),
      ),
  ]);
  const kind = { apiVersion: "v1", kind: "Secret" };
  let count = 0;
  let endMs = 0;
  await hurried(async () => {
    const events = kube.watch(kind, { resourceVersion: "7", idleTimeoutMs: 1000, signal });
    const startMs = performance.now();
    await assert.rejects(async () => {
      for await (const _ of events) count++;
    }, /nothing came for too long/);
    endMs = performance.now() - startMs;
  });
  assert.equal(count, heard);
  assert(endMs >= heard * 800 + 1000 && endMs < heard * 800 + 2000, `ended after ${endMs} ms`);
});

/** An answer without an end. */
function endless(status = 200): Response {
  const piece = new Uint8Array(1024 * 1024).fill(32);
  return new Response(new ReadableStream({ pull: (stream) => stream.enqueue(piece) }), { status });
}

Deno.test("an answer without an end is left after its limit and not asked for again", async () => {
  const { kube, seen } = client([endless()]);
  await assert.rejects(
    kube.get(ref, { signal }),
    /cannot get Secret ns\/s: the answer has more than 16777216 bytes/,
  );
  assert.equal(seen.length, 1);
});

Deno.test("of a failure only the beginning is read, and its words are cut", async () => {
  await assert.rejects(
    client([endless(422)]).kube.create(secret, { signal }),
    /Secret ns\/s: Invalid$/,
  );
  const long = client([status(422, { message: "x".repeat(100_000) })]);
  await assert.rejects(
    long.kube.create(secret, { signal }),
    (error) => error instanceof KubeError && error.message.length < 1100,
  );
});

Deno.test("a page that is too large is asked for again with fewer objects", async () => {
  const page = Response.json({ kind: "SecretList", metadata: {}, items: [secret] });
  const { kube, seen } = client([endless(), endless(), page]);
  const list = await kube.list({ apiVersion: "v1", kind: "Secret" }, { signal });
  assert.deepEqual(list.items, [secret]);
  const limits = seen.map(({ url }) => new URL(url).searchParams.get("limit"));
  assert.deepEqual(limits, ["500", "50", "5"]);
});
