/** Who leads, with a lease and a clock of the test's own. */

import assert from "node:assert/strict";
import { silentLogger } from "../testing/silent_logger.ts";
import { whileLeading } from "./guard.ts";
import { createLeadership, type LeaseClient } from "./leadership.ts";
import type { Writers } from "../cluster/apply/perform.ts";

const RENEW_DEADLINE_MS = 10_000;

/** One lease for several processes, and time that the test moves. */
function world() {
  const state = { holder: "", broken: false, nowMs: 1000, released: [] as string[] };
  const sleepers: (() => void)[] = [];
  const pauses: number[] = [];
  const leaseOf = (name: string): LeaseClient => ({
    acquireOrRenew() {
      if (state.broken) return Promise.reject(new Error("no answer"));
      if (state.holder !== "" && state.holder !== name) {
        return Promise.resolve({ held: false, holder: state.holder });
      }
      state.holder = name;
      return Promise.resolve({ held: true });
    },
    release() {
      state.released.push(name);
      if (state.holder === name) state.holder = "";
      return Promise.resolve();
    },
  });
  const process = (name: string) =>
    createLeadership({
      lease: leaseOf(name),
      logger: silentLogger(),
      clock: {
        nowMs: () => state.nowMs,
        sleep: (ms, signal) =>
          new Promise((resolve, reject) => {
            pauses.push(ms);
            sleepers.push(resolve);
            signal.addEventListener("abort", () => reject(signal.reason), { once: true });
          }),
      },
      renewDeadlineMs: RENEW_DEADLINE_MS,
      retryMs: 2000,
    });
  /** Lets `ms` go by, and everybody who sleeps make one attempt. */
  const pass = async (ms: number) => {
    state.nowMs += ms;
    for (const wake of sleepers.splice(0)) wake();
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  };
  return { state, process, pass, pauses };
}

async function settled<T>(promise: Promise<T>): Promise<T | "pending"> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  return await Promise.race([promise, Promise.resolve("pending" as const)]);
}

const { signal } = new AbortController();

Deno.test("the first one leads, the second stands by until the first gives up", async () => {
  const { process, pass, state } = world();
  const [first, second] = [process("first"), process("second")];
  await first.acquire(signal);
  const standing = second.acquire(signal);
  assert.equal(await settled(standing), "pending");
  assert.deepEqual([first.isLeader(), second.isLeader()], [true, false]);
  await pass(2000);
  assert.equal(await settled(standing), "pending");
  await first.release();
  assert.deepEqual(state.released, ["first"]);
  assert.equal(first.isLeader(), false);
  await pass(2000);
  await standing;
  assert.equal(second.isLeader(), true);
  await second.release();
});

Deno.test("who stands by asks twice as often as the leader renews, so that it is soon there", async () => {
  const { process, pauses } = world();
  const [first, second] = [process("first"), process("second")];
  await first.acquire(signal);
  assert.deepEqual(pauses, [2000]);
  const aborting = new AbortController();
  const standing = second.acquire(aborting.signal);
  assert.equal(await settled(standing), "pending");
  assert.deepEqual(pauses, [2000, 1000]);
  aborting.abort(new Error("the end of the test"));
  await assert.rejects(standing);
  await first.release();
});

Deno.test("a leader that cannot renew stops at its deadline, and says why", async () => {
  const { process, pass, state } = world();
  const leader = process("leader");
  await leader.acquire(signal);
  state.broken = true;
  await pass(4000);
  assert.equal(leader.isLeader(), true);
  assert.equal(leader.remainingMs(), RENEW_DEADLINE_MS - 4000);
  assert.equal(await settled(leader.lost), "pending");
  await pass(RENEW_DEADLINE_MS - 4000);
  assert.equal(await leader.lost, "the lease could not be renewed in time");
  assert.throws(() => leader.remainingMs(), /not the leader/);
});

Deno.test("one lost request does not end a leadership", async () => {
  const { process, pass, state } = world();
  const leader = process("leader");
  await leader.acquire(signal);
  state.broken = true;
  await pass(2000);
  state.broken = false;
  await pass(2000);
  await pass(RENEW_DEADLINE_MS - 1000);
  assert.equal(leader.isLeader(), true);
  assert.equal(await settled(leader.lost), "pending");
  await leader.release();
});

Deno.test("a leader that finds another one in its place stops at once", async () => {
  const { process, pass, state } = world();
  const leader = process("leader");
  await leader.acquire(signal);
  state.holder = "usurper";
  await pass(2000);
  assert.equal(await leader.lost, "usurper leads");
  assert.equal(leader.isLeader(), false);
});

Deno.test("waiting for the lease ends when it is aborted", async () => {
  const { process, state } = world();
  state.holder = "somebody";
  const stop = new AbortController();
  const standing = process("waiting").acquire(stop.signal);
  await settled(standing);
  stop.abort(new Error("stopped"));
  await assert.rejects(standing, /stopped/);
});

Deno.test("a former leader writes nothing: no object, no setting, no statement, no command", async () => {
  const sent: string[] = [];
  const send = (what: string) => () => {
    sent.push(what);
    return Promise.resolve(undefined as never);
  };
  const writers = {
    kube: {
      create: send("create"),
      patch: send("patch"),
      replace: send("replace"),
      delete: send("delete"),
      awaitGone: send("awaitGone"),
      tryCreate: () => Promise.resolve("refused"),
      mayPatch: () => Promise.resolve(false),
    },
    events: { emit: () => {} },
    patroni: { send: send("patroni") },
    sql: {
      open: () => Promise.resolve({ query: send("query"), close: send("close") }),
    },
    exec: { exec: send("exec") },
    volumes: { modify: send("modify") },
  } as unknown as Writers;
  let leads = true;
  const guarded = whileLeading(writers, {
    remainingMs() {
      if (leads) return 1000;
      throw new Error("this operator is not the leader: nothing is written");
    },
  });
  const session = await guarded.sql.open({} as never, signal);
  const writes: (() => Promise<unknown>)[] = [
    () => guarded.kube.create({} as never, signal),
    () => guarded.kube.patch({} as never, signal),
    () => guarded.kube.replace({} as never, signal),
    () => guarded.kube.delete({} as never, signal),
    () => guarded.patroni.send({} as never, {} as never, signal),
    () => session.query({} as never),
    () => guarded.exec.exec({} as never, signal),
    () => guarded.volumes.modify({} as never, signal),
  ];
  for (const write of writes) await write();
  assert.equal(await guarded.kube.tryCreate({} as never, signal), "refused");
  assert.equal(await guarded.kube.mayPatch({} as never, signal), false);
  assert.equal(sent.length, writes.length);
  leads = false;
  for (const write of [...writes, () => guarded.sql.open({} as never, signal)]) {
    await assert.rejects(write, /not the leader/);
  }
  assert.equal(sent.length, writes.length);
});

Deno.test("a write that is still on its way is cut off when the leadership ends", async () => {
  const writers = {
    kube: {
      create: (_object: unknown, cut: AbortSignal) =>
        new Promise((_, reject) => cut.addEventListener("abort", () => reject(cut.reason))),
    },
  } as unknown as Writers;
  const guarded = whileLeading(writers, { remainingMs: () => 10 });
  await assert.rejects(guarded.kube.create({} as never, signal), { name: "TimeoutError" });
});
