import assert from "node:assert/strict";
import FakeTimers from "@sinonjs/fake-timers";
import type { KubeClient } from "./client.ts";
import { createDirectReader, createDirectWriter } from "./direct.ts";
import { KubeError } from "./errors.ts";
import type { KubeObject } from "../../kubernetes/types.gen.ts";

const signal = new AbortController().signal;
const target = { apiVersion: "apps/v1", kind: "StatefulSet", namespace: "ns", name: "acid-x" };

function statefulSet(uid: string): KubeObject {
  return { ...target, metadata: { namespace: "ns", name: "acid-x", uid } };
}

/** A client whose GETs answer in turn; the last answer stays. */
function client(answers: (KubeObject | undefined)[]): KubeClient {
  const get = () => Promise.resolve(answers.length > 1 ? answers.shift() : answers[0]);
  return { get } as unknown as KubeClient;
}

async function hurried<T>(work: () => Promise<T>): Promise<T> {
  const clock = FakeTimers.install({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  try {
    let done = false;
    const result = work().finally(() => {
      done = true;
    });
    result.catch(() => {});
    while (!done) await clock.tickAsync(100);
    return await result;
  } finally {
    clock.uninstall();
  }
}

for (
  const [name, answers] of [
    ["absent", [statefulSet("u1"), statefulSet("u1"), undefined]],
    ["another one of the same name", [statefulSet("u1"), statefulSet("u2")]],
  ] as const
) {
  Deno.test(`awaitGone ends when the object is ${name}`, async () => {
    const writer = createDirectWriter(client([...answers]));
    await hurried(() => writer.awaitGone({ target, preconditions: { uid: "u1" } }, signal));
  });
}

Deno.test("awaitGone gives up on an object that stays", async () => {
  const writer = createDirectWriter(client([statefulSet("u1")]));
  await assert.rejects(
    hurried(() => writer.awaitGone({ target, preconditions: { uid: "u1" } }, signal)),
    /cannot delete StatefulSet ns\/acid-x: it is still there after 30 s/,
  );
});

Deno.test("a refused read is unknown, an absent object is known to be absent", async () => {
  const refused = createDirectReader(
    {
      get: () => Promise.reject(new KubeError("may not", { status: 403, reason: "Forbidden" })),
    } as unknown as KubeClient,
    "cluster-name",
  );
  assert.deepEqual(await refused.read(target, signal), { known: false, reason: "may not" });
  const absent = createDirectReader(client([undefined]), "cluster-name");
  assert.deepEqual(await absent.read(target, signal), { known: true, value: undefined });
});

Deno.test("a bug is not taken for an unknown", async () => {
  const reader = createDirectReader(
    { get: () => Promise.reject(new TypeError("bug")) } as unknown as KubeClient,
    "cluster-name",
  );
  await assert.rejects(reader.read(target, signal), TypeError);
});

Deno.test("whether a kind may be patched is asked once, and again when the answer is old", async () => {
  const answers = [false, true, "no answer", true] as const;
  const asked: unknown[] = [];
  const create = (review: KubeObject) => {
    const answer = answers[asked.length];
    asked.push((review["spec"] as { resourceAttributes: unknown }).resourceAttributes);
    return typeof answer === "string"
      ? Promise.reject(new KubeError(answer, { status: 503, reason: "ServiceUnavailable" }))
      : Promise.resolve({ ...review, status: { allowed: answer } });
  };
  const clock = FakeTimers.install({ toFake: ["performance"] });
  try {
    const writer = createDirectWriter({ create } as unknown as KubeClient);
    const seen: boolean[] = [];
    for (const waitMs of [0, 60_000, 10 * 60_000, 11 * 60_000, 0]) {
      clock.tick(waitMs);
      seen.push(await writer.mayPatch(target, signal));
    }
    // Where nobody can tell the patch is tried, and the next one asks again.
    assert.deepEqual(seen, [false, false, true, true, true]);
    const attributes = { verb: "patch", group: "apps", resource: "statefulsets", namespace: "ns" };
    assert.deepEqual(asked, Array(4).fill(attributes));
  } finally {
    clock.uninstall();
  }
});
