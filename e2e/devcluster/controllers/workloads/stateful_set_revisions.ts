/**
 * The recorded template versions of a StatefulSet (controllers of the dev cluster).
 * https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/controller-revision-v1/
 */
import { unlessGone } from "../../client/client.ts";
import { controllerRevisions, statefulSets } from "../../client/resources.ts";
import type { Pod } from "../../objects/pod.ts";
import type { ControllerRevision, StatefulSet } from "../../objects/workloads.ts";
import {
  type ControllerContext,
  controllerOf,
  controllerReference,
  refOf,
  selects,
} from "../context.ts";
import { revisionData, revisionHash } from "./revision.ts";
import { REVISION_LABEL } from "./stateful_set_pods.ts";

export interface Revisions {
  /** The version that members had before an update under way. */
  readonly current: ControllerRevision;
  /** The version of the template as it is now. */
  readonly update: ControllerRevision;
}

/** Finds or records the version of the present template, and finds the one before. */
export async function syncRevisions(
  context: ControllerContext,
  set: StatefulSet,
): Promise<Revisions> {
  const known = await claimRevisions(context, set);
  const hash = revisionHash(set.spec.template, set.status?.collisionCount);
  const name = `${set.metadata.name}-${hash}`;
  const last = Math.max(0, ...known.map((it) => it.revision));
  const existing = known.find((it) => it.metadata.name === name);
  const update = existing
    ? await asLatest(context, existing, last)
    : await record(context, set, { hash, name, number: last + 1 });
  const current = known.find((it) => it.metadata.name === set.status?.currentRevision) ?? update;
  return { current, update };
}

/** Drops the oldest versions that neither the StatefulSet nor a pod uses. */
export async function pruneRevisions(
  context: ControllerContext,
  set: StatefulSet,
  revisions: Revisions,
  pods: readonly Pod[],
): Promise<void> {
  const live = new Set([
    revisions.current.metadata.name,
    revisions.update.metadata.name,
    ...pods.map((pod) => pod.metadata.labels?.[REVISION_LABEL]),
  ]);
  const unused = ownRevisions(context, set)
    .filter((it) => !live.has(it.metadata.name))
    .sort((a, b) => a.revision - b.revision);
  const surplus = unused.length - (set.spec.revisionHistoryLimit ?? 10);
  for (const old of unused.slice(0, Math.max(0, surplus))) {
    await unlessGone(context.client.delete(controllerRevisions, refOf(old)));
  }
}

/** The StatefulSet's own versions, after adopting those that an orphaning deletion left behind. */
async function claimRevisions(
  context: ControllerContext,
  set: StatefulSet,
): Promise<ControllerRevision[]> {
  const cache = context.caches.of<ControllerRevision>(controllerRevisions);
  for (const revision of cache.inNamespace(set.metadata.namespace)) {
    if (controllerOf(revision) || !selects(set.spec.selector, revision.metadata.labels)) continue;
    const ownerReferences = [controllerReference(set, statefulSets)];
    const patch = { metadata: { uid: revision.metadata.uid, ownerReferences } };
    const adopted = await unlessGone(
      context.client.patch<ControllerRevision>(controllerRevisions, refOf(revision), patch),
    );
    if (adopted) cache.learn(adopted);
  }
  return ownRevisions(context, set);
}

function ownRevisions(context: ControllerContext, set: StatefulSet): ControllerRevision[] {
  return context.caches.of<ControllerRevision>(controllerRevisions)
    .inNamespace(set.metadata.namespace)
    .filter((it) => controllerOf(it)?.uid === set.metadata.uid);
}

async function asLatest(
  { client, caches }: ControllerContext,
  revision: ControllerRevision,
  last: number,
): Promise<ControllerRevision> {
  if (revision.revision === last) return revision;
  const patch = { revision: last + 1 };
  const patched = await client.patch<ControllerRevision>(
    controllerRevisions,
    refOf(revision),
    patch,
  );
  caches.of<ControllerRevision>(controllerRevisions).learn(patched);
  return patched;
}

async function record(
  { client, caches }: ControllerContext,
  set: StatefulSet,
  { hash, name, number }: { hash: string; name: string; number: number },
): Promise<ControllerRevision> {
  const created = await client.create<ControllerRevision>(controllerRevisions, {
    apiVersion: "apps/v1",
    kind: "ControllerRevision",
    metadata: {
      name,
      namespace: set.metadata.namespace!,
      labels: { ...set.spec.template.metadata?.labels, "controller.kubernetes.io/hash": hash },
      ...(set.metadata.annotations ? { annotations: set.metadata.annotations } : {}),
      ownerReferences: [controllerReference(set, statefulSets)],
    },
    data: revisionData(set.spec.template),
    revision: number,
  });
  caches.of<ControllerRevision>(controllerRevisions).learn(created);
  return created;
}
