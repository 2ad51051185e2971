/**
 * Whether a pass has to ask Patroni or the databases. Both answer over the network, so they are
 * asked when something may differ: after a change of what is wanted or of the pods, while something
 * is under way, and at every periodic pass. Pure.
 */

import { createHash } from "node:crypto";
import type { Pod, StatefulSet } from "../../kubernetes/types.gen.ts";
import type { Config } from "../../config/config.ts";
import { RESOURCES } from "../../ports/resources.gen.ts";
import type { DesiredCluster } from "../desired/cluster.ts";
import type { EffectiveSpec } from "../effective/spec.ts";
import type { ClusterMemory } from "./memory.ts";
import { type ObservedCluster, observedOf } from "../observed/cluster.ts";
import { isFlagged, isMember, primariesOf, waitsForRestart } from "../observed/pods.ts";

export interface LookQuestion {
  readonly desired: DesiredCluster;
  readonly pods: readonly Pod[];
  readonly statefulSet: StatefulSet | undefined;
  readonly memory: Pick<
    ClusterMemory,
    "patroniLook" | "catalogLook" | "patroniUntilMs" | "serverVersion"
  >;
  readonly roleLabel: string;
  readonly full: boolean;
  /** Somebody asks for what hangs on the members. */
  readonly asked?: boolean;
  readonly nowMs: number;
  /** Names of nodes that are being drained. */
  readonly leavingNodes?: ReadonlySet<string>;
  /** Version that the data should have; absent where no upgrade is allowed. */
  readonly upgradeGoal?: number | undefined;
}

/** What Patroni is asked about. */
type PatroniTopic = Pick<LookQuestion, "desired" | "pods" | "roleLabel">;

/** What a look at Patroni is about: what is wanted, and who the members are. */
export function patroniFingerprint({ desired, pods, roleLabel }: PatroniTopic): string {
  const members = pods.filter((pod) => isMember(pod, roleLabel)).map(({ metadata }) =>
    metadata.uid
  );
  return JSON.stringify([desired.patroni, members]);
}

/** True when Patroni has to be asked in this pass. */
export function needsPatroni(question: LookQuestion): boolean {
  const { pods, memory, roleLabel, desired, statefulSet } = question;
  if (!pods.some((pod) => isMember(pod, roleLabel))) return false;
  if (question.full || question.asked || question.nowMs < (memory.patroniUntilMs ?? 0)) return true;
  if (
    pods.some(isFlagged) || pods.some(waitsForRestart) || upgradeDue(question) ||
    primaryLeaves(question)
  ) return true;
  const shrinks = (desired.statefulSet.spec?.replicas ?? 1) < (statefulSet?.spec?.replicas ?? 1);
  return shrinks || memory.patroniLook?.fingerprint !== patroniFingerprint(question);
}

/** True while a primary is on a node that it has to leave. */
function primaryLeaves({ pods, roleLabel, leavingNodes }: LookQuestion): boolean {
  return primariesOf(pods, roleLabel).some(({ spec }) =>
    leavingNodes?.has(spec?.nodeName ?? "") === true
  );
}

/** True unless the server is known to be as new as it should be. */
function upgradeDue({ upgradeGoal, memory }: LookQuestion): boolean {
  return upgradeGoal !== undefined && (memory.serverVersion ?? 0) < upgradeGoal;
}

/** What else a look at the databases depends on. */
export interface CatalogQuestion extends LookQuestion {
  readonly config: Config;
  readonly effective: EffectiveSpec;
  readonly objects: ObservedCluster["objects"];
  readonly eventStreams: ObservedCluster["eventStreams"];
}

/** The pod whose server takes writes: up, and not leading a cluster that follows another. */
export function writablePrimary(pods: readonly Pod[], roleLabel: string): Pod | undefined {
  return pods.find((pod) => {
    const role = pod.metadata.labels?.[roleLabel];
    return isMember(pod, roleLabel) && (role === "master" || role === "primary");
  });
}

/** What the databases are asked about. */
type CatalogTopic = Pick<
  CatalogQuestion,
  "desired" | "effective" | "objects" | "pods" | "roleLabel" | "eventStreams"
>;

/** What the databases should be like, who logs in, and which server says so. */
export function catalogFingerprint(question: CatalogTopic): string {
  const { desired, effective, objects, pods, roleLabel, eventStreams } = question;
  const versions = desired.credentials.map(({ secret }) => {
    const found = observedOf(objects, RESOURCES.Secret, secret);
    return found.known ? found.value?.metadata.resourceVersion : found.reason;
  });
  const text = JSON.stringify([
    desired.roles,
    desired.databases,
    desired.patroni.parameters["password_encryption"],
    effective.pooler.roles.length > 0 ? [effective.pooler.schema, effective.pooler.podUser] : [],
    effective.streams.applications,
    eventStreams.known ? eventStreams.value?.length : undefined,
    versions,
    writablePrimary(pods, roleLabel)?.metadata.uid,
  ]);
  return createHash("sha256").update(text).digest("base64");
}

/** True when the databases have to be looked into in this pass. */
export function needsCatalog(question: CatalogQuestion): boolean {
  const { config, effective, desired, pods, roleLabel, memory } = question;
  const idle = !config.enableDatabaseAccess || effective.standby !== undefined ||
    (desired.statefulSet.spec?.replicas ?? 1) === 0;
  if (idle || writablePrimary(pods, roleLabel) === undefined) return false;
  // In which order servers restart hangs on what they run with.
  if (question.full || pods.some(waitsForRestart)) return true;
  return memory.catalogLook?.fingerprint !== catalogFingerprint(question);
}
