/** What the environment of a Spilo container says (stub runtime; pure). */
import type { Pod } from "../../objects/pod.ts";
import type { ContainerRequest } from "../runtime.ts";

/** A container that would run Spilo. */
export interface Spilo {
  readonly namespace: string;
  readonly pod: string;
  readonly uid: string;
  readonly ip: string;
  /** Patroni's name of the cluster. */
  readonly scope: string;
  readonly roleLabel: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly bootstrapLabels: Readonly<Record<string, string>>;
  /** Where Patroni keeps its state. */
  readonly store: "endpoints" | "configMaps" | "etcd";
  readonly major: number;
  /** Patroni's dynamic configuration for a new cluster. */
  readonly dynamic: Record<string, unknown>;
}

/** Reads the environment; undefined for a container that is not Spilo. */
export function spiloOf(
  { metadata }: Pod,
  { env }: ContainerRequest,
  ip: string,
): Spilo | undefined {
  const { SCOPE: scope, PGROOT: root } = env;
  if (!scope || !root) return undefined;
  const scopeLabel = env.KUBERNETES_SCOPE_LABEL ?? "cluster-name";
  const configuration = asObject(env.SPILO_CONFIGURATION);
  const bootstrap = (configuration.bootstrap ?? {}) as { dcs?: Record<string, unknown> };
  const standby = env.STANDBY_HOST || env.STANDBY_METHOD || env.STANDBY_WALG_S3_PREFIX
    ? { standby_cluster: { host: env.STANDBY_HOST, port: Number(env.STANDBY_PORT ?? 5432) } }
    : {};
  return {
    namespace: metadata.namespace!,
    pod: metadata.name,
    uid: metadata.uid!,
    ip,
    scope,
    roleLabel: env.KUBERNETES_ROLE_LABEL ?? "spilo-role",
    labels: { ...asObject(env.KUBERNETES_LABELS), [scopeLabel]: scope } as Record<string, string>,
    bootstrapLabels: asObject(env.KUBERNETES_BOOTSTRAP_LABELS) as Record<string, string>,
    store: env.ETCD_HOST || env.ETCD_HOSTS || env.ETCD3_HOST
      ? "etcd"
      : isTrue(env.KUBERNETES_USE_CONFIGMAPS)
      ? "configMaps"
      : "endpoints",
    major: Number(env.PGVERSION ?? 17),
    dynamic: { ...bootstrap.dcs, ...standby },
  };
}

function isTrue(text = ""): boolean {
  return ["true", "1", "on", "yes"].includes(text.toLowerCase());
}

function asObject(text = "{}"): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {}; // Spilo, too, goes on without what it cannot read.
  }
}
