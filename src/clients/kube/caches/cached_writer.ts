/**
 * Writes that the caches learn of at once, so that the next pass reads what this one wrote. Layer:
 * client of the API server, implements the pass's ports.
 */

import type { KubeWriter } from "../../../ports/ports.ts";
import { type DeleteRequest, type ObjectRef, refOf } from "../../../ports/requests.ts";
import { cachesOf, type Sources } from "./cached_reader.ts";
import type { KubeClient } from "../client.ts";
import { cloneObject } from "../../../api/clone.gen.ts";
import { createDirectWriter } from "../direct.ts";
import { hasStatus, isAlreadyExists, KubeError } from "../errors.ts";
import { createSharing } from "./shared_creation.ts";
import { type SelectionCache, trim } from "./selection_cache.ts";
import type { KubeObject } from "../../../kubernetes/types.gen.ts";

/** A writer that tells the sources of reads. */
export function createCachedWriter(client: KubeClient, sources: Sources): KubeWriter {
  const direct = createDirectWriter(client);
  const createShared = createSharing((ref, uid) => uidsOf(sources, ref).includes(uid));

  async function write(
    ref: ObjectRef,
    signal: AbortSignal,
    send: () => Promise<KubeObject>,
  ): Promise<KubeObject> {
    try {
      const object = trim(await send());
      // The answer of a subresource may be of another kind, e.g. a Scale.
      if (object.kind === ref.kind) noteWrite(sources, cloneObject(object));
      else sources.remembered.forget(ref);
      return object;
    } catch (error) {
      noteRefusal(sources, ref, error);
      if (hasStatus(error, 409) && !isAlreadyExists(error)) await lookAgain(ref, signal);
      throw error;
    }
  }

  /** Whoever lost a race to what a watch has not shown yet would lose the next one too. */
  async function lookAgain(ref: ObjectRef, signal: AbortSignal): Promise<void> {
    try {
      const object = await client.get(ref, { signal });
      if (object !== undefined) noteWrite(sources, trim(object));
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
    }
  }

  return {
    create: (object, signal) =>
      createShared(object, () => write(refOf(object), signal, () => direct.create(object, signal))),
    replace: (object, signal) => write(refOf(object), signal, () => direct.replace(object, signal)),
    patch: (request, signal) => write(request.target, signal, () => direct.patch(request, signal)),
    tryCreate: (object, signal) => direct.tryCreate(object, signal),
    mayPatch: (target, signal) => direct.mayPatch(target, signal),
    async delete(request, signal) {
      const { target, ...options } = request;
      const answer = await client.delete(target, { ...options, signal });
      noteDelete(sources, request, answer);
    },
    async awaitGone(request, signal) {
      await direct.awaitGone(request, signal);
      noteDelete(sources, request, undefined);
      // Another one may have taken the name meanwhile.
      sources.remembered.forget(request.target);
    },
  };
}

/** The uids that caches and memory know of an object by its name; usually one. */
function uidsOf(sources: Sources, ref: ObjectRef): (string | undefined)[] {
  const shown = cachesOf(sources, ref).map(({ store }) => store.get(ref.namespace, ref.name));
  return [...shown, sources.remembered.recall(ref)?.object].flatMap((object) =>
    object?.metadata.uid ?? []
  );
}

/** Puts an object into every cache that would hold it; one that none would hold is followed. */
function noteWrite(sources: Sources, object: KubeObject): void {
  const ref = refOf(object);
  const caches = cachesOf(sources, ref);
  const holding = caches.filter((cache) => cache.holds(object));
  for (const cache of holding) cache.store.applyWrite(object);
  if (!holding.some((cache) => cache.state() === "synced")) sources.remembered.wrote(object);
  // Its kind is read from a selection that will not show it: it would be made again.
  if (holding.length === 0 && caches.some(isFollowing)) sources.pins.pin(ref);
}

function noteRefusal(sources: Sources, ref: ObjectRef, error: unknown): void {
  if (hasStatus(error, 404) || hasStatus(error, 409)) sources.remembered.forget(ref);
  if (!isAlreadyExists(error)) return;
  // Somebody else's object holds the name, and our selections do not show it.
  const caches = cachesOf(sources, ref);
  const isShown = caches.some((cache) => cache.store.get(ref.namespace, ref.name) !== undefined);
  if (!isShown && caches.some(isFollowing)) sources.pins.pin(ref);
}

/** Where the role forbids to follow a kind, it forbids to follow one object too. */
function isFollowing(cache: SelectionCache): boolean {
  return cache.state() !== "forbidden";
}

/** Hides the object if the answer says that it is gone, else shows that it is going. */
function noteDelete(
  sources: Sources,
  { target, preconditions }: DeleteRequest,
  answer: KubeObject | undefined,
): void {
  const isGoing = answer?.kind === target.kind && isStillThere(answer);
  if (isGoing) sources.remembered.forget(target);
  else sources.remembered.deleted(target);
  const uid = uidOf(answer) ?? preconditions?.uid;
  for (const cache of cachesOf(sources, target)) {
    if (isGoing) cache.store.applyWrite(cloneObject(trim(answer)));
    else cache.store.markDeleted(target.namespace, target.name, uid);
  }
}

/** An object that waits for a finalizer or for its grace period; others are gone at once. */
function isStillThere({ metadata }: KubeObject): boolean {
  return metadata.deletionTimestamp !== undefined &&
    ((metadata.finalizers?.length ?? 0) > 0 || (metadata.deletionGracePeriodSeconds ?? 0) > 0);
}

function uidOf(answer: KubeObject | undefined): string | undefined {
  if (answer?.kind !== "Status") return answer?.metadata.uid;
  return (answer["details"] as { uid?: string } | undefined)?.uid;
}
