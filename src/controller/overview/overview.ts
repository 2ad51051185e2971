/** The dashboard's figures, made from the registry: copies of what is in memory, nobody is asked. */

import type { DetailView, OverviewView, RowView } from "../../debug/overview_shapes.ts";
import type { KubeObject, Pod } from "../../kubernetes/types.gen.ts";
import type { ObjectRef } from "../../ports/requests.ts";
import { RESOURCES } from "../../ports/resources.gen.ts";
import { refTo } from "../../ports/typed.ts";
import { VERSION } from "../../version.ts";
import type { Controller } from "../controller.ts";
import type { ClusterEntry } from "../registry.ts";
import type { EventRing } from "./event_ring.ts";
import { findingsOf } from "./findings.ts";
import { membersOf } from "./members.ts";
import { lastBackupOf, statusParts } from "../../debug/status_parts.ts";

/** What the overview is made of. */
export interface OverviewSources {
  readonly controller: Controller;
  readonly ready: () => boolean;
  readonly now: () => Date;
  /** Number of workers. */
  readonly workers: number;
  readonly roleLabel: string;
  readonly events: Pick<EventRing, "of">;
  /** An object as it was last heard of; undefined where nobody follows it. */
  readonly object: (ref: ObjectRef) => KubeObject | undefined;
}

/** All clusters in a line each, sorted by namespace and name. */
export function overviewOf(sources: OverviewSources): OverviewView {
  const { controller, ready, workers } = sources;
  const busy = controller.workers()?.busy() ?? [];
  return {
    operator: {
      version: VERSION,
      ready: ready(),
      lastSync: controller.lastSync(),
      waiting: controller.queue.waiting().length,
      workers: Array.from({ length: workers }, (_, id) => {
        const state = busy.find(({ slot }) => slot === id);
        if (state === undefined) return null;
        const [namespace = "", name = ""] = state.key.split("/");
        return { namespace, name, cause: state.cause, since: state.startedAt.toISOString() };
      }),
      orphans: controller.orphans().map(({ key, since }) => {
        const [namespace = "", name = ""] = key.split("/");
        return { namespace, name, since: since.toISOString() };
      }),
    },
    clusters: controller.registry.entries().filter(({ cr }) => cr !== undefined)
      .sort((a, b) => a.key < b.key ? -1 : a.key > b.key ? 1 : 0)
      .map((entry) => look(entry, observedPods(entry), sources).row),
  };
}

/** One cluster from near; its pods are those of this moment. */
export function detailOf(
  entry: ClusterEntry | undefined,
  sources: OverviewSources,
): DetailView | undefined {
  if (entry?.cr === undefined) return undefined;
  const { namespace = "" } = entry.cr.metadata;
  const pods = observedPods(entry)?.map((pod) => {
    const ref = refTo(RESOURCES.Pod, { namespace, name: pod.metadata.name ?? "" });
    return sources.object(ref) as Pod | undefined ?? pod;
  });
  const { row, members = [], findings } = look(entry, pods, sources);
  const events = [...sources.events.of(entry.key)];
  return { row, ...statusParts(entry.cr), members, findings, events };
}

function observedPods({ last }: ClusterEntry): readonly Pod[] | undefined {
  const pods = last?.seen?.pods;
  return pods?.known ? pods.value : undefined;
}

function look(entry: ClusterEntry, pods: readonly Pod[] | undefined, sources: OverviewSources) {
  const { last } = entry;
  const cr = entry.cr!;
  const members = pods && membersOf(pods, last?.seen?.patroni, sources.roleLabel);
  const findings = findingsOf({ cr, last, members, now: sources.now() });
  const primaries = (members ?? []).filter(({ role, ready }) => role === "primary" && ready);
  const lags = (members ?? []).flatMap(({ lagBytes }) => lagBytes === null ? [] : [lagBytes]);
  const row: RowView = {
    ...manifestPart(entry),
    ready: members === undefined ? null : members.filter(({ ready }) => ready).length,
    primary: primaries.length === 1 ? primaries[0]!.name : null,
    lagBytes: lags.length === 0 ? null : Math.max(...lags),
    held: (last?.plan.held ?? []).map(({ subject, kind, reason }) => ({ subject, kind, reason })),
    failure: last?.failure ?? null,
    running: entry.running
      ? { worker: entry.running.slot, since: entry.running.since.toISOString() }
      : null,
    deleting: entry.deletion !== undefined || cr.metadata.deletionTimestamp !== undefined,
    lastPass: last === undefined
      ? null
      : { at: last.at.toISOString(), cause: last.cause, steps: last.plan.steps.length },
    lastSuccess: entry.lastSuccess?.toISOString() ?? "",
    lastBackup: lastBackupOf(cr),
    findings: findings.map(({ severity, title }) => ({ severity, title })),
  };
  return { row, members, findings };
}

function manifestPart({ cr }: ClusterEntry) {
  const { metadata, spec, status } = cr!;
  return {
    namespace: metadata.namespace ?? "",
    name: metadata.name ?? "",
    team: spec.teamId ?? "",
    created: metadata.creationTimestamp ?? "",
    word: status?.PostgresClusterStatus ?? "",
    conditions: (status?.conditions ?? []).map((one) => ({
      type: one.type,
      status: one.status,
      reason: one.reason ?? "",
      message: one.message ?? "",
      since: one.lastTransitionTime ?? "",
    })),
    version: spec.postgresql?.version ?? "",
    volume: spec.volume?.size ?? "",
    wanted: spec.numberOfInstances,
  };
}
