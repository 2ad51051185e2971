/** What many visitors cost Kubernetes, and when what is known counts no longer. */

import assert from "node:assert/strict";
import type { ChangeEvent } from "../clients/kube/client.ts";
import { KubeError } from "../clients/kube/errors.ts";
import type { KubeObject } from "../kubernetes/types.gen.ts";
import { type Clock, createFollowed, type Followed, type Reading } from "./followed.ts";

/** Time that a test moves. */
function handClock(): Clock & { move(ms: number): void } {
  let nowMs = 0;
  const timers = new Map<() => void, number>();
  return {
    now: () => nowMs,
    after(ms, then) {
      timers.set(then, nowMs + ms);
      return () => timers.delete(then);
    },
    move(ms) {
      nowMs += ms;
      for (const [then, at] of [...timers]) if (at <= nowMs) timers.delete(then) && then();
    },
  };
}

function object(name: string): KubeObject {
  const kind = { apiVersion: "acid.zalan.do/v1", kind: "postgresql" };
  return { ...kind, metadata: { namespace: "shop", name, resourceVersion: "2" } } as KubeObject;
}

function refusal(): KubeError {
  return new KubeError("it may not", { status: 403, reason: "Forbidden" });
}

/** Kubernetes as one visitor sees it. */
interface Server extends Reading {
  readonly asked: string[];
  names: string[];
  listFails: KubeError | undefined;
  watchFails: KubeError | undefined;
  readonly send: (event: ChangeEvent) => void;
}

function server(names: string[]): Server {
  const asked: string[] = [];
  let waiting: ((event: ChangeEvent) => void) | undefined;
  const self: Server = {
    asked,
    names,
    listFails: undefined,
    watchFails: undefined,
    send: (event) => waiting?.(event),
    check() {
      asked.push("check");
      return self.listFails === undefined ? Promise.resolve() : Promise.reject(self.listFails);
    },
    source: (signal) => ({
      listPage() {
        asked.push("list");
        if (self.listFails !== undefined) return Promise.reject(self.listFails);
        const metadata = { resourceVersion: "1" };
        return Promise.resolve({ items: self.names.map(object), metadata } as never);
      },
      async *watch() {
        asked.push("watch");
        if (self.watchFails !== undefined) throw self.watchFails;
        while (!signal.aborted) {
          const next = Promise.withResolvers<ChangeEvent | undefined>();
          waiting = next.resolve;
          signal.addEventListener("abort", () => next.resolve(undefined), { once: true });
          const event = await next.promise;
          if (event === undefined) return;
          yield event;
        }
      },
    }),
  };
  return self;
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

async function names(followed: Followed, reading: Reading, key = "a"): Promise<string[]> {
  return (await followed.clusters(key, reading)).map(({ metadata }) => metadata.name!).sort();
}

async function following(
  run: (followed: Followed, clock: ReturnType<typeof handClock>) => Promise<void>,
): Promise<void> {
  const clock = handClock();
  const followed = createFollowed(clock);
  try {
    await run(followed, clock);
  } finally {
    followed.drop(() => true);
    await turn();
  }
}

Deno.test("fifty visitors of the same rights cost one list and one watch, for as long as they look", () =>
  following(async (followed, clock) => {
    const kube = server(["b", "a"]);
    for (let second = 0; second < 50; second++) {
      const all = await Promise.all(Array.from({ length: 50 }, () => names(followed, kube)));
      assert.deepEqual(all[49], ["a", "b"]);
      clock.move(1000);
      await turn();
    }
    assert.deepEqual(kube.asked, ["list", "watch"]);
  }));

Deno.test("a change shows without a question", () =>
  following(async (followed) => {
    const kube = server(["a", "b"]);
    await names(followed, kube);
    await turn();
    kube.send({ type: "ADDED", object: object("c") } as ChangeEvent);
    await turn();
    kube.send({ type: "DELETED", object: object("a") } as ChangeEvent);
    await turn();
    assert.deepEqual(await names(followed, kube), ["b", "c"]);
    assert.deepEqual(kube.asked, ["list", "watch"]);
  }));

Deno.test("visitors of other rights have a list of their own", () =>
  following(async (followed) => {
    const [one, other] = [server(["a"]), server(["b"])];
    assert.deepEqual(await names(followed, one, "one"), ["a"]);
    assert.deepEqual(await names(followed, other, "other"), ["b"]);
    assert.equal(followed.watches(), 2);
  }));

Deno.test("a watch that nobody looks at for a minute ends", () =>
  following(async (followed, clock) => {
    const kube = server(["a"]);
    await names(followed, kube);
    clock.move(59_000);
    assert.equal(followed.watches(), 1);
    clock.move(1000);
    assert.equal(followed.watches(), 0);
  }));

Deno.test("a right that is taken away counts after a minute, though the watch would go on", () =>
  following(async (followed, clock) => {
    const kube = server(["a"]);
    await names(followed, kube);
    kube.listFails = refusal();
    clock.move(59_000);
    assert.deepEqual(await names(followed, kube), ["a"]);
    clock.move(1000);
    await assert.rejects(names(followed, kube), /it may not/);
    assert.equal(followed.watches(), 0);
  }));

Deno.test("a refusal is believed for half a minute, so that pages that poll do not repeat it", () =>
  following(async (followed, clock) => {
    const kube = server(["a"]);
    kube.listFails = refusal();
    await assert.rejects(names(followed, kube), /it may not/);
    kube.listFails = undefined;
    await assert.rejects(names(followed, kube), /it may not/);
    assert.deepEqual(kube.asked, ["list"]);
    clock.move(30_000);
    assert.deepEqual(await names(followed, kube), ["a"]);
  }));

Deno.test("who may list and not watch gets a list that is two seconds old at most", () =>
  following(async (followed, clock) => {
    const kube = server(["a"]);
    kube.watchFails = refusal();
    await names(followed, kube);
    await turn();
    kube.names = ["a", "b"];
    assert.deepEqual(await names(followed, kube), ["a"]);
    clock.move(2000);
    assert.deepEqual(await names(followed, kube), ["a", "b"]);
    assert.equal(kube.asked.filter((each) => each === "list").length, 2);
  }));

Deno.test("who has changed something is shown it at once, and costs nobody else a list", () =>
  following(async (followed) => {
    const [kube, other] = [server(["a"]), server(["a"])];
    await names(followed, kube, "mine");
    await names(followed, other, "other");
    kube.names = ["a", "made"];
    followed.drop((key) => key === "mine");
    assert.deepEqual(await names(followed, kube, "mine"), ["a", "made"]);
    await names(followed, other, "other");
    assert.equal(other.asked.filter((each) => each === "list").length, 1);
  }));

Deno.test("of more than 200 watches the one that waited longest for a look ends", () =>
  following(async (followed) => {
    const kube = server(["a"]);
    for (let key = 0; key <= 200; key++) await names(followed, kube, String(key));
    assert.equal(followed.watches(), 200);
  }));
