/**
 * Fights: controllers that set their own value after every write, policies that write another one
 * each time, tools that mark pods again and again. None of them leads to an endless loop.
 */

import assert from "node:assert/strict";
import type { KubeObject } from "../../src/kubernetes/types.gen.ts";
import { disruptionLimit } from "../../src/cluster/pass/brake.ts";
import { ROLLING_UPDATE_ANNOTATION } from "../../src/cluster/observed/pods.ts";
import { WISH_LABEL } from "../../src/cluster/plan/pods/wish.ts";
import type { Changeable } from "./mutations.ts";
import { everything, type Play, play } from "./play.ts";

const HOUR_MS = 3600_000;

/** A controller: sets its value a moment after anybody wrote the object. */
function control(played: Play, kind: string, change: (object: Changeable) => void): void {
  const { api, clock } = played.cluster;
  api.onChange(({ type, object }) => {
    if (type !== "apply" || object.kind !== kind) return;
    clock.setTimer(() => {
      const found = api.find({
        apiVersion: object.apiVersion,
        kind,
        namespace: object.metadata.namespace ?? "",
        name: object.metadata.name ?? "",
      });
      if (found === undefined) return;
      const copy = structuredClone(found);
      change(copy);
      if (JSON.stringify(copy) !== JSON.stringify(found)) api.put(copy as KubeObject);
    }, 50);
  });
}

const same = (object: KubeObject) => object;

const CONTROLLERS: readonly { name: string; kind: string; change: (o: Changeable) => void }[] = [
  {
    name: "the type of a Service",
    kind: "Service",
    change: ({ spec }) => void (spec.type = "NodePort"),
  },
  {
    name: "a variable of the StatefulSet",
    kind: "StatefulSet",
    change({ spec }) {
      const [container] = spec.template.spec.containers;
      const others = container.env.filter(({ name }: { name: string }) => name !== "RELOADED");
      container.env = [...others, { name: "RELOADED", value: "x" }];
    },
  },
  {
    name: "a label of the template",
    kind: "StatefulSet",
    change: ({ spec }) => void (spec.template.metadata.labels.mesh = "on"),
  },
  {
    name: "an annotation of the template",
    kind: "StatefulSet",
    change({ spec: { template } }) {
      template.metadata.annotations = { ...template.metadata.annotations, reloaded: "x" };
    },
  },
  {
    name: "the budget",
    kind: "PodDisruptionBudget",
    change: ({ metadata }) => void (metadata.labels.team = "platform"),
  },
];

for (const { name, kind, change } of CONTROLLERS) {
  Deno.test(`a controller that sets ${name} is not fought: one write, no restart`, async () => {
    const played = play(everything(), same);
    await played.settle();
    played.counts();
    control(played, kind, change);
    const found = played.cluster.api.objects().filter((object) => object.kind === kind);
    for (const object of found) {
      const copy = structuredClone(object) as Changeable;
      change(copy);
      played.cluster.api.put(copy);
    }
    await played.settle();
    const { pods, statefulSets, writes } = played.counts();
    assert.deepEqual({ pods, statefulSets }, { pods: {}, statefulSets: 0 });
    assert.ok(writes.length <= found.length, writes.join(", "));
    await played.look();
    assert.deepEqual(played.counts().writes, []);
    assert.equal(played.manifest().status?.PostgresClusterStatus, "Running");
    await played.stop();
  });
}

Deno.test("a policy that takes our notes away costs one restart a process, and no loop", async () => {
  const played = play(everything(), (object) => {
    if (object.kind !== "StatefulSet") return object;
    const copy = structuredClone(object) as Changeable;
    delete copy.metadata.labels[WISH_LABEL];
    copy.spec.template.metadata.labels.mesh = "on";
    return copy;
  });
  await played.settle();
  const made = played.counts();
  assert.deepEqual([made.pods["acid-orders-0"], made.pods["acid-orders-1"]], [1, 1]);
  await played.look();
  assert.deepEqual(played.counts().writes, []);
  await played.restart();
  await played.settle();
  const { pods } = played.counts();
  for (const [pod, times] of Object.entries(pods)) assert.ok(times <= 1, `${pod}: ${times} times`);
  await played.look();
  assert.deepEqual(played.counts().writes, []);
  await played.stop();
});

Deno.test("a policy that writes another value each time is written to a few times an hour", async () => {
  let turn = 0;
  const played = play(everything(), (object) => {
    if (object.kind !== "Service") return object;
    const labels = { ...object.metadata.labels, team: `t${++turn}` };
    return { ...object, metadata: { ...object.metadata, labels } };
  });
  await played.settle();
  const { writes } = played.counts();
  assert.ok(writes.filter((write) => write.startsWith("patch Service")).length <= 3, `${writes}`);
  await played.look();
  assert.deepEqual(played.counts().writes, []);
  await played.stop();
});

Deno.test("pods that are marked as soon as they are made are restarted up to the limit", async () => {
  const mark = { [ROLLING_UPDATE_ANNOTATION]: "true" };
  const played = play(everything(), (object) => {
    if (object.kind !== "Pod" || !/-\d$/.test(object.metadata.name ?? "")) return object;
    const annotations = { ...object.metadata.annotations, ...mark };
    return { ...object, metadata: { ...object.metadata, annotations } };
  });
  const began = played.cluster.clock.now();
  await played.settle();
  await played.settle();
  assert.ok(played.cluster.clock.now() - began < HOUR_MS);
  const { pods } = played.counts();
  const made = (pods["acid-orders-0"] ?? 0) + (pods["acid-orders-1"] ?? 0);
  assert.ok(made <= disruptionLimit(4) + 2, `${made} pods`);
  const { status } = played.manifest();
  const prevented = status?.conditions?.find(({ type }) => type === "RestartLoopPrevented");
  assert.equal(prevented?.status, "True");
  assert.notEqual(status?.PostgresClusterStatus, "Running");
  const told = played.cluster.events.filter(({ reason }) => reason === "RestartLoopPrevented");
  assert.ok(told.length > 0 && told.length < 12, `${told.length} Events`);
  await played.stop();
});
