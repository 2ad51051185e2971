/**
 * The end of a namespace: its content is deleted, then its finalizer
 * (controllers of the dev cluster).
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/
 */
import { isNotFound, unlessGone } from "../client/client.ts";
import { reconciler } from "../client/reconciler.ts";
import { events, namespaces, objectPath, type Resource } from "../client/resources.ts";
import type { Namespace } from "../objects/storage.ts";
import type { Controller, ControllerContext } from "./context.ts";
import type { ObjectWatch } from "./object_watch.ts";

const FINALIZER = "kubernetes";

/** Starts the controller. */
export function namespaceController(
  context: ControllerContext,
  everything: ObjectWatch,
): Controller {
  const cache = context.caches.of<Namespace>(namespaces);
  const queue = reconciler((name) => endNamespace(context, everything, name), context.onError);
  const enqueueEnding = (name: string) => {
    if (cache.get(undefined, name)?.metadata.deletionTimestamp) queue.enqueue(name);
  };
  cache.onChange(({ metadata }) => enqueueEnding(metadata.name));
  everything.onChange((_resource, { metadata }, gone) => {
    if (gone && metadata.namespace) enqueueEnding(metadata.namespace);
  });
  return queue;
}

async function endNamespace(
  context: ControllerContext,
  everything: ObjectWatch,
  name: string,
): Promise<void> {
  const namespace = context.caches.of<Namespace>(namespaces).get(undefined, name);
  if (!namespace?.metadata.deletionTimestamp) return;
  if (!namespace.spec?.finalizers?.includes(FINALIZER)) return;
  const kinds = [events, ...everything.resources().filter((it) => it.namespaced)];
  await Promise.all(kinds.map((kind) => deleteAll(context, everything, kind, name)));
  const left = await Promise.all(kinds.map((kind) => isEmpty(context, kind, name)));
  // What is left has finalizers or a grace period; its last event leads here again.
  if (!left.every(Boolean)) return;
  const finalizers = namespace.spec.finalizers.filter((it) => it !== FINALIZER);
  const body = { ...namespace, spec: { ...namespace.spec, finalizers } };
  const path = objectPath(namespaces, { name });
  await unlessGone(context.client.send("PUT", `${path}/finalize`, body));
}

/** Deletes a kind's objects in a namespace unless all of them are ending already. */
async function deleteAll(
  { client }: ControllerContext,
  everything: ObjectWatch,
  resource: Resource,
  namespace: string,
): Promise<void> {
  const known = resource === events ? [] : everything.cache(resource).inNamespace(namespace);
  if (known.length > 0 && known.every(({ metadata }) => metadata.deletionTimestamp)) return;
  const body = { kind: "DeleteOptions", apiVersion: "v1", propagationPolicy: "Background" };
  try {
    await client.send("DELETE", objectPath(resource, { namespace }), body);
  } catch (error) {
    // A kind may have gone since discovery, and a few know no deletion of a whole collection.
    if (!isNotFound(error) && !isMethodUnknown(error)) throw error;
  }
}

function isMethodUnknown(error: unknown): boolean {
  return error instanceof Error && "status" in error && error.status === 405;
}

async function isEmpty({ client }: ControllerContext, resource: Resource, namespace: string) {
  try {
    return (await client.list(resource, namespace)).items.length === 0;
  } catch (error) {
    if (isNotFound(error)) return true;
    throw error;
  }
}
