import assert from "node:assert/strict";
import FakeTimers from "@sinonjs/fake-timers";
import type { KubeClient } from "./client.ts";
import { KubeError } from "./errors.ts";
import { createLease } from "./lease.ts";
import type { KubeObject, Lease } from "../../kubernetes/types.gen.ts";

const signal = new AbortController().signal;

/** One Lease object in memory, with optimistic locking. */
function storedLease() {
  let stored: Lease | undefined;
  let version = 0;
  const put = (object: KubeObject) => {
    const given = object.metadata.resourceVersion;
    if (stored !== undefined && given !== stored.metadata.resourceVersion) {
      throw new KubeError("conflict", {
        status: 409,
        reason: given === undefined ? "AlreadyExists" : "Conflict",
      });
    }
    version++;
    stored = structuredClone({
      ...object,
      metadata: { ...object.metadata, resourceVersion: String(version) },
    }) as Lease;
    return stored;
  };
  const client: Partial<KubeClient> = {
    get: () => Promise.resolve(structuredClone(stored)),
    create: (object) => Promise.resolve().then(() => put(object)),
    replace: (object) => Promise.resolve().then(() => put(object)),
  };
  const leaseOf = (identity: string, using: Partial<KubeClient> = client) =>
    createLease({
      client: using as KubeClient,
      namespace: "ns",
      name: "postgres-operator",
      identity,
      durationSeconds: 15,
      now: () => new Date("2026-05-04T10:20:30.456Z"),
    });
  return { client, leaseOf, read: () => stored };
}

async function withClock(test: (clock: FakeTimers.Clock) => Promise<void>): Promise<void> {
  const clock = FakeTimers.install({ toFake: ["performance"] });
  try {
    await test(clock);
  } finally {
    clock.uninstall();
  }
}

Deno.test("a free lease is taken and renewed by its holder", () =>
  withClock(async (clock) => {
    const { leaseOf, read } = storedLease();
    const lease = leaseOf("a");
    assert.deepEqual(await lease.acquireOrRenew(signal), { held: true });
    clock.tick(60_000);
    assert.deepEqual(await lease.acquireOrRenew(signal), { held: true });
    assert.deepEqual(read()?.spec, {
      holderIdentity: "a",
      leaseDurationSeconds: 15,
      acquireTime: "2026-05-04T10:20:30.456000Z",
      renewTime: "2026-05-04T10:20:30.456000Z",
      leaseTransitions: 0,
    });
  }));

Deno.test("a lease of another is left alone while it is renewed", () =>
  withClock(async (clock) => {
    const { leaseOf } = storedLease();
    const [holder, other] = [leaseOf("a"), leaseOf("b")];
    for (let round = 0; round < 4; round++) {
      await holder.acquireOrRenew(signal);
      assert.deepEqual(await other.acquireOrRenew(signal), { held: false, holder: "a" });
      clock.tick(14_000);
    }
  }));

Deno.test("a lease that we have seen unrenewed for its duration is taken over", () =>
  withClock(async (clock) => {
    const { leaseOf, read } = storedLease();
    const [holder, other] = [leaseOf("a"), leaseOf("b")];
    await holder.acquireOrRenew(signal);
    // However old its times say it is: clocks differ.
    assert.equal((await other.acquireOrRenew(signal)).held, false);
    clock.tick(15_000);
    assert.deepEqual(await other.acquireOrRenew(signal), { held: true });
    assert.equal(read()?.spec?.leaseTransitions, 1);
    assert.deepEqual(await holder.acquireOrRenew(signal), { held: false, holder: "b" });
  }));

Deno.test("a conflict about the own lease does not mean that another one leads", () =>
  withClock(async () => {
    const { client, leaseOf, read } = storedLease();
    await leaseOf("a").acquireOrRenew(signal);
    const old = read();
    // Somebody writes between our read and our write.
    const behind: Partial<KubeClient> = { ...client, get: () => Promise.resolve(old) };
    await leaseOf("a").acquireOrRenew(signal);
    await assert.rejects(leaseOf("a", behind).acquireOrRenew(signal), /conflict/);
    assert.deepEqual(await leaseOf("a").acquireOrRenew(signal), { held: true });
  }));

Deno.test("a released lease is free at once", () =>
  withClock(async () => {
    const { leaseOf } = storedLease();
    const [holder, other] = [leaseOf("a"), leaseOf("b")];
    await holder.acquireOrRenew(signal);
    await other.release(signal);
    assert.equal((await other.acquireOrRenew(signal)).held, false);
    await holder.release(signal);
    assert.deepEqual(await other.acquireOrRenew(signal), { held: true });
  }));

Deno.test("of two that take it at the same time, one holds it", () =>
  withClock(async () => {
    const { leaseOf } = storedLease();
    const states = await Promise.all(
      ["a", "b"].map((each) => leaseOf(each).acquireOrRenew(signal)),
    );
    assert.deepEqual(states.map((state) => state.held).sort(), [false, true]);
  }));

Deno.test("a lease that cannot be read is an error, not a loss", () =>
  withClock(async () => {
    const { client, leaseOf } = storedLease();
    const down = new KubeError("no route", { status: 0, reason: "Unreachable" });
    const lease = leaseOf("a", { ...client, get: () => Promise.reject(down) });
    await assert.rejects(lease.acquireOrRenew(signal), /no route/);
  }));
