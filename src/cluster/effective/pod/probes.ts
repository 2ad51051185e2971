/**
 * Resolves the probes of the PostgreSQL container.
 *
 * Zalando: pkg/cluster/k8sres.go, generateSpiloReadinessProbe and generateSpiloLivenessProbe
 */

import type { PostgresqlSpec } from "../../../api/types.gen.ts";
import type { Probe } from "../../../kubernetes/types.gen.ts";
import type { Config } from "../../../config/config.ts";

export interface EffectiveProbes {
  readonly readiness: Probe | undefined;
  readonly liveness: Probe | undefined;
}

/** Patroni says ready when it holds the leader lock, or when PostgreSQL runs and the DCS answers. */
const PATRONI_READINESS: Probe = {
  httpGet: { path: "/readiness", port: 8008, scheme: "HTTP" },
  initialDelaySeconds: 6,
  periodSeconds: 10,
  timeoutSeconds: 5,
  successThreshold: 1,
  failureThreshold: 3,
};

/** Resolves both probes; the manifest's liveness probe goes before the configured one. */
export function resolveProbes(spec: PostgresqlSpec, config: Config): EffectiveProbes {
  return {
    readiness: config.enableReadinessProbe ? PATRONI_READINESS : undefined,
    liveness: spec.livenessProbe ?? config.livenessProbe,
  };
}
