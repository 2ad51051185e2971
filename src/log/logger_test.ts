import assert from "node:assert/strict";
import { createLogger, type LogOptions } from "./logger.ts";
import type { Level, LogRecord } from "./record.ts";
import { createLogRing } from "./ring.ts";

function record(
  options: Partial<LogOptions> = {},
): { lines: string[]; log: ReturnType<typeof createLogger> } {
  const lines: string[] = [];
  const log = createLogger({
    format: "text",
    verbosity: 0,
    now: () => new Date("2026-05-04T10:20:30.456Z"),
    write: (line) => lines.push(line),
    ...options,
  });
  return { lines, log };
}

Deno.test("a text line quotes what logrus quotes and sorts its fields", () => {
  const { lines, log } = record();
  log.with({ pkg: "cluster", "cluster-name": "ns/acid-x" }).info('say "hi"', { worker: 3 });
  assert.deepEqual(lines, [
    'time="2026-05-04T10:20:30Z" level=info msg="say \\"hi\\"" cluster-name=ns/acid-x pkg=cluster worker=3',
  ]);
});

Deno.test("LOG_NOQUOTE writes values as they are", () => {
  const { lines, log } = record({ format: "text-noquote" });
  log.warn("two words", { key: "a b" });
  assert.deepEqual(lines, ["time=2026-05-04T10:20:30Z level=warning msg=two words key=a b"]);
});

const FORGED = "a\ntime=2026 level=info msg=forged\r\u001b[2K\u2028\u0085\tend";

for (const format of ["text", "text-noquote", "json"] as const) {
  Deno.test(`no value makes a second line or a control character in ${format}`, () => {
    const { lines, log } = record({ format });
    log.info(FORGED, { peer: FORGED });
    assert.equal(lines.length, 1);
    // deno-lint-ignore no-control-regex -- control characters are what must not be there
    assert.doesNotMatch(lines[0] ?? "", /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
    if (format !== "json") return;
    assert.deepEqual(JSON.parse(lines[0] ?? "").msg, FORGED);
  });
}

Deno.test("a JSON line holds message, level, time and fields by name", () => {
  const { lines, log } = record({ format: "json" });
  log.error("no", { worker: 1, msg: "mine" });
  assert.deepEqual(JSON.parse(lines[0] ?? ""), {
    "fields.msg": "mine",
    level: "error",
    msg: "no",
    time: "2026-05-04T10:20:30Z",
    worker: 1,
  });
});

Deno.test("only lines of the level and above are written", () => {
  const written = (level: Level) => {
    const { lines, log } = record();
    log.setLevel(level);
    for (const write of [log.error, log.warn, log.info, log.debug]) write("x");
    return lines.length;
  };
  assert.deepEqual(
    (["error", "warning", "info", "debug"] as const).map(written),
    [1, 2, 3, 4],
  );
});

Deno.test("a derived logger follows a later change of the level", () => {
  const { lines, log } = record();
  const derived = log.with({ pkg: "kube" });
  derived.debug("hidden");
  log.setLevel("debug");
  derived.debug("shown");
  assert.equal(lines.length, 1);
});

Deno.test("verbosity 8 is reached by -v 8 and not by -v 7", () => {
  assert.equal(record({ verbosity: 8 }).log.verbose(8), true);
  assert.equal(record({ verbosity: 7 }).log.verbose(8), false);
});

function line(message: string, fields: LogRecord["fields"]): LogRecord {
  return { time: new Date("2026-05-04T10:20:30Z"), level: "info", message, fields };
}

Deno.test("the ring keeps the last lines by cluster and by worker in the debug API's shape", () => {
  const ring = createLogRing(2);
  for (const message of ["a", "b", "c"]) {
    ring.add(line(message, { "cluster-name": "ns/x", worker: 4 }));
  }
  const shared = { Time: "2026-05-04T10:20:30.000Z", Level: "info" };
  assert.deepEqual(ring.ofCluster("ns/x"), [
    { ...shared, Worker: 4, Message: "b" },
    { ...shared, Worker: 4, Message: "c" },
  ]);
  assert.deepEqual(ring.ofWorker(4), [
    { ...shared, ClusterName: "ns/x", Message: "b" },
    { ...shared, ClusterName: "ns/x", Message: "c" },
  ]);
});

Deno.test("the ring forgets a cluster and does not keep lines about none", () => {
  const ring = createLogRing(5);
  ring.add(line("about nothing", { worker: 1 }));
  ring.add(line("a", { "cluster-name": "ns/x" }));
  assert.equal(ring.ofWorker(1), undefined);
  assert.equal(ring.ofCluster("ns/x")?.length, 1);
  ring.forget("ns/x");
  assert.equal(ring.ofCluster("ns/x"), undefined);
});

Deno.test("a smaller ring takes effect with the next line", () => {
  const ring = createLogRing(5);
  for (const message of ["a", "b", "c"]) ring.add(line(message, { "cluster-name": "ns/x" }));
  ring.setSize(1);
  ring.add(line("d", { "cluster-name": "ns/x" }));
  assert.deepEqual(ring.ofCluster("ns/x")?.map((entry) => entry.Message), ["d"]);
});
