/** A worker waits for the peers of a cluster for a moment only. */

import assert from "node:assert/strict";
import FakeTimers from "@sinonjs/fake-timers";
import type { PassTools } from "../cluster/pass/reconcile.ts";
import { PATIENCE_MS, withPatience } from "./patience.ts";

const never = () => new Promise<never>(() => {});
const { signal } = new AbortController();
const POD = { namespace: "n", name: "a-0", ip: "" };

type Call = (tools: PassTools) => Promise<unknown>;

/** Everything that somebody answers whom the writer of a manifest chose. */
const CALLS: Readonly<Record<string, Call>> = {
  "Patroni's configuration": ({ patroni }) => patroni.getConfig(POD, signal),
  "Patroni's members": ({ patroni }) => patroni.getCluster(POD, signal),
  "a member's state": ({ patroni }) => patroni.getMember(POD, signal),
  "a request to Patroni": ({ writers }) =>
    writers.patroni.send(POD, { call: "restart", body: { restart_pending: true } }, signal),
  "the databases": ({ catalog }) => catalog({} as Parameters<PassTools["catalog"]>[0], signal),
  "the volumes of a cloud": async ({ ebsVolumes }) => await ebsVolumes?.({} as never, signal),
  "a change of a volume": ({ writers }) => writers.volumes.modify({ id: "vol-1" }, signal),
  "a session": ({ writers }) => writers.sql.open({} as never, signal),
  "a command, and be it an upgrade of hours": ({ writers }) =>
    writers.exec.exec({ pod: POD, container: "postgres", command: [] }, signal),
};

function tools(answer: () => Promise<never>): PassTools {
  const patroni = { getConfig: answer, getCluster: answer, getMember: answer, send: answer };
  const writers = {
    patroni,
    sql: { open: answer },
    exec: { exec: answer },
    volumes: { modify: answer },
  };
  return { patroni, catalog: answer, ebsVolumes: answer, writers } as unknown as PassTools;
}

for (const [what, call] of Object.entries(CALLS)) {
  Deno.test(`a worker leaves a pass that waits for ${what}`, async () => {
    const fake = FakeTimers.createClock();
    const clock = {
      setTimer: (callback: () => void, ms: number) =>
        fake.setTimeout(callback, ms) as unknown as number,
      clearTimer: (id: number) => fake.clearTimeout(id as never),
    };
    let tired = 0;
    call(withPatience(tools(never), clock, () => tired++)).catch(() => {});
    fake.tick(PATIENCE_MS - 1);
    assert.equal(tired, 0);
    fake.tick(1);
    assert.equal(tired, 1);
    const failing = tools(() => Promise.reject(new Error("no")));
    await assert.rejects(call(withPatience(failing, clock, () => tired++)));
    assert.equal(fake.countTimers(), 0, "who answers in time leaves no timer");
  });
}

Deno.test("a statement that hangs on an open session counts too", () => {
  const fake = FakeTimers.createClock();
  const clock = {
    setTimer: (callback: () => void, ms: number) =>
      fake.setTimeout(callback, ms) as unknown as number,
    clearTimer: (id: number) => fake.clearTimeout(id as never),
  };
  const session = { query: never, close: () => Promise.resolve() };
  const open = () => Promise.resolve(session as never);
  let tired = 0;
  return withPatience(tools(open), clock, () => tired++).writers.sql.open({} as never, signal)
    .then((opened) => {
      opened.query({ text: "SELECT 1", purpose: "look" }).catch(() => {});
      fake.tick(PATIENCE_MS);
      assert.equal(tired, 1);
    });
});
