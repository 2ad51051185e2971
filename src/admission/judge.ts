/**
 * Says what a change would do before it is stored. Reads what the caches hold and nothing else: no
 * request, no write, no wait. What is not known is said, and stops nobody.
 */

import type { Postgresql } from "../api/types.gen.ts";
import { FINALIZER } from "../cluster/desired/names.ts";
import { deletionRefused } from "../cluster/pass/deletion_protection.ts";
import { owns } from "../cluster/pass/ownership.ts";
import type { Config } from "../config/config.ts";
import {
  dryRunDeletion,
  type DryRunRequest,
  dryRunWithPlans,
  NO_TEAMS,
} from "../dry_run/dry_run.ts";
import type { ShownPlan } from "../dry_run/show.ts";
import type { KubeObject } from "../kubernetes/types.gen.ts";
import type { Observation } from "../ports/observation.ts";
import type { KubeReader } from "../ports/ports.ts";
import { RESOURCES } from "../ports/resources.gen.ts";
import { type Configured, judgeConfiguration } from "./configuration.ts";
import type { Review, Verdict } from "./review.ts";
import { changeWarnings, creationWarnings, deletionWarnings } from "./warnings.ts";

/** What a judgement is made from. */
export interface JudgePorts extends Configured {
  readonly config: Config;
  readonly controllerId: string;
  /** The namespace whose clusters are this operator's; undefined for all. */
  readonly watched: string | undefined;
  /** Whether what cannot work is refused, and not only told. */
  readonly refuse: boolean;
  /** Readers that never ask the API server. */
  readonly kept: { readonly owned: KubeReader; readonly inputs: KubeReader };
  readonly manifests: () => readonly Postgresql[];
  readonly eventStreamsSupported: () => Observation<boolean>;
  readonly now: () => Date;
}

const NOTHING: Verdict = { warnings: [] };

/** Judges one review. @throws for faults of the operator, and when `signal` ends it */
export async function judge(
  ports: JudgePorts,
  review: Review,
  signal: AbortSignal,
): Promise<Verdict> {
  const { kind, namespace, operation } = review;
  if (kind === RESOURCES.OperatorConfiguration.kind) {
    if (operation === "DELETE") return NOTHING;
    const requestWith = (config: Config, cr: Postgresql, signal: AbortSignal) =>
      requestFor({ ...ports, config }, cr, cr as unknown as KubeObject, signal);
    return await judgeConfiguration({ ...ports, requestWith }, review, signal);
  }
  if (ports.watched !== undefined && ports.watched !== namespace) return NOTHING;
  if (operation === "DELETE") return await judgeDeletion(ports, review, signal);
  const change = kind === "Scale" ? scaled(ports, review) : changeOf(review);
  if (change === undefined || !owns(ports.controllerId, change.after)) return NOTHING;
  // What is on its way out is only let go.
  if (change.after.metadata.deletionTimestamp !== undefined) return NOTHING;
  if (change.before !== undefined && asksTheSame(change.before, change.after)) return NOTHING;
  return await judgeChange(ports, change, signal);
}

interface ManifestChange {
  readonly before: Postgresql | undefined;
  readonly after: KubeObject;
}

function changeOf({ object, oldObject }: Review): ManifestChange | undefined {
  return object && { after: object, before: oldObject as Postgresql | undefined };
}

/** `kubectl scale` sends a number of pods; the manifest is the one that was seen last. */
function scaled(
  { manifests }: JudgePorts,
  { namespace, name, object }: Review,
): ManifestChange | undefined {
  const before = manifests().find(({ metadata }) =>
    metadata.namespace === namespace && metadata.name === name
  );
  const { spec: { replicas = 0 } = {} } = (object ?? {}) as { spec?: { replicas?: number } };
  if (before === undefined) return undefined;
  const spec = { ...before.spec, numberOfInstances: replicas };
  return { before, after: { ...before, spec } as KubeObject };
}

/** Notes of clients and finalizers ask for nothing. */
function asksTheSame(before: Postgresql, after: KubeObject): boolean {
  const asked = ({ metadata, spec }: { metadata: KubeObject["metadata"]; spec?: unknown }) =>
    JSON.stringify([spec, metadata.labels ?? {}, askedBy(metadata.annotations)]);
  return asked(before) === asked(after as Postgresql);
}

function askedBy(annotations: Readonly<Record<string, string>> = {}): unknown {
  const { "kubectl.kubernetes.io/last-applied-configuration": _note, ...rest } = annotations;
  return rest;
}

async function judgeChange(
  ports: JudgePorts,
  { before, after }: ManifestChange,
  signal: AbortSignal,
): Promise<Verdict> {
  const { shown, plans } = await dryRunWithPlans(requestFor(ports, before, after, signal));
  const warnings = before === undefined ? creationWarnings(shown) : changeWarnings(shown, plans);
  const impossible = refusedIn(shown);
  if (!ports.refuse || impossible.length === 0) return { warnings };
  // What is stored already stays changeable, whatever was wrong with it before.
  const known = before === undefined ? [] : await refusedBefore(ports, before, signal);
  const fresh = impossible.filter((text) => !known.includes(text));
  return fresh.length === 0 ? { warnings } : { warnings, refusal: fresh.join("; ") };
}

async function refusedBefore(
  ports: JudgePorts,
  before: Postgresql,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const request = requestFor(ports, before, before as unknown as KubeObject, signal);
  return refusedIn((await dryRunWithPlans(request)).shown);
}

function refusedIn({ held }: ShownPlan): readonly string[] {
  return held.filter(({ kind }) => kind === "refused").map(({ reason }) => reason);
}

/** A dry run on what the caches hold. */
function requestFor(
  { config, kept, eventStreamsSupported, now }: Pick<
    JudgePorts,
    "config" | "kept" | "eventStreamsSupported" | "now"
  >,
  before: Postgresql | undefined,
  after: KubeObject,
  signal: AbortSignal,
): DryRunRequest {
  return {
    manifest: after,
    live: before,
    complete: true,
    config,
    reader: kept.owned,
    inputs: kept.inputs,
    eventStreamsSupported: eventStreamsSupported(),
    teams: NO_TEAMS,
    now: now(),
    signal,
  };
}

async function judgeDeletion(
  ports: JudgePorts,
  { oldObject, namespace, name }: Review,
  signal: AbortSignal,
): Promise<Verdict> {
  if (oldObject === undefined || !owns(ports.controllerId, oldObject)) return NOTHING;
  const cluster = `${namespace}/${name}`;
  const manifest = oldObject as unknown as Postgresql;
  const { config } = ports;
  // A finalizer outranks protection by annotations.
  const refusal = manifest.metadata.finalizers?.includes(FINALIZER)
    ? undefined
    : deletionRefused(oldObject, config, ports.now());
  if (refusal !== undefined) {
    return { warnings: [`${cluster}: the manifest goes and its objects stay: ${refusal}`] };
  }
  const { live: _live, ...request } = requestFor(ports, manifest, oldObject, signal);
  const targets = await dryRunDeletion({ ...request, manifest, now: ports.now(), signal });
  return { warnings: deletionWarnings(cluster, targets, staying(config)) };
}

function staying(config: Config): readonly string[] {
  return [
    ...(config.enablePersistentVolumeClaimDeletion === false
      ? ["volumes and their data stay (enable_persistent_volume_claim_deletion)"]
      : []),
    ...(config.enableSecretsDeletion === false
      ? ["Secrets of roles stay (enable_secrets_deletion)"]
      : []),
  ];
}
