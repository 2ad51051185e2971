import { deepStrictEqual as equal, ok } from "node:assert/strict";
import type { ExecRequest, RunningContainer } from "../runtime.ts";
import { answerExec } from "../stub/exec.ts";
import type { ByteChannel } from "./byte_channel.ts";
import { type DataFrame, dataFrames, spdyClient } from "./spdy_client.fixture.ts";
import { serveSpdyExec } from "./spdy_exec.ts";

const CONTAINER = {
  exec: (request: ExecRequest) =>
    Promise.resolve(
      answerExec(request, {
        namespace: "shop",
        pod: "db-0",
        container: "postgres",
        command: request.command,
      }, []),
    ),
} as unknown as RunningContainer;

/** A channel whose other end is the test. */
function channelPair() {
  const received: number[] = [];
  const closed = Promise.withResolvers<void>();
  let hear: (bytes: Uint8Array) => void = () => {};
  const channel: ByteChannel = {
    send: (bytes) => void received.push(...bytes),
    drained: () => Promise.resolve(),
    onBytes: (listener) => void (hear = listener),
    onClose: (listener) => void closed.promise.then(listener),
    close: () => closed.resolve(),
  };
  return {
    channel,
    closed: closed.promise,
    send: (bytes: Uint8Array) => hear(bytes),
    received: () => new Uint8Array(received),
  };
}

const STREAMS = ["error", "stdin", "stdout", "stderr"];

/** Runs a command as an API server does; frames arrive in pieces of so many bytes. */
async function run(
  command: string,
  { stdin, pieceBytes }: { readonly stdin?: string; readonly pieceBytes: number },
): Promise<(kind: string) => DataFrame[]> {
  const words = command.split(" ").map((word) => ["command", word]);
  const query = new URLSearchParams([...words, ["output", "1"], ["error", "1"]]);
  if (stdin !== undefined) query.set("input", "1");
  const pair = channelPair();
  const client = spdyClient();
  serveSpdyExec(pair.channel, CONTAINER, query);
  const kinds = STREAMS.filter((kind) => stdin !== undefined || kind !== "stdin");
  const idOf = (kind: string) => 1 + 2 * kinds.indexOf(kind);
  const sent: number[] = [...client.ping()];
  for (const kind of kinds) sent.push(...await client.open(idOf(kind), { streamType: kind }));
  if (stdin !== undefined) {
    sent.push(...client.data(idOf("stdin"), stdin), ...client.data(idOf("stdin"), "", true));
  }
  for (let at = 0; at < sent.length; at += pieceBytes) {
    pair.send(new Uint8Array(sent.slice(at, at + pieceBytes)));
  }
  await pair.closed;
  client.close();
  const frames = dataFrames(pair.received());
  return (kind) => frames.filter(({ id }) => id === idOf(kind));
}

const textOf = (frames: DataFrame[]) => frames.map(({ text }) => text).join("");

for (const pieceBytes of [1, 7, 100_000]) {
  Deno.test(`a command runs over SPDY that comes in pieces of ${pieceBytes} bytes`, async () => {
    const of = await run("cat", { stdin: "hello from the other side", pieceBytes });
    equal(textOf(of("stdout")), "hello from the other side");
    equal(JSON.parse(textOf(of("error"))), { metadata: {}, status: "Success" });
    for (const kind of ["stdout", "stderr", "error"]) ok(of(kind).at(-1)?.isLast, kind);
  });
}

Deno.test("a command over SPDY tells its exit code, and begins without standard input", async () => {
  const of = await run("exit 3", { pieceBytes: 64 });
  const status = JSON.parse(textOf(of("error")));
  equal(status.details, { causes: [{ reason: "ExitCode", message: "3" }] });
  equal(textOf(of("stdout")), "");
  const failed = await run("echo broken >&2", { pieceBytes: 64 });
  equal(textOf(failed("stderr")), "broken\n");
});
