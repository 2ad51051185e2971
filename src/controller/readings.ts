/**
 * What the metrics read of the registry at a scrape: memory only. Values are those of the last pass
 * and of the manifest's status, so a cluster that was not looked at yet shows little.
 */

import type { Postgresql } from "../api/types.gen.ts";
import type { Reading, Sample } from "../metrics/metrics.ts";
import type { Controller } from "./controller.ts";
import { heldKey } from "./held_since.ts";
import { type Each, objectReadings } from "./object_readings.ts";
import type { ClusterEntry } from "./registry.ts";

type Labels = Readonly<Record<string, string>>;

const OF_CLUSTER = ["namespace", "cluster"] as const;

/** Everything about clusters, the queue and the workers. */
export function controllerReadings(controller: Controller, now: () => number): Reading[] {
  return [...queueReadings(controller, now), ...clusterReadings(controller, now)];
}

function queueReadings(
  { queue, workers, registry, orphans, waves }: Controller,
  now: () => number,
): Reading[] {
  const name = "postgresql";
  const busy = () => workers()?.busy() ?? [];
  return [
    {
      name: "workqueue_depth",
      help: "Keys that wait in the queue.",
      labels: ["name"],
      read: () => [{ labels: { name }, value: queue.waiting().length }],
    },
    {
      name: "workqueue_longest_running_processor_seconds",
      help: "Seconds since the oldest pass under way began.",
      labels: ["name"],
      read() {
        const begun = busy().map(({ startedAt }) => startedAt.getTime());
        const value = begun.length === 0 ? 0 : (now() - Math.min(...begun)) / 1000;
        return [{ labels: { name }, value }];
      },
    },
    {
      name: "workqueue_oldest_key_seconds",
      help: "Seconds that the oldest key has waited in the queue.",
      labels: ["name"],
      read() {
        const since = queue.waiting().map(({ sinceMs }) => sinceMs);
        const value = since.length === 0 ? 0 : (now() - Math.min(...since)) / 1000;
        return [{ labels: { name }, value }];
      },
    },
    {
      name: "controller_runtime_active_workers",
      help: "Workers that are busy.",
      labels: ["controller"],
      read: () => [{ labels: { controller: name }, value: busy().length }],
    },
    {
      name: "pgop_orphans",
      help: "Clusters that are still there although their manifests are gone.",
      labels: [],
      read: () => [{ labels: {}, value: orphans().length }],
    },
    {
      name: "pgop_wave_clusters",
      help: "Clusters that wait for their wave, roll in it, or had their turn and are not well.",
      labels: ["state"],
      read: () => Object.entries(waves()).map(([state, value]) => ({ labels: { state }, value })),
    },
    {
      name: "pgop_clusters",
      help: "Clusters that the operator looks after.",
      labels: [],
      read: () => [{ labels: {}, value: registry.keys().length }],
    },
  ];
}

function clusterReadings({ registry }: Controller, now: () => number): Reading[] {
  const each = (read: (entry: ClusterEntry, of: Labels) => Iterable<Sample>) => () =>
    registry.entries().flatMap((entry) => [...read(entry, labelsOf(entry))]);
  return [
    {
      name: "pgop_cluster_word",
      help: "1 for the word of the cluster's status (PostgresClusterStatus).",
      labels: [...OF_CLUSTER, "word"],
      read: each(({ cr }, of) => {
        const word = cr?.status?.PostgresClusterStatus ?? "";
        return [{ labels: { ...of, word: word === "" ? "Unknown" : word }, value: 1 }];
      }),
    },
    {
      name: "pgop_cluster_condition",
      help: "1 for the status of each condition of the cluster.",
      labels: [...OF_CLUSTER, "type", "status"],
      read: each(({ cr }, of) =>
        (cr?.status?.conditions ?? []).map(({ type, status }) => ({
          labels: { ...of, type, status },
          value: 1,
        }))
      ),
    },
    {
      name: "pgop_cluster_last_success_timestamp_seconds",
      help: "When a pass over the cluster last ended without a failure.",
      labels: OF_CLUSTER,
      read: each(({ lastSuccess }, of) =>
        lastSuccess === undefined ? [] : [{ labels: of, value: lastSuccess.getTime() / 1000 }]
      ),
    },
    ...memberReadings(each),
    ...objectReadings(each, OF_CLUSTER),
    {
      name: "pgop_held",
      help: "Subjects that are held back, by kind of reason.",
      labels: [...OF_CLUSTER, "subject", "kind"],
      read: each(({ last }, of) =>
        distinct((last?.plan.held ?? []).map(({ subject, kind }) => ({ ...of, subject, kind })))
      ),
    },
    {
      name: "pgop_held_seconds",
      help: "Seconds since a subject has been held back for this kind of reason.",
      labels: [...OF_CLUSTER, "subject", "kind"],
      read: each(({ last, heldSince }, of) => {
        const held = new Map((last?.plan.held ?? []).map((one) => [heldKey(one), one]));
        return [...held].flatMap(([key, { subject, kind }]) => {
          const since = heldSince?.get(key);
          const value = since === undefined ? 0 : Math.max(0, (now() - since) / 1000);
          return [{ labels: { ...of, subject, kind }, value }];
        });
      }),
    },
  ];
}

function memberReadings(each: Each): Reading[] {
  const members = ({ last }: ClusterEntry) => {
    const patroni = last?.seen?.patroni;
    return patroni?.known ? patroni.value.members : [];
  };
  return [
    {
      name: "pgop_cluster_instances_wanted",
      help: "Postgres pods that the manifest asks for.",
      labels: OF_CLUSTER,
      read: each(({ cr }, of) =>
        cr === undefined ? [] : [{ labels: of, value: cr.spec.numberOfInstances ?? 0 }]
      ),
    },
    {
      name: "pgop_cluster_pods",
      help: "Postgres pods by role and readiness.",
      labels: [...OF_CLUSTER, "role", "ready"],
      read: each(({ cr }, of) => podCounts(cr, of)),
    },
    {
      name: "pgop_member_lag_bytes",
      help: "Bytes that a member is behind the leader, as Patroni last said.",
      labels: [...OF_CLUSTER, "pod"],
      read: each((entry, of) =>
        members(entry).flatMap(({ name, lagBytes }) =>
          lagBytes === undefined ? [] : [{ labels: { ...of, pod: name }, value: lagBytes }]
        )
      ),
    },
    {
      name: "pgop_member_timeline",
      help: "Timeline of a member, as Patroni last said.",
      labels: [...OF_CLUSTER, "pod"],
      read: each((entry, of) =>
        members(entry).flatMap(({ name, timeline }) =>
          timeline === undefined ? [] : [{ labels: { ...of, pod: name }, value: timeline }]
        )
      ),
    },
    {
      name: "pgop_cluster_pending_restart",
      help: "Members whose PostgreSQL has to restart for a setting, as Patroni last said.",
      labels: OF_CLUSTER,
      read: each(({ last }, of) => {
        const patroni = last?.seen?.patroni;
        if (!patroni?.known) return [];
        const states = [...patroni.value.states.values()];
        const pending = states.filter((state) => state.known && state.value.pendingRestart);
        return [{ labels: of, value: pending.length }];
      }),
    },
  ];
}

function podCounts(cr: Postgresql | undefined, of: Labels): Sample[] {
  const counts = new Map<string, number>();
  for (const { role = "unknown", ready = false } of cr?.status?.members ?? []) {
    const key = JSON.stringify([role, String(ready)]);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts].map(([key, value]) => {
    const [role, ready] = JSON.parse(key);
    return { labels: { ...of, role, ready }, value };
  });
}

/** Each combination of labels once, with the value 1. */
function distinct(labels: readonly Labels[]): Sample[] {
  return [...new Map(labels.map((each) => [JSON.stringify(each), each])).values()]
    .map((each) => ({ labels: each, value: 1 }));
}

function labelsOf({ key }: ClusterEntry): Labels {
  const [namespace = "", cluster = ""] = key.split("/");
  return { namespace, cluster };
}
