/**
 * Resolves the PostgreSQL major version: the manifest's, raised where the upgrade mode is `full`,
 * held back outside maintenance windows, and never lowered.
 *
 * The running version is the one that the StatefulSet's pods are started with, so that a version
 * held back or raised earlier stays as it is, also across restarts of the operator.
 *
 * Zalando: pkg/cluster/majorversionupgrade.go, GetDesiredMajorVersion; pkg/cluster/sync.go, Sync
 */

import type { PostgresqlSpec } from "../../api/types.gen.ts";
import type { Config } from "../../config/config.ts";
import type { Observation } from "../../lib/observation.ts";
import { type Findings, warn } from "./findings.ts";

export interface EffectiveVersion {
  /** Version that the cluster should come to: PGVERSION, and the goal of an upgrade. */
  readonly desired: string;
  /** The manifest's version unless held back or lowered: path of the binaries, backup job. */
  readonly manifest: string;
  /** Why a newer version waits; undefined where none does. */
  readonly held: string | undefined;
}

export interface VersionQuestion {
  readonly spec: PostgresqlSpec;
  readonly config: Config;
  readonly running: Observation<number | undefined>;
  readonly window: "open" | "closed";
}

/** Resolves the major version of a cluster. */
export function resolveVersion(question: VersionQuestion, findings: Findings): EffectiveVersion {
  const { spec, config, running, window } = question;
  const manifest = spec.postgresql.version;
  const desired = raised(manifest, config);
  if (!running.known) {
    const reason = `running major version: ${running.reason}`;
    findings.unknowns.push({ subject: "statefulset", reason });
    findings.unknowns.push({ subject: "logical backup", reason });
    return { desired, manifest, held: undefined };
  }
  if (running.value === undefined) return { desired, manifest, held: undefined };
  const current = String(running.value);
  if (Number(desired) < running.value) {
    warn(
      findings,
      `spec.postgresql.version: ${manifest} is ignored, a major version cannot be lowered ` +
        `(running: ${current})`,
    );
    return { desired: current, manifest: current, held: undefined };
  }
  if (Number(desired) > running.value && window === "closed") {
    return {
      desired: current,
      manifest: Number(manifest) > running.value ? current : manifest,
      held: `major version ${desired} waits for a maintenance window (running: ${current})`,
    };
  }
  return { desired, manifest, held: undefined };
}

/** In mode `full` clusters below the minimal version go to the target version. */
function raised(version: string, config: Config): string {
  if (config.majorVersionUpgradeMode !== "full") return version;
  return Number(version) < Number(config.minimalMajorVersion) ? config.targetMajorVersion : version;
}
