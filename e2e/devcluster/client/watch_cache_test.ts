import { deepStrictEqual as equal } from "node:assert/strict";
import { ApiError, type KubeClient, type WatchEvent } from "./client.ts";
import type { KubeObject } from "../objects/meta.ts";
import { pods } from "./resources.ts";
import { type WatchCaches, watchCaches } from "./watch_cache.ts";

function object(name: string, version: number, uid = name): KubeObject {
  return { metadata: { name, namespace: "ns", uid, resourceVersion: String(version) } };
}

/** A client whose lists and watches are scripted; a watch that has no script stays open. */
function scripted(lists: KubeObject[][], watches: WatchEvent<KubeObject>[][]) {
  const asked: string[] = [];
  const client = {
    list: () => {
      asked.push("list");
      const items = lists.shift() ?? [];
      return Promise.resolve({ items, resourceVersion: String(10 * asked.length) });
    },
    async *watch(_resource: unknown, from: string, signal: AbortSignal) {
      asked.push(`watch ${from}`);
      const script = watches.shift();
      yield* script ?? [];
      if (script || signal.aborted) return;
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
    },
  } as unknown as KubeClient;
  return { client, asked };
}

async function settle(asked: readonly string[], count: number): Promise<void> {
  for (let n = 0; asked.length < count && n < 100; n++) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

async function using(
  script: ReturnType<typeof scripted>,
  run: (caches: WatchCaches) => Promise<void>,
): Promise<void> {
  const caches = watchCaches(script.client, () => {});
  try {
    await run(caches);
  } finally {
    await caches.stop();
  }
}

Deno.test("a watch goes on where it ended, and lists again after an ERROR event", async () => {
  const gone = { type: "ERROR", object: object("status", 0) } as const;
  const script = scripted([[object("a", 1)], [object("b", 2)]], [
    [{ type: "ADDED", object: object("c", 12) }],
    [{ type: "BOOKMARK", object: object("", 15) }, gone],
  ]);
  await using(script, async (caches) => {
    const changes: string[] = [];
    caches.of<KubeObject>(pods).onChange(({ metadata }, isGone) => {
      changes.push(`${isGone ? "-" : "+"}${metadata.name}`);
    });
    await settle(script.asked, 5);
    equal(script.asked, ["list", "watch 10", "watch 12", "list", "watch 40"]);
    equal(changes, ["+a", "+c", "-a", "-c", "+b"]);
  });
});

Deno.test("an answer of a write counts, unless a later event has overtaken it", async () => {
  const script = scripted([[object("a", 5)]], [[{
    type: "DELETED",
    object: object("b", 20, "b1"),
  }]]);
  await using(script, async (caches) => {
    const cache = caches.of<KubeObject>(pods);
    await settle(script.asked, 3);
    cache.learn(object("a", 3));
    equal(cache.get("ns", "a")!.metadata.resourceVersion, "5", "an older one");
    cache.learn(object("a", 7));
    equal(cache.get("ns", "a")!.metadata.resourceVersion, "7", "a newer one");
    cache.learn(object("b", 19, "b1"));
    equal(cache.get("ns", "b"), undefined, "one that is known to be deleted");
    cache.learn(object("b", 25, "b2"));
    equal(cache.inNamespace("ns").length, 2);
    equal(cache.inNamespace("other"), []);
  });
});

Deno.test("all watches of one kind are one", async () => {
  const script = scripted([[]], []);
  await using(script, async (caches) => {
    caches.of(pods);
    caches.of(pods);
    await caches.of(pods).synced;
    await settle(script.asked, 2);
    equal(script.asked, ["list", "watch 10"]);
  });
});

Deno.test("a refused list is tried again", async () => {
  const script = scripted([[object("a", 1)]], []);
  const { list } = script.client;
  const refusals = [new ApiError(503, "ServiceUnavailable", "away")];
  script.client.list = ((...args: Parameters<typeof list>) => {
    const refusal = refusals.pop();
    return refusal ? Promise.reject(refusal) : list(...args);
  }) as typeof list;
  await using(script, async (caches) => {
    await caches.of(pods).synced;
    equal([...caches.of<KubeObject>(pods).all()].length, 1);
  });
});
