/**
 * Resolves the PostgreSQL major version: the manifest's, raised where the upgrade mode is `full`,
 * held back outside maintenance windows, and never lowered.
 *
 * What pods are started with is read from the StatefulSet, so that a version held back or raised
 * stays as it is across restarts of the operator. It may be ahead of the server's data: Spilo starts
 * the version that the data has, until the upgrade is performed.
 *
 * Zalando: pkg/cluster/majorversionupgrade.go, GetDesiredMajorVersion; pkg/cluster/sync.go, Sync
 */

import type { PostgresqlSpec } from "../../api/types.gen.ts";
import type { Config } from "../../config/config.ts";
import type { Observation } from "../../ports/observation.ts";
import { type Findings, warn } from "./findings.ts";

export interface EffectiveVersion {
  /** Version that pods are started with: PGVERSION. */
  readonly desired: string;
  /**
   * Version that data files should be upgraded to, windows permitting. Behind `desired` where a
   * manifest takes an upgrade back before it was performed.
   */
  readonly goal: string;
  /** The manifest's version unless held back or lowered: path of the binaries, backup job. */
  readonly manifest: string;
  /** Why a newer version waits; undefined where none does. */
  readonly held: string | undefined;
}

export interface VersionQuestion {
  readonly spec: PostgresqlSpec;
  readonly config: Config;
  /** Version that the StatefulSet starts its pods with; undefined where there is none. */
  readonly running: Observation<number | undefined>;
  readonly window: "open" | "closed";
}

/** Resolves the major version of a cluster. */
export function resolveVersion(question: VersionQuestion, findings: Findings): EffectiveVersion {
  const { spec, config, running, window } = question;
  const manifest = spec.postgresql.version;
  const goal = raised(manifest, config);
  const asWanted = { desired: goal, goal, manifest, held: undefined };
  if (!running.known) {
    const reason = `running major version: ${running.reason}`;
    findings.unknowns.push({ subject: "statefulset", reason });
    findings.unknowns.push({ subject: "logical backup", reason });
    return asWanted;
  }
  if (running.value === undefined) return asWanted;
  const current = String(running.value);
  if (Number(goal) < running.value) {
    const message = `spec.postgresql.version: ${manifest} is ignored, pods stay with ${current}: ` +
      "a major version cannot be lowered";
    warn(findings, message);
    return { desired: current, goal, manifest: current, held: undefined };
  }
  if (Number(goal) > running.value && window === "closed") {
    return {
      desired: current,
      goal,
      manifest: Number(manifest) > running.value ? current : manifest,
      held: `major version ${goal} waits for a maintenance window (now: ${current})`,
    };
  }
  return asWanted;
}

/**
 * Version that the data should be upgraded to, as PostgreSQL numbers it (180000); undefined where
 * the upgrade mode is `off` and the team has no leave.
 */
export function upgradeGoal(
  { identity, version }: {
    readonly identity: { readonly team: string };
    readonly version: EffectiveVersion;
  },
  config: Config,
): number | undefined {
  const allowed = config.majorVersionUpgradeMode !== "off" ||
    config.majorVersionUpgradeTeamAllowList.includes(identity.team);
  return allowed ? Number(version.goal) * 10_000 : undefined;
}

/** In mode `full` clusters below the minimal version go to the target version. */
function raised(version: string, config: Config): string {
  if (config.majorVersionUpgradeMode !== "full") return version;
  return Number(version) < Number(config.minimalMajorVersion) ? config.targetMajorVersion : version;
}
