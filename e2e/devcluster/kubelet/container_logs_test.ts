import { deepStrictEqual as equal } from "node:assert/strict";
import { type ContainerLog, containerLogs, type ReadLogOptions } from "./container_logs.ts";

const encode = (text: string) => new TextEncoder().encode(text);

async function read(log: ContainerLog, options: ReadLogOptions = {}): Promise<string> {
  return await new Response(log.read(options)).text();
}

async function withLogs(
  run: (begin: () => ContainerLog, logs: ReturnType<typeof containerLogs>) => Promise<void>,
): Promise<void> {
  const directory = await Deno.makeTempDir();
  const logs = containerLogs();
  try {
    await run(() => logs.begin({ podUid: "u", container: "c", directory }), logs);
  } finally {
    logs.forget("u");
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test("a log keeps whole lines of both streams and serves a part of them", () =>
  withLogs(async (begin) => {
    const log = begin();
    log.append("stdout", encode("one\ntw"));
    log.append("stderr", encode("oops\n"));
    log.append("stdout", encode("o\nthree"));
    log.close();
    const rows: [ReadLogOptions, string][] = [
      [{}, "one\noops\ntwo\nthree\n"],
      [{ tailLines: 2 }, "two\nthree\n"],
      [{ tailLines: 0 }, ""],
      [{ limitBytes: 5 }, "one\no"],
      [{ sinceMs: Date.now() + 60_000 }, ""],
      [{ follow: true }, "one\noops\ntwo\nthree\n"],
    ];
    for (const [options, want] of rows) {
      equal(await read(log, options), want, JSON.stringify(options));
    }
  }));

Deno.test("a follower gets what comes later, until the container ends", () =>
  withLogs(async (begin) => {
    const log = begin();
    log.append("stdout", encode("before\n"));
    const text = read(log, { follow: true });
    log.append("stdout", encode("after\n"));
    log.close();
    equal(await text, "before\nafter\n");
  }));

Deno.test("after a restart the log of the start before is the previous one", () =>
  withLogs(async (begin, logs) => {
    begin().append("stdout", encode("first\n"));
    begin().append("stdout", encode("second\n"));
    const key = { podUid: "u", container: "c", directory: "" };
    equal(await read(logs.find(key, "previous")!), "first\n");
    equal(await read(logs.find(key, "current")!), "second\n");
    equal(logs.find({ ...key, container: "other" }, "current"), undefined);
  }));
