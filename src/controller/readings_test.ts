/** What a scrape finds in the registry. */

import assert from "node:assert/strict";
import { createMetrics } from "../metrics/metrics.ts";
import { cluster } from "../testing/cluster_fixture.ts";
import type { Controller } from "./controller.ts";
import { heldSinceAfter } from "./held_since.ts";
import { KeyQueue } from "./queue.ts";
import { controllerReadings } from "./readings.ts";
import { type LastPass, Registry } from "./registry.ts";

const NOW = Date.parse("2026-05-04T10:20:30.000Z");

async function scrape(change: (registry: Registry) => void): Promise<string[]> {
  const registry = new Registry();
  change(registry);
  const queue = new KeyQueue({ now: () => NOW - 4000, setTimer: () => 0, clearTimer: () => {} });
  queue.add("shop/acid-b", "update");
  const busy = [{ slot: 0, key: "shop/acid-a", cause: "sync", startedAt: new Date(NOW - 9000) }];
  const workers = () => ({ busy: () => busy, stopped: Promise.resolve() });
  const orphans = () => [{ key: "shop/lost", uid: "u", since: new Date(NOW) }];
  const waves = () => ({ waiting: 4, rolling: 3, degraded: 1 });
  const controller = { registry, queue, workers, orphans, waves } as unknown as Controller;
  const metrics = createMetrics();
  metrics.read(controllerReadings(controller, () => NOW));
  const text = await metrics.text();
  return text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}

Deno.test("the queue and the workers say how far behind they are", async () => {
  const found = await scrape(() => {});
  for (
    const line of [
      "pgop_orphans 1",
      'pgop_wave_clusters{state="waiting"} 4',
      'pgop_wave_clusters{state="rolling"} 3',
      'pgop_wave_clusters{state="degraded"} 1',
      'workqueue_depth{name="postgresql"} 1',
      'workqueue_oldest_key_seconds{name="postgresql"} 4',
      'workqueue_longest_running_processor_seconds{name="postgresql"} 9',
      'controller_runtime_active_workers{controller="postgresql"} 1',
      "pgop_clusters 0",
    ]
  ) assert.ok(found.includes(line), line);
});

Deno.test("a cluster shows its word, conditions, members and what is held", async () => {
  const found = await scrape((registry) => {
    const entry = registry.entry("shop/acid-a");
    const cr = cluster();
    cr.spec.numberOfInstances = 3;
    cr.status = {
      PostgresClusterStatus: "Running",
      conditions: [{
        type: "Ready",
        status: "True",
        reason: "a",
        message: "",
        lastTransitionTime: "2026-05-04T10:20:30Z",
      }],
      members: [
        { name: "acid-a-0", role: "master", ready: true },
        { name: "acid-a-1", role: "replica", ready: true },
        { name: "acid-a-2", role: "replica", ready: true },
      ],
    };
    entry.cr = cr;
    entry.lastSuccess = new Date(NOW);
    const held = { subject: "rollout", kind: "waiting", reason: "text of its own" } as const;
    entry.last = {
      plan: { key: entry.key, generation: 1, steps: [], held: [held, held] },
    } as unknown as LastPass;
    entry.heldSince = heldSinceAfter(undefined, [held], NOW - 90_000);
  });
  const of = 'namespace="shop",cluster="acid-a"';
  for (
    const line of [
      `pgop_cluster_word{${of},word="Running"} 1`,
      `pgop_cluster_condition{${of},type="Ready",status="True"} 1`,
      `pgop_cluster_last_success_timestamp_seconds{${of}} ${NOW / 1000}`,
      `pgop_cluster_instances_wanted{${of}} 3`,
      `pgop_cluster_pods{${of},role="master",ready="true"} 1`,
      `pgop_cluster_pods{${of},role="replica",ready="true"} 2`,
      `pgop_held{${of},subject="rollout",kind="waiting"} 1`,
      `pgop_held_seconds{${of},subject="rollout",kind="waiting"} 90`,
    ]
  ) assert.ok(found.includes(line), `${line}\nnot in\n${found.join("\n")}`);
  assert.equal(found.some((line) => line.includes("text of its own")), false);
});
