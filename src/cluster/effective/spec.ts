/**
 * The manifest with every question answered. `resolveSpec` asks all resolvers; what comes after
 * (builders, planners) knows no defaults and looks nothing up.
 */

import type { Postgresql } from "../../api/types.gen.ts";
import type { Container, ResourceRequirements } from "../../kubernetes/types.gen.ts";
import type { Config } from "../../config/config.ts";
import { type EffectiveBackup, resolveBackup } from "./backup.ts";
import { type EffectiveClone, resolveClone } from "./source/clone.ts";
import { type Disruption, resolveDisruption } from "./disruption.ts";
import { type EffectiveEnvironment, resolveEnvironment } from "./pod/environment.ts";
import { type Exposure, resolveExposure } from "./exposure.ts";
import { type Findings, newFindings, type SubjectIssue, type Unknown, warn } from "./findings.ts";
import { type ClusterIdentity, resolveIdentity, type StringMap } from "./identity.ts";
import type { Inputs } from "./inputs.ts";
import { type EffectiveInstances, resolveInstances } from "./instances.ts";
import { type EffectiveMaintenance, resolveMaintenance } from "./maintenance.ts";
import type { Notice } from "./notice.ts";
import { type EffectivePatroni, resolvePatroni } from "./patroni.ts";
import { type EffectivePooler, resolvePooler } from "./pooler.ts";
import { type EffectiveProbes, resolveProbes } from "./pod/probes.ts";
import { postgresBounds, postgresDefaults, resolveResources } from "./pod/resources.ts";
import { type EffectiveScheduling, resolveScheduling, warnOfScheduling } from "./pod/scheduling.ts";
import { type EffectiveRequests, resolveRequests } from "./requests.ts";
import { type EffectiveSecurity, resolveSecurity } from "./pod/security.ts";
import { resolveInitContainers, resolveSidecars } from "./pod/sidecars.ts";
import { withoutReservedKeys, withoutReservedMetadata } from "./reserved.ts";
import { type EffectiveStandby, resolveStandby } from "./source/standby.ts";
import { type EffectiveStorage, resolveStorage } from "./pod/storage.ts";
import { type EffectiveStreams, resolveStreams } from "./streams.ts";
import { type EffectiveTls, resolveTls } from "./pod/tls.ts";
import { type EffectiveVersion, resolveVersion } from "./version.ts";
import { type EffectiveVolumes, resolveVolumes } from "./pod/volumes.ts";
import { type EffectiveWorkload, resolveWorkload } from "./workload.ts";

export interface EffectiveSpec {
  readonly identity: ClusterIdentity;
  readonly instances: EffectiveInstances;
  readonly version: EffectiveVersion;
  readonly maintenance: EffectiveMaintenance;
  readonly workload: EffectiveWorkload;
  /** Image of the PostgreSQL container. */
  readonly image: string;
  readonly resources: ResourceRequirements;
  readonly environment: EffectiveEnvironment;
  readonly patroni: EffectivePatroni;
  readonly probes: EffectiveProbes;
  readonly security: EffectiveSecurity;
  readonly scheduling: EffectiveScheduling;
  readonly storage: EffectiveStorage;
  readonly volumes: EffectiveVolumes;
  readonly initContainers: readonly Container[];
  /** Without what all sidecars share. */
  readonly sidecars: readonly Container[];
  /** Of pods of the cluster, the pooler and the backup; without inherited ones. */
  readonly podAnnotations: StringMap;
  readonly standby: EffectiveStandby | undefined;
  readonly clone: EffectiveClone | undefined;
  readonly tls: EffectiveTls | undefined;
  readonly exposure: Exposure;
  readonly pooler: EffectivePooler;
  readonly backup: EffectiveBackup | undefined;
  readonly streams: EffectiveStreams;
  readonly disruption: Disruption;
  /** What people ask for beside what the manifest describes. */
  readonly requests: EffectiveRequests;
  /** Names of the infrastructure roles, which may look at a pooler's statistics. */
  readonly infrastructureRoles: readonly string[];
  /** What roles and databases are derived from. */
  readonly roleSources: {
    readonly cluster: Postgresql;
    readonly inputs: Pick<Inputs, "infrastructureRoles" | "teams">;
  };
}

export interface ResolvedSpec {
  readonly spec: EffectiveSpec;
  readonly notices: readonly Notice[];
  /** What cannot be honoured: the subject of each is left as it is. */
  readonly issues: readonly SubjectIssue[];
  readonly unknowns: readonly Unknown[];
}

/** Resolves a manifest at the moment `now`. */
export function resolveSpec(
  given: Postgresql,
  config: Config,
  inputs: Inputs,
  now: Date,
): ResolvedSpec {
  const findings = newFindings();
  const cr = withoutReservedKeys(given, config, findings);
  const { spec } = cr;
  const standby = resolveStandby(spec);
  const requests = resolveRequests(cr);
  const tls = resolveTls(spec);
  const maintenance = resolveMaintenance(spec, config, now);
  const bounds = postgresBounds(cr.metadata.annotations ?? {}, config);
  const pooler = resolvePooler(cr, config, findings);
  checkSwitchedOff(cr, config, inputs, findings);
  warnOfScheduling(spec, config, findings);
  const version = resolveVersion(
    { spec, config, running: inputs.runningMajorVersion, window: maintenance.window },
    findings,
  );
  const backup = resolveBackup(cr, config, inputs, findings);
  const effective: EffectiveSpec = {
    identity: resolveIdentity(withoutReservedMetadata(cr, config, findings), config),
    instances: resolveInstances(cr, config, { standby, requests }, findings),
    version,
    maintenance,
    workload: resolveWorkload(config, findings),
    image: spec.dockerImage || config.dockerImage,
    resources: resolveResources({
      subject: "statefulset",
      path: "spec.resources",
      container: "postgres",
      wanted: spec.resources,
      defaults: postgresDefaults(config),
      ...(bounds ? { bounds } : {}),
      setMemoryRequestToLimit: config.setMemoryRequestToLimit,
    }, findings),
    environment: resolveEnvironment(cr, config, inputs, findings),
    patroni: resolvePatroni(spec, config),
    probes: resolveProbes(spec, config),
    security: resolveSecurity(spec, config),
    scheduling: resolveScheduling(spec, config),
    storage: resolveStorage(spec, findings),
    volumes: resolveVolumes(spec, config, tls, findings),
    initContainers: resolveInitContainers(cr, findings),
    sidecars: resolveSidecars(cr, config, findings),
    podAnnotations: { ...config.customPodAnnotations, ...spec.podAnnotations },
    standby,
    clone: resolveClone(cr, config, findings),
    tls,
    exposure: resolveExposure(cr, config),
    pooler,
    infrastructureRoles: infrastructureRoles(pooler, inputs, findings),
    // Dumps are made with the tools of the version that runs, not of one that is held back.
    backup: backup && { ...backup, version: version.manifest },
    streams: resolveStreams(cr),
    disruption: resolveDisruption(cr, config),
    requests,
    roleSources: { cluster: cr, inputs },
  };
  return { spec: effective, ...findings };
}

function infrastructureRoles(
  pooler: EffectivePooler,
  inputs: Inputs,
  findings: Findings,
): readonly string[] {
  const roles = inputs.infrastructureRoles;
  if (roles.known) return roles.value.map(({ name }) => name);
  if (pooler.roles.length > 0) {
    findings.unknowns.push({ subject: "pooler", reason: `infrastructure roles: ${roles.reason}` });
  }
  return [];
}

/**
 * Sidecars and init containers may be switched off. A new cluster with them is refused; one that
 * runs already keeps them, since to remove them would restart its pods.
 */
function checkSwitchedOff(
  cr: Postgresql,
  config: Config,
  inputs: Inputs,
  findings: Findings,
): void {
  const switches = [
    ["sidecars", "enable_sidecars", config.enableSidecars],
    ["initContainers", "enable_init_containers", config.enableInitContainers],
  ] as const;
  const running = inputs.runningMajorVersion;
  for (const [field, parameter, enabled] of switches) {
    if (enabled !== false || !cr.spec[field]?.length) continue;
    const message = `cannot be used: ${parameter} is off`;
    if (running.known && running.value === undefined) {
      findings.issues.push({ subject: "statefulset", path: `spec.${field}`, message });
    } else warn(findings, `spec.${field} ${message}; the running cluster keeps them`);
  }
}
