import assert from "node:assert/strict";
import { createLogger } from "../../log/logger.ts";
import type { KubeWriter } from "../../ports/ports.ts";
import { KubeError } from "./errors.ts";
import { createEventRecorder, eventOf } from "./events.ts";
import type { KubeObject } from "../../kubernetes/types.gen.ts";

const cluster: KubeObject = {
  apiVersion: "acid.zalan.do/v1",
  kind: "postgresql",
  metadata: { namespace: "ns", name: "acid-x", uid: "u1", resourceVersion: "7" },
};
const note = { type: "Warning" as const, reason: "Sync", message: "could not sync" };

function recorder(failures: (KubeError | undefined)[] = []) {
  const sent: string[] = [];
  const log: string[] = [];
  const bodies: unknown[] = [];
  const act = (call: string, body: KubeObject) => {
    sent.push(call);
    bodies.push(body);
    const failure = failures.shift();
    return failure === undefined ? Promise.resolve(body) : Promise.reject(failure);
  };
  const writer: Partial<KubeWriter> = {
    create: (object) => act("create", object),
    patch: ({ target, body }) => act(`patch ${target.name}`, body as KubeObject),
  };
  const events = createEventRecorder({
    writer: writer as KubeWriter,
    logger: createLogger({
      format: "text-noquote",
      verbosity: 0,
      now: () => new Date(0),
      write: (line) => log.push(line),
    }),
    controllerId: "blue",
    now: () => new Date("2026-05-04T10:20:30.456Z"),
  });
  return { events, sent, log, bodies };
}

Deno.test("an Event says what it is about, where it comes from and when", () => {
  const event = eventOf(cluster, note, {
    time: new Date("2026-05-04T10:20:30.456Z"),
    component: "postgres-operator/blue",
  });
  const { name, ...metadata } = event.metadata;
  assert.match(name ?? "", /^acid-x\.[0-9a-f]{16}$/);
  assert.deepEqual({ ...event, metadata }, {
    apiVersion: "v1",
    kind: "Event",
    metadata: { namespace: "ns" },
    involvedObject: {
      apiVersion: "acid.zalan.do/v1",
      kind: "postgresql",
      namespace: "ns",
      name: "acid-x",
      uid: "u1",
      resourceVersion: "7",
    },
    type: "Warning",
    reason: "Sync",
    message: "could not sync",
    source: { component: "postgres-operator/blue" },
    reportingComponent: "postgres-operator/blue",
    reportingInstance: "",
    firstTimestamp: "2026-05-04T10:20:30Z",
    lastTimestamp: "2026-05-04T10:20:30Z",
    count: 1,
  });
});

Deno.test("two Events of the same millisecond have different names", () => {
  const from = { time: new Date(1e12), component: "postgres-operator" };
  const names = [1, 2].map(() => eventOf(cluster, note, from).metadata.name);
  assert.notEqual(names[0], names[1]);
});

Deno.test("an Event about a cluster-scoped object goes to the default namespace", () => {
  const node = { apiVersion: "v1", kind: "Node", metadata: { name: "n" } };
  const event = eventOf(node, note, { time: new Date(1e12), component: "x" });
  assert.equal(event.metadata.namespace, "default");
});

Deno.test("a very long message is cut", () => {
  const event = eventOf(cluster, { ...note, message: "x".repeat(5000) }, {
    time: new Date(1e12),
    component: "x",
  });
  assert.equal(String(event["message"]).length, 1024);
});

Deno.test("a repeated Event is counted up, another message is a new Event", async () => {
  const { events, sent, bodies } = recorder();
  for (const message of ["a", "a", "b", "a"]) events.emit(cluster, { ...note, message });
  await events.drained();
  const first = (bodies[0] as KubeObject).metadata.name;
  assert.deepEqual(sent, ["create", `patch ${first}`, "create", `patch ${first}`]);
  assert.deepEqual(bodies[3], { count: 3, lastTimestamp: "2026-05-04T10:20:30Z" });
});

Deno.test("an Event that has ended is recreated", async () => {
  const gone = new KubeError("gone", { status: 404, reason: "NotFound" });
  const { events, sent } = recorder([undefined, gone]);
  events.emit(cluster, note);
  events.emit(cluster, note);
  await events.drained();
  assert.deepEqual(sent.map((call) => call.split(" ")[0]), ["create", "patch", "create"]);
});

Deno.test("an Event that cannot be sent is logged, and the next one is sent", async () => {
  const { events, sent, log } = recorder([
    new KubeError("cannot create Event ns/x: forbidden", { status: 403, reason: "Forbidden" }),
  ]);
  events.emit(cluster, note);
  events.emit(cluster, { ...note, reason: "Other" });
  await events.drained();
  assert.equal(sent.length, 2);
  assert.equal(log.length, 1);
  assert.match(log[0] ?? "", /level=warning .*cannot send Event Sync: .*forbidden/);
});

Deno.test("Events beyond a thousand are dropped with a line in the log", async () => {
  const { events, sent, log } = recorder();
  for (let index = 0; index < 1002; index++) {
    events.emit(cluster, { ...note, message: String(index) });
  }
  await events.drained();
  // The first is under way and waits no more.
  assert.equal(sent.length, 1001);
  assert.equal(log.length, 1);
});

Deno.test("nothing is sent after stop", async () => {
  const { events, sent } = recorder();
  await events.stop();
  events.emit(cluster, note);
  await events.drained();
  assert.deepEqual(sent, []);
});
