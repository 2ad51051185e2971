import assert from "node:assert/strict";
import FakeTimers from "@sinonjs/fake-timers";
import type { ChangeEvent } from "../client.ts";
import { KubeError } from "../errors.ts";
import type { KubeList, KubeObject } from "../../../kubernetes/types.gen.ts";
import { follow, type FollowEvent } from "./watch.ts";

type WatchLine = ChangeEvent | KubeError;
type Script =
  | { list: KubeList<KubeObject> | KubeError; next?: string }
  | { watch: string; lines: WatchLine[]; lastsMs?: number };

function pod(name: string, resourceVersion: string): KubeObject {
  return { apiVersion: "v1", kind: "Pod", metadata: { name, resourceVersion } };
}

function page(names: string[], resourceVersion: string, next?: string): KubeList<KubeObject> {
  const metadata = { resourceVersion, ...(next === undefined ? {} : { continue: next }) };
  return { apiVersion: "v1", kind: "PodList", metadata, items: names.map((n) => pod(n, "1")) };
}

function refusal(status: number, reason: string): KubeError {
  return new KubeError(`refused: ${reason}`, { status, reason });
}

function bookmark(resourceVersion: string): ChangeEvent {
  return { type: "BOOKMARK", object: pod("", resourceVersion) };
}

function show(event: FollowEvent): string {
  switch (event.type) {
    case "Failed":
      return `Failed ${event.during} ${event.error.reason}`;
    case "InitDone":
      return `InitDone ${event.resourceVersion}`;
    case "Init":
      return "Init";
    default:
      return `${event.type} ${event.object.metadata.name}`;
  }
}

/** Plays the script; stops when it is used up and tells the events and the time between requests. */
async function play(script: Script[]): Promise<{ events: string[]; pausesMs: number[] }> {
  const clock = FakeTimers.install({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  const ending = new AbortController();
  const rest = [...script];
  const askedAtMs: number[] = [];
  const take = () => {
    askedAtMs.push(performance.now());
    const entry = rest.shift();
    if (entry === undefined) {
      ending.abort();
      throw refusal(0, "ScriptEnded");
    }
    return entry;
  };
  const source = {
    listPage(next: string | undefined) {
      const entry = take();
      assert.ok("list" in entry, `unexpected list (${next})`);
      assert.equal(next, entry.next);
      return entry.list instanceof KubeError
        ? Promise.reject(entry.list)
        : Promise.resolve(entry.list);
    },
    async *watch(resourceVersion: string) {
      const entry = take();
      assert.ok("watch" in entry, `unexpected watch from ${resourceVersion}`);
      assert.equal(resourceVersion, entry.watch);
      for (const line of entry.lines) {
        if (line instanceof KubeError) throw line;
        yield line;
      }
      if (entry.lastsMs !== undefined) {
        await new Promise((resolve) => setTimeout(resolve, entry.lastsMs));
      }
    },
  };
  const events: string[] = [];
  const running = (async () => {
    for await (const event of follow(source, { signal: ending.signal, random: () => 1 })) {
      events.push(show(event));
    }
  })();
  try {
    while (!ending.signal.aborted) await clock.tickAsync(100);
    await running;
  } finally {
    clock.uninstall();
  }
  const pausesMs = askedAtMs.slice(1).map((at, index) => at - (askedAtMs[index] ?? 0));
  return { events, pausesMs };
}

Deno.test("a list of several pages is told as one initial state", async () => {
  const { events } = await play([
    { list: page(["a", "b"], "7", "more") },
    { list: page(["c"], "7"), next: "more" },
  ]);
  assert.deepEqual(events.slice(0, 5), [
    "Init",
    "InitApply a",
    "InitApply b",
    "InitApply c",
    "InitDone 7",
  ]);
});

Deno.test("changes are told in the server's order", async () => {
  const { events } = await play([
    { list: page([], "7") },
    {
      watch: "7",
      lines: [
        { type: "ADDED", object: pod("a", "8") },
        { type: "MODIFIED", object: pod("a", "9") },
        { type: "DELETED", object: pod("a", "10") },
      ],
    },
  ]);
  assert.deepEqual(events.slice(2, 5), ["Apply a", "Apply a", "Delete a"]);
});

Deno.test("a bookmark moves the place where a broken watch is resumed", async () => {
  const { events } = await play([
    { list: page([], "7") },
    { watch: "7", lines: [bookmark("50"), refusal(0, "Disconnected")] },
    { watch: "50", lines: [{ type: "ADDED", object: pod("a", "51") }] },
  ]);
  assert.deepEqual(events.slice(0, 4), [
    "Init",
    "InitDone 7",
    "Failed watch Disconnected",
    "Apply a",
  ]);
});

Deno.test("a watch that the server ends after its time is resumed at once", async () => {
  const { events, pausesMs } = await play([
    { list: page([], "7") },
    { watch: "7", lines: [{ type: "ADDED", object: pod("a", "8") }], lastsMs: 60_000 },
    { watch: "8", lines: [] },
  ]);
  assert.equal(pausesMs[1], 60_000);
  assert.deepEqual(events.slice(0, 3), ["Init", "InitDone 7", "Apply a"]);
});

Deno.test("a watch that the server ends at once is not asked for in a tight loop", async () => {
  const { pausesMs } = await play([
    { list: page([], "7") },
    { watch: "7", lines: [] },
    { watch: "7", lines: [] },
  ]);
  assert.deepEqual(pausesMs.slice(1), [800, 1600]);
});

Deno.test("410 makes it list again", async () => {
  const { events } = await play([
    { list: page(["old"], "7") },
    { watch: "7", lines: [refusal(410, "Expired")] },
    { list: page(["new"], "90") },
    { watch: "90", lines: [bookmark("91")] },
  ]);
  assert.deepEqual(events.slice(3, 7), [
    "Failed watch Expired",
    "Init",
    "InitApply new",
    "InitDone 90",
  ]);
});

Deno.test("an expired continue token starts the list again", async () => {
  const { events } = await play([
    { list: page(["a"], "7", "more") },
    { list: refusal(410, "Expired"), next: "more" },
    { list: page(["b"], "9") },
  ]);
  assert.deepEqual(events.slice(0, 6), [
    "Init",
    "InitApply a",
    "Failed list Expired",
    "Init",
    "InitApply b",
    "InitDone 9",
  ]);
});

Deno.test("pauses double up to half a minute and shrink once the server answers", async () => {
  const down = refusal(0, "Unreachable");
  const { pausesMs } = await play([
    ...Array.from({ length: 8 }, () => ({ list: down })),
    { list: page([], "7") },
    { watch: "7", lines: [down] },
    { watch: "7", lines: [] },
  ]);
  assert.deepEqual(pausesMs.slice(0, 8), [800, 1600, 3200, 6400, 12800, 25600, 30000, 30000]);
  assert.equal(pausesMs[9], 800);
});

Deno.test("a consumer that stops closes the watch", async () => {
  let closed = false;
  const source = {
    listPage: () => Promise.resolve(page([], "7")),
    async *watch() {
      try {
        yield { type: "ADDED" as const, object: pod("a", "8") };
        await new Promise(() => {});
      } finally {
        closed = true;
      }
    },
  };
  for await (const event of follow(source, { signal: new AbortController().signal })) {
    if (event.type === "Apply") break;
  }
  assert.equal(closed, true);
});

Deno.test("a programming error is not taken for a failed request", async () => {
  const source = {
    listPage: () => Promise.reject(new TypeError("bug")),
    async *watch() {},
  };
  await assert.rejects(async () => {
    for await (const _ of follow(source, { signal: new AbortController().signal }));
  }, TypeError);
});
