/**
 * Carries out deletions: of manifests that are gone, of those with a deletion timestamp, and of
 * those that an earlier process left unfinished.
 */

import type { Postgresql } from "../../api/types.gen.ts";
import type { KubeObject } from "../../kubernetes/types.gen.ts";
import { applyPlan, type Cancellation } from "../apply/apply_plan.ts";
import { credentialSecretPattern, FINALIZER } from "../desired/names.ts";
import { isNeededAbroad } from "../plan/credentials/secret_owner.ts";
import { isOwn } from "../plan/steps/ownership.ts";
import { ownKinds } from "../desired/own_objects.ts";
import {
  type Deletion,
  deletionOf,
  type DeletionState,
  isOwnTarget,
  isPatronis,
  orphanDeletion,
  planDeletion,
  stillBusy,
} from "../plan/deletion.ts";
import type { PlanContext } from "../plan/steps/context.ts";
import { refsOf } from "../plan/refs.ts";
import { gather, type PassTools } from "./reconcile.ts";
import type { KubeReader } from "../../ports/ports.ts";
import { typedReader } from "../../ports/client.gen.ts";
import { describeRef, type ObjectRef, refOf } from "../../ports/requests.ts";
import { RESOURCES } from "../../ports/resources.gen.ts";
import type { Config } from "../../config/config.ts";
import type { Logger } from "../../log/logger.ts";
import { deletionRefused } from "./deletion_protection.ts";
import { isConflict } from "../../ports/errors.ts";
import { owns } from "./ownership.ts";
import { lookPastCaches } from "./last_look.ts";
import { confirmedNote, liveManifest, type LivePorts } from "./live_manifest.ts";
import { clusterEvent } from "../events.ts";
import type { PassRecord } from "./outcome.ts";
import type { ClusterMemory } from "./memory.ts";

export interface DeletionPorts extends LivePorts {
  readonly tools: PassTools;
  readonly config: Config;
}

/** What is known of a cluster that may be deleted; a deletion under way is noted in it. */
export interface DeletableCluster {
  readonly key: string;
  /** As it was last seen; still there after its deletion, which needs it. */
  cr?: Postgresql;
  readonly memory: ClusterMemory;
  /** A deletion that is not finished yet. */
  deletion?: Deletion;
  /** One that a note tells of; whether it is true has still to be asked. */
  noted?: Deletion;
  /** Uid of a manifest that is gone and whose objects are to go too. */
  orphan?: string;
}

export interface DeletionContext {
  readonly cluster: DeletableCluster;
  readonly log: Logger;
  readonly cancellation: Cancellation;
}

/**
 * `manifest`: the cluster is to be looked after; `gone`: nothing is left to do; `busy`: the deletion
 * needs another pass.
 */
export type DeletionOutcome =
  | { readonly kind: "manifest"; readonly cr: Postgresql }
  | { readonly kind: "gone" | "busy"; readonly record?: PassRecord };

/** Kinds that a cluster shares with others of its namespace. */
const SHARED: readonly string[] = ["ServiceAccount", "RoleBinding"];

/** Goes on with a deletion where there is one. */
export async function continueDeletion(
  ports: DeletionPorts,
  context: DeletionContext,
): Promise<DeletionOutcome> {
  const { cluster, cancellation } = context;
  const [namespace = "", name = ""] = cluster.key.split("/");
  const { postgresqls } = typedReader(ports.tools.kube);
  const read = await postgresqls.read({ namespace, name }, cancellation.abort);
  if (!read.known) throw new Error(read.reason);
  const current = read.value;
  if (current !== undefined && !owns(ports.controllerId, current)) return { kind: "gone" };
  await settleNote(ports, context);
  if (cluster.deletion !== undefined && cluster.deletion.uid !== current?.metadata.uid) {
    const outcome = await deletionPass(ports, context, cluster.deletion, current);
    const successor = outcome.kind === "gone" ? current : undefined;
    return successor === undefined ? outcome : { kind: "manifest", cr: successor };
  }
  if (current !== undefined && current.metadata.deletionTimestamp === undefined) {
    return { kind: "manifest", cr: current };
  }
  const last = current ?? cluster.cr;
  if (last === undefined) return { kind: "gone" };
  const stays = current === undefined ? await staysAfterAll(ports, context, last) : undefined;
  if (stays !== undefined) return stays;
  cluster.deletion ??= await deletionTargets(ports, context, last);
  return await deletionPass(ports, context, cluster.deletion, current);
}

/** Takes up a note of an earlier process where the API server itself confirms it. */
async function settleNote(
  ports: DeletionPorts,
  { cluster, log, cancellation }: DeletionContext,
): Promise<void> {
  if (cluster.orphan !== undefined) {
    cluster.noted = await whatIsLeft(ports, cluster.key, cluster.orphan, cancellation.abort);
    delete cluster.orphan;
  }
  if (cluster.noted === undefined) return;
  const confirmed = await confirmedNote(ports, cluster.key, cluster.noted, cancellation.abort);
  delete cluster.noted;
  if (confirmed !== undefined) cluster.deletion = confirmed;
  else log.warn("the note of an unfinished deletion is ignored: its manifest was not deleted");
}

/** What carries the labels of a cluster without a manifest; kinds that may not be listed stay. */
async function whatIsLeft(
  { tools, config }: DeletionPorts,
  key: string,
  uid: string,
  signal: AbortSignal,
): Promise<Deletion> {
  const [namespace = "", cluster = ""] = key.split("/");
  const lists = await Promise.all(
    ownKinds(config).map(async ({ apiVersion, kind }) => {
      const listed = await tools.kube.listOfCluster(
        { apiVersion, kind, namespace, cluster },
        signal,
      );
      return listed.known ? listed.value : [];
    }),
  );
  return orphanDeletion(uid, cluster, lists.flat(), config);
}

/**
 * What happens instead of a deletion although the cache has the manifest no longer: it was let go
 * on purpose, it is protected, or the API server itself still has it.
 */
async function staysAfterAll(
  ports: DeletionPorts,
  { cluster, log, cancellation }: DeletionContext,
  last: Postgresql,
): Promise<DeletionOutcome | undefined> {
  // A manifest with a finalizer was let go on purpose: protection by annotations is for those that
  // vanish at once (Zalando: pkg/controller/postgresql.go, queueClusterEvent).
  if (last.metadata.finalizers?.includes(FINALIZER)) return { kind: "gone" };
  const refusal = deletionRefused(last, ports.config, ports.tools.clock.now());
  if (refusal) {
    log.warn(`deletion is not carried out: ${refusal}`);
    return { kind: "gone" };
  }
  const live = await liveManifest(ports, cluster.key, cancellation.abort);
  if (live === undefined) return undefined;
  log.warn("deletion is not carried out: the API server still has the manifest");
  const same = live.metadata.uid === last.metadata.uid;
  return same && live.metadata.deletionTimestamp === undefined
    ? { kind: "manifest", cr: live }
    : { kind: "busy" };
}

/** Who wants to know what a deletion takes along. */
interface DeletionQuestion {
  readonly cluster: Pick<DeletableCluster, "key" | "memory">;
  readonly log: Pick<Logger, "warn">;
  readonly cancellation: Cancellation;
}

/** Everything of a cluster that its deletion takes along. @throws where it cannot be read */
export async function deletionTargets(
  ports: Pick<DeletionPorts, "tools" | "config" | "live">,
  deletion: DeletionQuestion,
  cr: Postgresql,
): Promise<Deletion> {
  const { tools, config } = ports;
  const { cluster, cancellation } = deletion;
  const request = { cr, memory: cluster.memory, full: false, cancellation };
  const { context } = await gather(tools, request);
  const { desired, observed } = context;
  const objects: KubeObject[] = [];
  const unmade: ObjectRef[] = [];
  for (const ref of refsOf(desired)) {
    const found = observed.objects.get(describeRef(ref));
    if (found === undefined || !found.known) {
      throw new Error(`cannot delete ${describeRef(ref)}: ${found?.reason ?? "it was not read"}`);
    }
    if (found.value !== undefined && goes(found.value, context)) objects.push(found.value);
    if (found.value === undefined && isPatronis(ref, cr.metadata.name ?? "")) unmade.push(ref);
  }
  // Whoever streams nothing need not be allowed to look at event streams.
  const streams = desired.eventStreams.length > 0 ? [observed.eventStreams] : [];
  for (const list of [observed.pods, observed.claims, ...streams]) {
    if (!list.known) throw new Error(`cannot delete ${cluster.key}: ${list.reason}`);
  }
  objects.push(...await formerSecrets(ports, deletion, context, objects));
  const claims = config.enablePersistentVolumeClaimDeletion === false
    ? []
    : valueOf(observed.claims);
  // Pods and data of a StatefulSet that is somebody else's are that one's, whatever their labels say.
  const isSetForeign = context.foreignObjects.some(({ ref }) => ref.kind === "StatefulSet");
  const members = isSetForeign ? [] : [...valueOf(observed.pods), ...claims];
  objects.push(...members, ...valueOf(observed.eventStreams));
  const service = desired.services.primary.metadata.name ?? "";
  return deletionOf(cr.metadata.uid ?? "", service, objects, unmade);
}

/**
 * Credential Secrets of roles that the manifest no longer has. Where the operator's role may not
 * list Secrets they stay, which is said.
 */
async function formerSecrets(
  { tools, live }: Pick<DeletionPorts, "tools" | "live">,
  { log, cancellation: { abort: signal } }: DeletionQuestion,
  context: PlanContext,
  known: readonly KubeObject[],
): Promise<KubeObject[]> {
  const { namespace, name } = context.effective.identity;
  const list = (reader: KubeReader) =>
    typedReader(reader).secrets.ofCluster({ namespace, cluster: name }, signal);
  const cached = await list(tools.kube);
  // A refusal that is remembered may be over.
  const listed = cached.known ? cached : await list(live);
  if (!listed.known) {
    log.warn(`Secrets of roles that the manifest no longer had stay: ${listed.reason}`);
    return [];
  }
  const taken = new Set(known.map((object) => describeRef(refOf(object))));
  const pattern = credentialSecretPattern(name, context.config);
  return listed.value.filter((secret) =>
    goes(secret, context) && pattern.test(secret.metadata.name ?? "") &&
    !taken.has(describeRef(refOf(secret)))
  );
}

function valueOf(
  observation: { known: true; value: readonly KubeObject[] | undefined } | { known: false },
): readonly KubeObject[] {
  return observation.known ? observation.value ?? [] : [];
}

/**
 * Credential Secrets only where they are ours and the configuration says so, a pooler's user list
 * with its pooler; shared objects never.
 */
function goes(object: KubeObject, context: PlanContext): boolean {
  const { config, desired } = context;
  if (SHARED.includes(object.kind) || !isOwn(object, context)) return false;
  if (object.kind !== "Secret") return true;
  if (isNeededAbroad(object, context)) return false;
  return config.enableSecretsDeletion !== false ||
    desired.poolers.some(({ authSecret }) => authSecret.name === object.metadata.name);
}

/** One pass of a deletion; `gone` when everything is gone or going. */
async function deletionPass(
  ports: DeletionPorts,
  context: DeletionContext,
  deletion: Deletion,
  cr: Postgresql | undefined,
): Promise<DeletionOutcome> {
  const { tools, controllerId } = ports;
  const { cluster, log, cancellation } = context;
  const owner: KubeObject = cr ?? cluster.cr ?? formerManifest(cluster.key);
  const replaced = cr !== undefined && cr.metadata.uid !== deletion.uid;
  const left = await whatIsThere(ports, context, deletion, replaced);
  const plan = planDeletion({
    key: cluster.key,
    cr: cr === undefined || replaced ? undefined : owner,
    ...left,
    controllerId,
    told: cluster.memory.told.has(deletion.uid),
    replaced,
  });
  cluster.memory.told.add(deletion.uid);
  const outcomes = await applyPlan(plan, tools.writers, owner, cancellation);
  const failures = outcomes.flatMap((outcome) =>
    // What another writer was faster with is read once more in the next pass.
    outcome.result === "failed" && !isConflict(outcome.error) ? [outcome.error.message] : []
  );
  for (const message of failures) {
    log.error(message);
    tools.writers.events.emit(owner, clusterEvent("failed", "Delete", message));
  }
  const done = outcomes.every(({ result }) => result === "done") &&
    plan.held.length === 0 && plan.steps.every(({ action }) => action.kind !== "delete");
  if (done) delete cluster.deletion;
  const failure = failures.length === 0 ? undefined : failures.join("; ");
  return { kind: done ? "gone" : "busy", record: { plan, outcomes, failure } };
}

/** The targets that are there by the caches, and at the end by the API server itself. */
async function whatIsThere(
  { tools, config, live }: DeletionPorts,
  { cluster, cancellation: { abort } }: DeletionContext,
  deletion: Deletion,
  replaced: boolean,
): Promise<Pick<DeletionState, "deletion" | "present">> {
  const [namespace = "", name = ""] = cluster.key.split("/");
  const found = await presentTargets(tools, deletion, abort);
  const own = [...found].filter(([, object]) => isOwnTarget(object, name, deletion, config));
  const present = new Map(own);
  // Where there is a new manifest of that name, what is new may be the new cluster's.
  if (replaced || deletion.isFinal || stillBusy({ deletion, present }) !== undefined) {
    return { deletion, present };
  }
  const look = { live, config, cluster: { namespace, name }, deletion };
  const seen = await lookPastCaches(look, abort);
  for (const object of seen.objects) present.set(describeRef(refOf(object)), object);
  cluster.deletion = seen.isFinal ? { ...seen.deletion, isFinal: true } : seen.deletion;
  return { deletion: cluster.deletion, present };
}

async function presentTargets(
  tools: PassTools,
  deletion: Deletion,
  signal: AbortSignal,
): Promise<Map<string, KubeObject>> {
  const present = new Map<string, KubeObject>();
  await Promise.all(deletion.targets.map(async ({ ref }) => {
    const found = await tools.kube.read(ref as ObjectRef, signal);
    if (!found.known) throw new Error(`cannot delete ${describeRef(ref)}: ${found.reason}`);
    if (found.value !== undefined) present.set(describeRef(ref), found.value);
  }));
  return present;
}

/** Stands for a manifest that is gone: an earlier process began its deletion. */
function formerManifest(key: string): KubeObject {
  const [namespace = "", name = ""] = key.split("/");
  const { apiVersion, kind } = RESOURCES.Postgresql;
  return { apiVersion, kind, metadata: { namespace, name } };
}
