import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { Sensitive } from "../../../lib/sensitive.ts";
import type { KubeConnection } from "../connection/connection.ts";
import { KubeError } from "../errors.ts";
import { createPodExec, execTarget } from "./exec.ts";
import { createFrameParser, type Frame, maskedFrame, OPCODE } from "./websocket_frames.ts";

const signal = new AbortController().signal;
const pod = { namespace: "ns", name: "acid-x-0", ip: "10.1.2.3" };
const exec = { pod, container: "postgres", command: ["/bin/bash", "-c", "id -u"] };

/** What a server sees and does after the handshake. */
interface Server {
  readonly connection: KubeConnection;
  readonly requests: string[];
  readonly frames: Frame[];
}

/** A frame as servers send it: without a mask. */
function frame(opcode: number, payload: Uint8Array, final = true): Uint8Array {
  const head = payload.length < 126
    ? [payload.length]
    : [126, payload.length >> 8, payload.length & 255];
  return new Uint8Array([(final ? 0x80 : 0) | opcode, ...head, ...payload]);
}

function message(channel: number, text: string): Uint8Array {
  return frame(OPCODE.binary, new Uint8Array([channel, ...new TextEncoder().encode(text)]));
}

const CLOSE = frame(OPCODE.close, new Uint8Array([3, 232]));

/** An in-memory server; `refuse` answers handshakes in turn, then `chunks` are sent. */
function server(
  chunks: Uint8Array[],
  refuse: string[] = [],
  protocol = "v5.channel.k8s.io",
): Server {
  const requests: string[] = [];
  const frames: Frame[] = [];
  const tokens = ["old", "new"];
  const dial = () => {
    const parser = createFrameParser();
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>(
      undefined,
      { highWaterMark: 100 },
      { highWaterMark: 100 },
    );
    const writer = writable.getWriter();
    let upgraded = false;
    const write = async (bytes: Uint8Array) => {
      if (upgraded) return void frames.push(...parser.take(bytes));
      upgraded = true;
      const request = new TextDecoder().decode(bytes);
      requests.push(request);
      const refusal = refuse.shift();
      if (refusal !== undefined) return await writer.write(new TextEncoder().encode(refusal));
      const key = /Sec-WebSocket-Key: (.*)\r\n/.exec(request)?.[1] ?? "";
      const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`);
      const head = "HTTP/1.1 101 Switching Protocols\r\n" +
        `Sec-WebSocket-Accept: ${accept.digest("base64")}\r\n` +
        `Sec-WebSocket-Protocol: ${protocol}\r\n\r\n`;
      const [first = new Uint8Array(), ...rest] = chunks;
      // The first message may come together with the head.
      await writer.write(new Uint8Array([...new TextEncoder().encode(head), ...first]));
      for (const chunk of rest) await writer.write(chunk);
    };
    const close = () => void writer.close().catch(() => {});
    return Promise.resolve({ readable, write, close });
  };
  const connection = {
    server: "https://api:6443/base/",
    headers: () => Promise.resolve({ authorization: `Bearer ${tokens[0]}` }),
    forgetToken: () => void tokens.shift(),
    dial,
  } as unknown as KubeConnection;
  return { connection, requests, frames };
}

/** The end of a command comes without kind and apiVersion. */
function end(body: object): string {
  return JSON.stringify({ metadata: {}, ...body });
}

const success = message(3, end({ status: "Success" }));

Deno.test("exec asks for the container, the streams and each word of the command", () => {
  assert.equal(
    execTarget(exec),
    "/api/v1/namespaces/ns/pods/acid-x-0/exec?container=postgres&stdout=true&stderr=true" +
      "&command=%2Fbin%2Fbash&command=-c&command=id+-u",
  );
});

Deno.test("exec gives what the command printed and how it ended", async () => {
  const { connection, requests } = server([
    message(1, "0\n"),
    message(2, "warning\n"),
    message(1, "1\n"),
    success,
    CLOSE,
  ]);
  assert.deepEqual(await createPodExec(connection).exec(exec, signal), {
    exitCode: 0,
    stdout: "0\n1\n",
    stderr: "warning\n",
  });
  assert.match(requests[0] ?? "", /^GET \/base\/api\/v1\/namespaces\/ns\/pods\/acid-x-0\/exec\?/);
  assert.match(requests[0] ?? "", /\r\nHost: api:6443\r\n/);
  assert.match(requests[0] ?? "", /\r\nauthorization: Bearer old\r\n/);
  assert.match(requests[0] ?? "", /Protocol: v5\.channel\.k8s\.io, v4\.channel\.k8s\.io\r\n/);
});

for (
  const [protocol, want] of [
    ["v5.channel.k8s.io", [[0, 195, 159, 10], [255, 0]]],
    ["v4.channel.k8s.io", [[0, 195, 159, 10]]],
  ] as const
) {
  Deno.test(`input goes to the command on its own channel, by ${protocol}, and into no address`, async () => {
    const { connection, requests, frames } = server([success, CLOSE], [], protocol);
    const stdin = new Sensitive("ß\n");
    await createPodExec(connection).exec({ ...exec, stdin }, signal);
    const sent = frames.filter(({ opcode }) => opcode === OPCODE.binary);
    assert.deepEqual(sent.map(({ payload }) => [...payload]), want);
    const [target = ""] = (requests[0] ?? "").split("\r\n");
    assert.match(target, /[?&]stdin=true&/);
    assert.doesNotMatch(target, /%C3|ß/);
  });
}

Deno.test("exec gives the exit code of a command that failed", async () => {
  const failure = end({
    status: "Failure",
    reason: "NonZeroExitCode",
    details: { causes: [{ reason: "ExitCode", message: "7" }] },
  });
  const { connection } = server([message(3, failure), CLOSE]);
  assert.equal((await createPodExec(connection).exec(exec, signal)).exitCode, 7);
});

for (
  const [name, chunks, want] of [
    [
      "a command that could not be started",
      [
        message(3, end({ status: "Failure", code: 500, message: "no such container" })),
        CLOSE,
      ],
      /cannot run a command in container postgres of Pod ns\/acid-x-0: no such container/,
    ],
    [
      "an end without an exit status",
      [message(1, "half"), CLOSE],
      /the connection ended before the command's exit status came/,
    ],
  ] as const
) {
  Deno.test(`${name} is an error, not exit code 0`, async () => {
    await assert.rejects(
      createPodExec(server([...chunks]).connection).exec(exec, signal),
      (error) => error instanceof KubeError && want.test(error.message),
    );
  });
}

Deno.test("a refused handshake tells the server's words", async () => {
  const body = JSON.stringify({
    kind: "Status",
    code: 403,
    reason: "Forbidden",
    message: "may not",
  });
  const { connection } = server([], [
    `HTTP/1.1 403 Forbidden\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  ]);
  await assert.rejects(
    createPodExec(connection).exec(exec, signal),
    (error) =>
      error instanceof KubeError && error.status === 403 && error.message.endsWith(": may not"),
  );
});

Deno.test("a refused token is read again for a second handshake", async () => {
  const refusal = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n";
  const { connection, requests } = server([success, CLOSE], [refusal]);
  await createPodExec(connection).exec(exec, signal);
  assert.match(requests[1] ?? "", /Bearer new/);
});

Deno.test("a ping is answered and a message in pieces is put together", async () => {
  const text = new TextEncoder().encode("ab");
  const { connection, frames } = server([
    frame(OPCODE.ping, text),
    frame(OPCODE.binary, new Uint8Array([1, ...text]), false),
    frame(OPCODE.continuation, text),
    success,
    CLOSE,
  ]);
  assert.equal((await createPodExec(connection).exec(exec, signal)).stdout, "abab");
  assert.deepEqual(frames[0], { final: true, opcode: OPCODE.pong, payload: text });
});

Deno.test("characters that are cut by messages are put together", async () => {
  const [first = 0, second = 0] = new TextEncoder().encode("ß");
  const { connection } = server([
    frame(OPCODE.binary, new Uint8Array([1, first])),
    frame(OPCODE.binary, new Uint8Array([1, second])),
    success,
    CLOSE,
  ]);
  assert.equal((await createPodExec(connection).exec(exec, signal)).stdout, "ß");
});

Deno.test("an aborted exec throws the reason of the abort", async () => {
  const stopping = new AbortController();
  const { connection } = server([message(1, "waiting")]);
  const running = createPodExec(connection).exec(exec, stopping.signal);
  setTimeout(() => stopping.abort(new Error("shutdown")), 1);
  await assert.rejects(running, /^Error: shutdown$/);
});

for (
  const [name, sizes, cuts] of [
    ["small", fc.nat(200), fc.integer({ min: 1, max: 9 })],
    ["large", fc.constantFrom(125, 126, 65_535, 65_536), fc.integer({ min: 1000, max: 50_000 })],
  ] as const
) {
  Deno.test(`${name} frames are read however they are cut`, () => {
    fc.assert(
      fc.property(fc.array(sizes, { maxLength: 4 }), cuts, (all, cut) => {
        const payloads = all.map((size) => new Uint8Array(size).fill(size % 251));
        const bytes = new Uint8Array(
          payloads.flatMap((payload) => [...maskedFrame(OPCODE.binary, payload)]),
        );
        const parser = createFrameParser();
        const frames: Frame[] = [];
        for (let at = 0; at < bytes.length; at += cut) {
          frames.push(...parser.take(bytes.slice(at, at + cut)));
        }
        assert.deepEqual(frames.map((each) => each.payload), payloads);
      }),
      { numRuns: 20 },
    );
  });
}

for (
  const [name, chunks, refuse] of [
    ["a command that never ends", [message(1, "waiting")], []],
    ["a handshake that is answered by halves", [], ["HTTP/1.1 101 Switching"]],
  ] as const
) {
  Deno.test(`${name} is given up after its time`, async () => {
    const { connection } = server([...chunks], [...refuse]);
    await assert.rejects(
      createPodExec(connection).exec({ ...exec, timeoutMs: 20 }, signal),
      (error) =>
        error instanceof KubeError && error.reason === "Timeout" && error.message ===
          "cannot run a command in container postgres of Pod ns/acid-x-0: " +
            "it did not end within 0.02 s",
    );
  });
}

Deno.test("a connection that cannot be made does not outlast a command's time", async () => {
  const connection = { dial: () => new Promise(() => {}) } as unknown as KubeConnection;
  const port = createPodExec(connection, { timeoutMs: 20 });
  await assert.rejects(port.exec(exec, signal), /it did not end within 0\.02 s/);
});

Deno.test("of what a command prints the beginning is kept, and its end is still seen", async () => {
  const line = message(1, "x".repeat(60_000));
  const { connection } = server([...Array.from({ length: 20 }, () => line), success, CLOSE]);
  const { stdout, exitCode } = await createPodExec(connection).exec(exec, signal);
  assert.equal(stdout.length, 64 * 1024);
  assert.equal(exitCode, 0);
});

Deno.test("a frame or message of more than a megabyte ends the connection", async () => {
  const huge = new Uint8Array([0x82, 127, 0, 0, 0, 0, 0x40, 0, 0, 0]);
  const piece = frame(OPCODE.continuation, new Uint8Array(60_000), false);
  const endless = Array.from({ length: 20 }, () => piece);
  for (const [chunks, want] of [[[huge], /is too large/], [endless, /is too large/]] as const) {
    const { connection } = server([...chunks]);
    await assert.rejects(createPodExec(connection).exec(exec, signal), want);
  }
});
