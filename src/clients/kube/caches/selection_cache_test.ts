/** Whatever a list or a watch is answered, the cache recovers by itself once the answer is good. */
import assert from "node:assert/strict";
import FakeTimers from "@sinonjs/fake-timers";
import { createLogger } from "../../../log/logger.ts";
import type { ChangeEvent, KubeClient } from "../client.ts";
import { CredentialsError } from "../connection/credentials_error.ts";
import { KubeError } from "../errors.ts";
import type { KubeObject } from "../../../kubernetes/types.gen.ts";
import { type SelectionCacheOptions, startSelectionCache } from "./selection_cache.ts";

const MINUTE_MS = 60_000;

function secret(name: string, version: string): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { namespace: "n", name, uid: name, resourceVersion: version },
  };
}

function refusal(status: number, reason: string): () => Error {
  return () => new KubeError(`cannot ask: ${reason}`, { status, reason });
}

const FAILURES: Readonly<Record<string, () => Error>> = {
  401: refusal(401, "Unauthorized"),
  403: refusal(403, "Forbidden"),
  404: refusal(404, "NotFound"),
  410: refusal(410, "Expired"),
  429: refusal(429, "TooManyRequests"),
  500: refusal(500, "InternalError"),
  503: refusal(503, "ServiceUnavailable"),
  "time-out": refusal(0, "Timeout"),
  "lost connection": refusal(0, "Disconnected"),
  "unreadable token": () => new CredentialsError("cannot read token: EMFILE"),
};

/** An API server with two Secrets, the second of which appears while it fails. */
function stage(failure: () => Error) {
  const failing = { list: false, watch: false };
  const asked = { list: 0, watch: 0 };
  const news = { items: [secret("a", "5")], version: "5" };
  const client: Partial<KubeClient> = {
    // deno-lint-ignore require-await
    async listPage() {
      asked.list++;
      if (failing.list) throw failure();
      const { items, version } = news;
      return {
        apiVersion: "v1",
        kind: "SecretList",
        metadata: { resourceVersion: version },
        items: structuredClone(items),
      };
    },
    async *watch(_kind, { onOpen, resourceVersion, signal }): AsyncGenerator<ChangeEvent> {
      asked.watch++;
      if (failing.watch) throw failure();
      onOpen?.();
      const missed = news.items.filter(({ metadata }) =>
        Number(metadata.resourceVersion) > Number(resourceVersion)
      );
      for (const object of missed) yield { type: "ADDED", object: structuredClone(object) };
      while (!signal.aborted) {
        if (failing.watch) throw failure();
        await new Promise((resolve) => setTimeout(resolve, 1000));
      }
    },
  };
  return {
    client: client as KubeClient,
    failing,
    asked,
    appear() {
      news.items.push(secret("b", "9"));
      news.version = "9";
    },
  };
}

type Stage = ReturnType<typeof stage>;

async function play(
  failure: () => Error,
  during: "list" | "watch",
  run: (context: {
    stage: Stage;
    cache: ReturnType<typeof startSelectionCache>;
    clock: FakeTimers.Clock;
    told: string[];
    log: string[];
  }) => Promise<void>,
  options: Partial<SelectionCacheOptions> = {},
): Promise<void> {
  const clock = FakeTimers.install({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  const scene = stage(failure);
  const [told, log]: [string[], string[]] = [[], []];
  scene.failing[during] = true;
  const cache = startSelectionCache({
    client: scene.client,
    kind: { apiVersion: "v1", kind: "Secret" },
    selection: {},
    clusterOf: () => undefined,
    holds: () => true,
    logger: createLogger({
      format: "text-noquote",
      verbosity: 0,
      now: () => new Date(0),
      write: (line) => log.push(line),
    }),
    onChange: ({ type, object }) => told.push(`${type} ${object.metadata.name}`),
    onForbidden: (error) => log.push(`forbidden: ${error.message}`),
    whenUnserved: "wait",
    ...options,
  });
  try {
    await run({ stage: scene, cache, clock, told, log });
  } finally {
    const stopped = cache.stop();
    await clock.tickAsync(2000);
    await stopped;
    clock.uninstall();
  }
}

for (const [name, failure] of Object.entries(FAILURES)) {
  for (const during of ["list", "watch"] as const) {
    Deno.test(`a ${during} that meets ${name} once is followed again within seconds`, () =>
      play(failure, during, async ({ stage, cache, clock }) => {
        await clock.tickAsync(300);
        stage.failing[during] = false;
        stage.appear();
        await clock.tickAsync(5_000);
        assert.equal(cache.state(), "synced");
        assert.equal(cache.lostMs(), 0);
        assert.deepEqual(cache.store.all().map(({ metadata }) => metadata.name), ["a", "b"]);
      }));

    Deno.test(`a ${during} that meets ${name} for an hour asks seldom and recovers`, () =>
      play(failure, during, async ({ stage, cache, clock }) => {
        await clock.tickAsync(60 * MINUTE_MS);
        assert.ok(cache.lostMs() > 59 * MINUTE_MS);
        const { list, watch } = stage.asked;
        assert.ok(list + watch < 500, `${list} lists and ${watch} watches in an hour`);
        stage.failing[during] = false;
        stage.appear();
        await clock.tickAsync(5 * MINUTE_MS);
        assert.equal(cache.state(), "synced");
        assert.equal(cache.lostMs(), 0);
        assert.deepEqual(cache.store.all().map(({ metadata }) => metadata.name), ["a", "b"]);
        await clock.tickAsync(MINUTE_MS);
        const before = { ...stage.asked };
        await clock.tickAsync(10 * MINUTE_MS);
        assert.deepEqual(stage.asked, before, "a followed kind is not asked for");
      }));
  }
}

Deno.test("a refusal is told once, however long it lasts, and its end too", () =>
  play(refusal(403, "Forbidden"), "list", async ({ stage, clock, log }) => {
    await clock.tickAsync(30 * MINUTE_MS);
    assert.equal(log.length, 1, log.join("\n"));
    stage.failing.list = false;
    await clock.tickAsync(5 * MINUTE_MS);
    assert.equal(log.length, 2, log.join("\n"));
    assert.match(log[1] ?? "", /Secret objects are followed again/);
  }));

Deno.test("a kind that is not served counts as empty, until it is served", () =>
  play(refusal(404, "NotFound"), "list", async ({ stage, cache, clock, told }) => {
    await clock.tickAsync(10 * MINUTE_MS);
    assert.equal(cache.state(), "unserved");
    stage.failing.list = false;
    await clock.tickAsync(5 * MINUTE_MS);
    assert.equal(cache.state(), "synced");
    assert.deepEqual(told, ["apply a"]);
  }, { whenUnserved: "empty" }));

Deno.test("what was served a moment ago is not taken as absent because of one 404", () =>
  play(refusal(404, "NotFound"), "watch", async ({ stage, cache, clock }) => {
    stage.failing.list = true;
    stage.failing.watch = false;
    await clock.tickAsync(0);
    stage.failing.list = false;
    await clock.tickAsync(5_000);
    stage.failing.watch = true;
    await clock.tickAsync(MINUTE_MS);
    assert.equal(cache.state(), "synced");
    assert.equal(cache.store.size, 1);
  }));
