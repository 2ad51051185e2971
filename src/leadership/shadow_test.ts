/** Writers of a shadow: nothing leaves the process, whatever asks them. */

import assert from "node:assert/strict";
import type { Writers } from "../cluster/apply/perform.ts";
import { withoutWrites } from "./shadow.ts";

const { signal } = new AbortController();

Deno.test("a shadow changes no object, sets nothing, runs no statement and no command", async () => {
  const sent: string[] = [];
  const send = (what: string) => () => {
    sent.push(what);
    return Promise.resolve(undefined as never);
  };
  const writers = withoutWrites({
    kube: {
      create: send("create"),
      patch: send("patch"),
      replace: send("replace"),
      delete: send("delete"),
      awaitGone: send("awaitGone"),
      tryCreate: send("tryCreate"),
      mayPatch: () => Promise.resolve(true),
    },
    events: { emit: send("event") },
    patroni: { send: send("patroni") },
    sql: { open: send("sql") },
    exec: { exec: send("exec") },
    volumes: { modify: send("modify") },
  } as unknown as Writers);
  const none = {} as never;
  const writes: (() => Promise<unknown>)[] = [
    () => writers.kube.create(none, signal),
    () => writers.kube.patch(none, signal),
    () => writers.kube.replace(none, signal),
    () => writers.kube.delete(none, signal),
    () => writers.patroni.send(none, none, signal),
    () => writers.sql.open(none, signal),
    () => writers.exec.exec(none, signal),
    () => writers.volumes.modify(none, signal),
  ];
  for (const write of writes) await assert.rejects(write, /nothing is written in shadow mode/);
  writers.events.emit(none, none);
  assert.equal(await writers.kube.tryCreate(none, signal), undefined);
  assert.equal(await writers.kube.mayPatch(none, signal), true);
  assert.deepEqual(sent, []);
});
