/**
 * Carries out deletions: of manifests that are gone, of those with a deletion timestamp, and of
 * those that an earlier process left unfinished.
 */

import type { Postgresql } from "../api/types.gen.ts";
import type { KubeObject } from "../kubernetes/types.gen.ts";
import { applyPlan, type Cancellation } from "../cluster/apply/apply_plan.ts";
import { credentialSecretPattern, FINALIZER } from "../cluster/desired/names.ts";
import { isNeededAbroad } from "../cluster/plan/credentials/secret_owner.ts";
import { isOwn } from "../cluster/plan/steps/ownership.ts";
import { ownKinds } from "../cluster/desired/own_objects.ts";
import {
  type Deletion,
  deletionOf,
  isOwnTarget,
  orphanDeletion,
  planDeletion,
} from "../cluster/plan/deletion.ts";
import type { PlanContext } from "../cluster/plan/steps/context.ts";
import { refsOf } from "../cluster/plan/refs.ts";
import { lookAt, type PassTools } from "../cluster/pass/reconcile.ts";
import { typedReader } from "../ports/client.gen.ts";
import { describeRef, type ObjectRef, refOf } from "../ports/requests.ts";
import { RESOURCES } from "../ports/resources.gen.ts";
import type { Config } from "../config/config.ts";
import type { Logger } from "../log/logger.ts";
import { deletionRefused } from "./deletion_gate.ts";
import { owns } from "./ownership.ts";
import { confirmedNote, liveManifest, type LivePorts } from "./live_manifest.ts";
import type { QueueItem } from "./queue.ts";
import type { ClusterEntry } from "./registry.ts";

export interface DeletionPorts extends LivePorts {
  readonly tools: PassTools;
  readonly config: Config;
}

export interface DeletionContext {
  readonly entry: ClusterEntry;
  readonly item: QueueItem;
  readonly log: Logger;
  readonly cancellation: Cancellation;
}

/** Kinds that a cluster shares with others of its namespace. */
const SHARED: readonly string[] = ["ServiceAccount", "RoleBinding"];

/**
 * Goes on with a deletion where there is one. Returns the manifest where the cluster is to be looked
 * after, `gone` when nothing is left to do, `busy` when the deletion needs another pass.
 */
export async function continueDeletion(
  ports: DeletionPorts,
  context: DeletionContext,
): Promise<Postgresql | "gone" | "busy"> {
  const { entry, cancellation } = context;
  const [namespace = "", name = ""] = entry.key.split("/");
  const { postgresqls } = typedReader(ports.tools.kube);
  const read = await postgresqls.read({ namespace, name }, cancellation.abort);
  if (!read.known) throw new Error(read.reason);
  const current = read.value;
  if (current !== undefined && !owns(ports.controllerId, current)) return "gone";
  await settleNote(ports, context);
  if (entry.deletion !== undefined && entry.deletion.uid !== current?.metadata.uid) {
    const done = await carryOut(ports, context, entry.deletion, current);
    return done ? current ?? "gone" : "busy";
  }
  if (current !== undefined && current.metadata.deletionTimestamp === undefined) return current;
  const last = current ?? entry.cr;
  if (last === undefined) return "gone";
  const stays = current === undefined ? await staysAfterAll(ports, context, last) : undefined;
  if (stays !== undefined) return stays;
  entry.deletion ??= await whatGoes(ports, context, last);
  const done = await carryOut(ports, context, entry.deletion, current);
  return done ? "gone" : "busy";
}

/** Takes up a note of an earlier process where the API server itself confirms it. */
async function settleNote(
  ports: DeletionPorts,
  { entry, log, cancellation }: DeletionContext,
): Promise<void> {
  if (entry.orphan !== undefined) {
    entry.noted = await whatIsLeft(ports, entry.key, entry.orphan, cancellation.abort);
    delete entry.orphan;
  }
  if (entry.noted === undefined) return;
  const confirmed = await confirmedNote(ports, entry.key, entry.noted, cancellation.abort);
  delete entry.noted;
  if (confirmed !== undefined) entry.deletion = confirmed;
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
  { entry, log, cancellation }: DeletionContext,
  last: Postgresql,
): Promise<Postgresql | "gone" | "busy" | undefined> {
  // A manifest with a finalizer was let go on purpose: protection by annotations is for those that
  // vanish at once (Zalando: pkg/controller/postgresql.go, queueClusterEvent).
  if (last.metadata.finalizers?.includes(FINALIZER)) return "gone";
  const refusal = deletionRefused(last, ports.config, ports.tools.clock.now());
  if (refusal) {
    log.warn(`deletion is not carried out: ${refusal}`);
    return "gone";
  }
  const live = await liveManifest(ports, entry.key, cancellation.abort);
  if (live === undefined) return undefined;
  log.warn("deletion is not carried out: the API server still has the manifest");
  const same = live.metadata.uid === last.metadata.uid;
  return same && live.metadata.deletionTimestamp === undefined ? live : "busy";
}

/** Everything of a cluster that its deletion takes along. */
async function whatGoes(
  { tools, config }: DeletionPorts,
  { entry, cancellation }: DeletionContext,
  cr: Postgresql,
): Promise<Deletion> {
  const request = { cr, memory: entry.memory, full: false, cancellation };
  const { context } = await lookAt(tools, request);
  const { desired, observed } = context;
  const objects: KubeObject[] = [];
  for (const ref of refsOf(desired)) {
    const found = observed.objects.get(describeRef(ref));
    if (found === undefined || !found.known) {
      throw new Error(`cannot delete ${describeRef(ref)}: ${found?.reason ?? "it was not read"}`);
    }
    if (found.value !== undefined && goes(found.value, context)) objects.push(found.value);
  }
  // Whoever streams nothing need not be allowed to look at event streams.
  const streams = desired.eventStreams.length > 0 ? [observed.eventStreams] : [];
  for (const list of [observed.pods, observed.claims, ...streams]) {
    if (!list.known) throw new Error(`cannot delete ${entry.key}: ${list.reason}`);
  }
  objects.push(...await formerSecrets(tools, context, objects, cancellation.abort));
  const claims = config.enablePersistentVolumeClaimDeletion === false
    ? []
    : valueOf(observed.claims);
  objects.push(...valueOf(observed.pods), ...claims, ...valueOf(observed.eventStreams));
  const service = desired.services.primary.metadata.name ?? "";
  return deletionOf(cr.metadata.uid ?? "", service, objects);
}

/**
 * Credential Secrets of roles that the manifest no longer has. Where the operator's role may not
 * list Secrets they stay.
 */
async function formerSecrets(
  tools: PassTools,
  context: PlanContext,
  known: readonly KubeObject[],
  signal: AbortSignal,
): Promise<KubeObject[]> {
  const { namespace, name } = context.effective.identity;
  const { secrets } = typedReader(tools.kube);
  const listed = await secrets.ofCluster({ namespace, cluster: name }, signal);
  if (!listed.known) return [];
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

/** One pass of a deletion; true when everything is gone or going. */
async function carryOut(
  { tools, config, controllerId }: DeletionPorts,
  { entry, item, log, cancellation }: DeletionContext,
  deletion: Deletion,
  cr: Postgresql | undefined,
): Promise<boolean> {
  const [, name = ""] = entry.key.split("/");
  const found = await presentTargets(tools, deletion, cancellation.abort);
  const own = [...found].filter(([, object]) => isOwnTarget(object, name, deletion, config));
  const present = new Map(own);
  const owner: KubeObject = cr ?? entry.cr ?? stranger(entry.key);
  const plan = planDeletion({
    key: entry.key,
    cr: cr === undefined || cr.metadata.uid !== deletion.uid ? undefined : owner,
    deletion,
    controllerId,
    present,
    told: entry.memory.told.has(deletion.uid),
  });
  entry.memory.told.add(deletion.uid);
  const outcomes = await applyPlan(plan, tools.writers, owner, cancellation);
  const failures = outcomes.flatMap((outcome) =>
    outcome.result === "failed" ? [outcome.error.message] : []
  );
  const at = tools.clock.now();
  const failure = failures.length === 0 ? undefined : failures.join("; ");
  entry.last = { cause: item.cause, at, plan, outcomes, failure };
  for (const message of failures) {
    log.error(message);
    tools.writers.events.emit(owner, { type: "Warning", reason: "Delete", message });
  }
  const done = outcomes.every(({ result }) => result === "done") &&
    plan.steps.every(({ action }) => action.kind !== "delete");
  if (done) delete entry.deletion;
  return done;
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
function stranger(key: string): KubeObject {
  const [namespace = "", name = ""] = key.split("/");
  const { apiVersion, kind } = RESOURCES.Postgresql;
  return { apiVersion, kind, metadata: { namespace, name } };
}
