/** Clusters that change hands: never two operators at once, whenever the command is killed. */

import assert from "node:assert/strict";
import type { KubeList, KubeObject } from "../../kubernetes/types.gen.ts";
import { ROLLING_UPDATE_ANNOTATION } from "../../cluster/observed/pods.ts";
import type { Session } from "../session.ts";
import { FORMER_ANNOTATION, type HandOver, handOver } from "./hand_over.ts";

const NAME = "acid-orders";
const CONTROLLER = "acid.zalan.do/controller";

function between(from: string, to: string): string {
  return `handed over ${JSON.stringify([from, to])}`;
}

class Killed extends Error {}

interface Options {
  /** The command is killed before or after this patch. */
  readonly kill?: { readonly at: number; readonly before: boolean };
  readonly exitCodes?: readonly number[];
  readonly annotations?: Record<string, string>;
  readonly status?: Record<string, unknown>;
  /** Called at each wait. */
  readonly meanwhile?: (world: World) => void;
}

interface World {
  readonly cr: KubeObject;
  readonly pod: KubeObject;
}

function pod(): KubeObject {
  const labels = { application: "spilo", "cluster-name": NAME };
  const metadata = { namespace: "shop", name: `${NAME}-0`, uid: "one", labels };
  return { apiVersion: "v1", kind: "Pod", metadata };
}

/** A cluster of an operator without an id; the one called `new` writes a status once it has it. */
function world({ annotations = {}, status, meanwhile, ...options }: Options = {}) {
  const there: World = {
    cr: {
      apiVersion: "acid.zalan.do/v1",
      kind: "postgresql",
      metadata: { namespace: "shop", name: NAME, generation: 1, resourceVersion: "1", annotations },
      spec: {},
      status: { PostgresClusterStatus: "Running", ...status },
    } as KubeObject,
    pod: pod(),
  };
  const owners: string[] = [];
  const said: string[] = [];
  let [nowMs, patches, plans] = [0, 0, 0];
  let { kill } = options;
  const session = {
    kube: {
      get: ({ kind }: { kind: string }) =>
        Promise.resolve(kind === "postgresql" ? structuredClone(there.cr) : undefined),
      list: () =>
        Promise.resolve({ items: [structuredClone(there.pod)] } as unknown as KubeList<KubeObject>),
      patch(_ref: unknown, { body }: { body: { metadata: Record<string, unknown> } }) {
        const at = patches++;
        const isKilled = kill?.at === at;
        if (isKilled && kill?.before) throw new Killed();
        const { resourceVersion, annotations } = body.metadata;
        assert.equal(resourceVersion, there.cr.metadata.resourceVersion);
        const merged = { ...there.cr.metadata.annotations, ...annotations as object };
        const left = Object.entries(merged).filter(([, value]) => value !== null);
        there.cr.metadata.annotations = Object.fromEntries(left) as Record<string, string>;
        there.cr.metadata.resourceVersion = String(Number(resourceVersion) + 1);
        owners.push(there.cr.metadata.annotations[CONTROLLER] ?? "");
        if (isKilled) throw new Killed();
        return Promise.resolve(there.cr);
      },
    },
    namespace: "shop",
    terminal: { complain: (text: string) => void said.push(text) },
    now: () => new Date(nowMs),
    wait(ms: number) {
      nowMs += ms;
      if (there.cr.metadata.annotations?.[CONTROLLER] === "new") {
        const conditions = [{ type: "Ready", status: "True" }];
        there.cr["status"] = {
          PostgresClusterStatus: "Running",
          observedGeneration: 1,
          conditions,
        };
      }
      meanwhile?.(there);
      return Promise.resolve();
    },
    signal: new AbortController().signal,
  } as unknown as Session;
  const run = (request: Partial<HandOver> = {}) =>
    handOver(session, {
      ...{ what: "adopt", cluster: NAME, to: "new", accepted: [] },
      ...{ quietMs: 10_000, timeoutMs: 60_000 },
      plan: () => Promise.resolve({ exitCode: options.exitCodes?.[plans++] ?? 0, why: "because" }),
      ...request,
    });
  return { ...there, run, owners, said, revive: () => void (kill = undefined) };
}

function annotationsOf({ cr }: Pick<World, "cr">) {
  return cr.metadata.annotations;
}

Deno.test("a cluster is nobody's between two operators, and it is noted whose it was", async () => {
  const there = world();
  await there.run();
  assert.deepEqual(there.owners, [between("", "new"), "new"]);
  assert.deepEqual(annotationsOf(there), { [CONTROLLER]: "new", [FORMER_ANNOTATION]: "" });
  assert.match(there.said.join(""), /its operator says Running/);
});

Deno.test("it goes back to where it came from, and no trace is left", async () => {
  const there = world({ annotations: { [CONTROLLER]: "old", other: "kept" } });
  await there.run();
  await there.run({ what: "handback", to: undefined });
  assert.deepEqual(there.owners, [between("old", "new"), "new", between("new", "old"), "old"]);
  assert.deepEqual(annotationsOf(there), { [CONTROLLER]: "old", other: "kept" });
});

Deno.test("one that was the operator's without an id goes back without an annotation", async () => {
  const there = world();
  await there.run();
  await there.run({ what: "handback", to: undefined });
  assert.deepEqual(annotationsOf(there), {});
});

Deno.test("killed before or after any write, the same command ends it, in both directions", async () => {
  let tried = 0;
  for (const at of [0, 1, 2, 3]) {
    for (const before of [true, false]) {
      const there = world({ kill: { at, before } });
      const both = async () => {
        for (const request of [{}, { what: "handback", to: undefined }] as const) {
          await there.run(request).catch(async (error) => {
            if (!(error instanceof Killed)) throw error;
            there.revive();
            await there.run(request);
          });
        }
      };
      // A hand-back that had ended when it was killed knows of nobody to go back to any more.
      await both().catch((error) => assert.match(error.message, /nobody knows whose/));
      assert.deepEqual(annotationsOf(there), {}, `${at} ${before}`);
      assert.deepEqual(there.owners, [between("", "new"), "new", between("new", ""), ""]);
      tried++;
    }
  }
  assert.equal(tried, 8);
});

Deno.test("what would restart stays where it is, unless that is accepted", async () => {
  const there = world({ exitCodes: [3] });
  await assert.rejects(there.run(), /acid-orders would restart \(--accept restart\): because/);
  assert.deepEqual(there.owners, []);
  const accepted = world({ exitCodes: [3, 3] });
  await accepted.run({ accepted: [3] });
  assert.equal(accepted.owners.at(-1), "new");
  for (const exitCode of [1, 4, 5]) {
    await assert.rejects(world({ exitCodes: [exitCode] }).run({ accepted: [3] }), /because/);
  }
});

Deno.test("a plan that has become worse meanwhile gives the cluster back", async () => {
  const there = world({ exitCodes: [0, 3], annotations: { [CONTROLLER]: "old" } });
  await assert.rejects(there.run(), /would restart/);
  assert.deepEqual(annotationsOf(there), { [CONTROLLER]: "old" });
});

Deno.test("it is waited for until the other operator is at rest", async () => {
  let waits = 0;
  const there = world({
    meanwhile({ pod }) {
      waits++;
      pod.metadata.annotations = waits < 8 ? { [ROLLING_UPDATE_ANNOTATION]: "true" } : {};
    },
  });
  await there.run();
  assert.equal(there.owners.at(-1), "new");
  assert.ok(waits > 8 + 4, `${waits}`);
  const busy = world({
    meanwhile: ({ pod }) => void (pod.metadata.uid = crypto.randomUUID()),
  });
  await assert.rejects(busy.run(), /has not come to rest within 60 s; the same command goes on/);
  assert.deepEqual(busy.owners, [between("", "new")]);
});

Deno.test("what does not run well, is paused or goes stays where it is", async () => {
  const requests = { "acid.zalan.do/request-pause": "a1" };
  const trials: [Options, RegExp][] = [
    [{ status: { PostgresClusterStatus: "SyncFailed" } }, /its status is SyncFailed/],
    [{ annotations: requests }, /has acid.zalan.do\/request-pause: end it first/],
  ];
  for (const [options, message] of trials) {
    const there = world(options);
    await assert.rejects(there.run(), message);
    assert.deepEqual(there.owners, []);
  }
  const leaving = world();
  leaving.cr.metadata.deletionTimestamp = "2026-01-05T12:00:00Z";
  await assert.rejects(leaving.run(), /is being deleted/);
});

Deno.test("a command that was killed half-way can be turned round", async () => {
  const there = world({ kill: { at: 0, before: false }, annotations: { [CONTROLLER]: "old" } });
  await assert.rejects(there.run(), Killed);
  await there.run({ what: "handback", to: undefined });
  assert.deepEqual(annotationsOf(there), { [CONTROLLER]: "old" });
});

Deno.test("an operator that is not there is told", async () => {
  const there = world();
  await assert.rejects(
    there.run({ to: "typo" }),
    /no operator has taken acid-orders up within 60 s/,
  );
});

Deno.test("a cluster that is there already stays untouched", async () => {
  const there = world({ annotations: { [CONTROLLER]: "new" } });
  await there.run();
  assert.deepEqual(there.owners, []);
});

Deno.test("nobody is guessed where it is not known whose it was", async () => {
  const there = world({ annotations: { [CONTROLLER]: "new" } });
  await assert.rejects(
    there.run({ what: "handback", to: undefined }),
    /--to names the CONTROLLER_ID/,
  );
});
