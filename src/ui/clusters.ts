/** Clusters as lists show them, out of their manifests. Pure. */

import { lastBackupOf } from "../debug/status_parts.ts";
import type { RowView } from "../debug/overview_shapes.ts";
import type { Postgresql } from "../api/types.gen.ts";

/**
 * One cluster in Zalando's list. A missing part is what Zalando's UI shows for it.
 *
 * Zalando: ui/operator_ui/main.py, get_postgresqls
 */
export function listedCluster(
  { metadata, spec, status }: Postgresql,
  shown: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const { namespace = "", name = "", uid = "" } = metadata;
  const { requests = {}, limits = {} } = spec?.resources ?? {};
  return {
    nodes: spec?.numberOfInstances ?? "",
    memory: requests.memory ?? shown["default_memory"],
    memory_limit: limits.memory ?? shown["default_memory_limit"],
    cpu: requests.cpu ?? shown["default_cpu"],
    cpu_limit: limits.cpu ?? shown["default_cpu_limit"],
    volume_size: spec?.volume?.size ?? 0,
    iops: spec?.volume?.iops ?? 3000,
    throughput: spec?.volume?.throughput ?? 125,
    team: teamOf({ metadata, spec }),
    namespace,
    name,
    uid,
    namespaced_name: `${namespace}/${name}`,
    full_name: `${namespace}/${name}${uid === "" ? "" : `/${uid}`}`,
    status: status ?? {},
    num_elb: [
      spec?.enableMasterLoadBalancer,
      spec?.enableReplicaLoadBalancer,
      spec?.enableMasterPoolerLoadBalancer,
      spec?.enableReplicaPoolerLoadBalancer,
    ].filter((on) => on === true).length,
    maintenance_windows: spec?.maintenanceWindows ?? [],
  };
}

/** The team of a manifest, else of its label. */
export function teamOf({ metadata, spec }: Pick<Postgresql, "metadata" | "spec">): string {
  return spec?.teamId || metadata.labels?.["team"] || "";
}

/** A line for a cluster that the operator does not tell of. */
export function rowOf({ metadata, spec, status }: Postgresql): RowView {
  const { members = [], primary } = status ?? {};
  return {
    namespace: metadata.namespace ?? "",
    name: metadata.name ?? "",
    team: teamOf({ metadata, spec }),
    created: metadata.creationTimestamp ?? "",
    word: status?.PostgresClusterStatus ?? "",
    conditions: (status?.conditions ?? []).map((one) => ({
      type: one.type,
      status: one.status,
      reason: one.reason ?? "",
      message: one.message ?? "",
      since: one.lastTransitionTime ?? "",
    })),
    version: spec?.postgresql?.version ?? "",
    volume: spec?.volume?.size ?? "",
    wanted: spec?.numberOfInstances ?? 0,
    ready: members.length === 0 ? null : members.filter(({ ready }) => ready === true).length,
    primary: primary ?? null,
    lagBytes: null,
    held: [],
    failure: null,
    running: null,
    deleting: metadata.deletionTimestamp !== undefined,
    lastPass: null,
    lastSuccess: "",
    lastBackup: lastBackupOf({ ...(status === undefined ? {} : { status }) }),
    findings: [],
  };
}
