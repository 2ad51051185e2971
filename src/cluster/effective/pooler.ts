/**
 * Resolves the connection poolers: which ones are wanted, how large they are, whom they log in as,
 * and what their pods need.
 *
 * Zalando: pkg/cluster/connection_pooler.go, needConnectionPooler, poolerUser,
 * getConnectionPoolerEnvVars, generateConnectionPoolerPodTemplate
 */

import type { Postgresql, PostgresqlSpec } from "../../api/types.gen.ts";
import type { ResourceRequirements } from "../../kubernetes/types.gen.ts";
import { poolerNameProblem } from "../../api/cluster_name.ts";
import type { Config } from "../../config/config.ts";
import { type Findings, warn } from "./findings.ts";
import { resolveResources } from "./pod/resources.ts";
import { STREAM_USER } from "./streams.ts";

export interface PoolSizes {
  readonly defaultSize: number;
  readonly minSize: number;
  readonly reserveSize: number;
  /** Server connections of one pooler pod. */
  readonly maxDbConnections: number;
}

export interface EffectivePooler {
  /** Poolers that are wanted; empty where the cluster has none. */
  readonly roles: readonly ("primary" | "replica")[];
  /** The role that the operator makes for the poolers. */
  readonly user: string;
  /** The role whose Secret the pods log in with: `user`, unless the manifest names a system role. */
  readonly podUser: string;
  /** Schema of the look-up function as the pods are told; they put it into SQL without quotes. */
  readonly schema: string;
  readonly mode: string;
  readonly image: string;
  readonly instances: number;
  readonly sizes: PoolSizes;
  readonly resources: ResourceRequirements;
}

const MIN_INSTANCES = 1;

/** A pooler whose Service cannot have its name is refused; the cluster goes on without it. */
function checkNames({ metadata, spec }: Postgresql, findings: Findings): void {
  for (const role of wantedPoolers(spec)) {
    const message = poolerNameProblem(metadata.name ?? "", role);
    const field = role === "primary" ? "enableConnectionPooler" : "enableReplicaConnectionPooler";
    if (message !== undefined) {
      findings.issues.push({ subject: "pooler", path: `spec.${field}`, message });
    }
  }
}

/** Settles the poolers of a cluster; sizes and user also where none is wanted. */
export function resolvePooler(
  cluster: Postgresql,
  config: Config,
  findings: Findings,
): EffectivePooler {
  const { spec } = cluster;
  const section = spec.connectionPooler ?? {};
  const instances = poolerInstances(spec, config, findings);
  const users = poolerUsers(spec, config, findings);
  checkNames(cluster, findings);
  const roles = wantedPoolers(spec);
  return {
    roles,
    ...users,
    schema: section.schema || config.connectionPoolerSchema,
    mode: section.mode || config.connectionPoolerMode,
    image: section.dockerImage || config.connectionPoolerImage,
    instances,
    sizes: poolSizes(
      section.maxDBConnections ?? config.connectionPoolerMaxDbConnections,
      instances,
    ),
    resources: resolveResources({
      subject: "pooler",
      path: "spec.connectionPooler.resources",
      container: "connection-pooler",
      wanted: section.resources,
      defaults: {
        requests: {
          cpu: config.connectionPoolerDefaultCpuRequest,
          memory: config.connectionPoolerDefaultMemoryRequest,
        },
        limits: {
          cpu: config.connectionPoolerDefaultCpuLimit,
          memory: config.connectionPoolerDefaultMemoryLimit,
        },
      },
      setMemoryRequestToLimit: config.setMemoryRequestToLimit,
    }, findings),
  };
}

/** A section for the pooler switches the primary's on, unless the switch itself says otherwise. */
function wantedPoolers(spec: PostgresqlSpec): ("primary" | "replica")[] {
  const primary = spec.enableConnectionPooler ?? spec.connectionPooler !== undefined;
  const replica = spec.enableReplicaConnectionPooler === true;
  return [...(primary ? ["primary" as const] : []), ...(replica ? ["replica" as const] : [])];
}

function poolerInstances(spec: PostgresqlSpec, config: Config, findings: Findings): number {
  const wanted = spec.connectionPooler?.numberOfInstances ??
    config.connectionPoolerNumberOfInstances;
  if (wanted >= MIN_INSTANCES) return wanted;
  warn(
    findings,
    `number of connection pooler instances is raised from ${wanted} to ${MIN_INSTANCES}`,
  );
  return MIN_INSTANCES;
}

/** The pooler must not be a superuser, nor take a name that is not the operator's to manage. */
function poolerUsers(
  spec: PostgresqlSpec,
  config: Config,
  findings: Findings,
): { user: string; podUser: string } {
  const wanted = spec.connectionPooler?.user ?? "";
  const fallback = config.connectionPoolerUser;
  if (wanted === "") return { user: fallback, podUser: fallback };
  const streams = (spec.streams ?? []).length > 0 ? [STREAM_USER] : [];
  const system = [config.superUsername, config.replicationUsername, ...streams].includes(wanted);
  if (!system && !config.protectedRoleNames.includes(wanted)) {
    return { user: wanted, podUser: wanted };
  }
  warn(
    findings,
    `spec.connectionPooler.user ${wanted} is the name of a ${system ? "system" : "protected"} ` +
      `role; the pooler's role is ${fallback}`,
  );
  // Pods that run with the Secret of a system role keep it: another one would restart them.
  return { user: fallback, podUser: system ? wanted : fallback };
}

function poolSizes(maxDbConnections: number, instances: number): PoolSizes {
  const perPod = Math.trunc(maxDbConnections / instances);
  const defaultSize = Math.trunc(perPod / 2);
  const minSize = Math.trunc(defaultSize / 2);
  return { defaultSize, minSize, reserveSize: minSize, maxDbConnections: perPod };
}
