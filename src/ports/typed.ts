/**
 * Verbs over one kind. The generated `client.gen.ts` makes a typed client of them, a member a kind;
 * the ports underneath know objects of any kind.
 */

import type { KubeObject } from "../kubernetes/types.gen.ts";
import { mapObservation, type Observation } from "./observation.ts";
import type { KubeReader, KubeWriter } from "./ports.ts";
import type { ObjectRef, PatchRequest } from "./requests.ts";
import type { Resource, ResourceInfo } from "./resources.gen.ts";

/** Names one object of a kind with namespaces. */
export interface Namespaced {
  readonly namespace: string;
  readonly name: string;
}

/** Names one object of a kind without namespaces. */
export interface ClusterScoped {
  readonly name: string;
}

/** Reads of one kind: unknown where the read failed, a known `undefined` where nothing is there. */
export interface KindReader<T, Name> {
  read(name: Name, signal: AbortSignal): Promise<Observation<T | undefined>>;
  /** Objects that carry the cluster's name label. */
  ofCluster(
    query: { readonly namespace: string; readonly cluster: string },
    signal: AbortSignal,
  ): Promise<Observation<T[]>>;
}

/** Writes of one kind; what they throw is as in `KubeWriter`. */
export interface KindWriter<T, Name> {
  create(object: T, signal: AbortSignal): Promise<T>;
  patch(name: Name, patch: Omit<PatchRequest, "target">, signal: AbortSignal): Promise<T>;
}

/** Names an object of a kind. */
export function refTo(
  { apiVersion, kind }: Pick<ResourceInfo, "apiVersion" | "kind">,
  name: Namespaced | ClusterScoped,
): ObjectRef {
  return { apiVersion, kind, ...name };
}

/** Whether an object is of a kind. */
export function isOf<T extends KubeObject>(
  { apiVersion, kind }: Resource<T>,
  object: KubeObject,
): object is T {
  return object.kind === kind && object.apiVersion === apiVersion;
}

/** The reads of one kind. */
export function readerOf<T extends KubeObject>(
  reader: KubeReader,
  resource: Resource<T>,
): KindReader<T, Namespaced | ClusterScoped> {
  const { apiVersion, kind } = resource;
  return {
    async read(name, signal) {
      const read = await reader.read(refTo(resource, name), signal);
      return mapObservation(read, (object) => object as T | undefined);
    },
    async ofCluster(query, signal) {
      const listed = await reader.listOfCluster({ apiVersion, kind, ...query }, signal);
      return mapObservation(listed, (objects) => objects as T[]);
    },
  };
}

/** The writes of one kind. */
export function writerOf<T extends KubeObject>(
  writer: KubeWriter,
  resource: Resource<T>,
): KindWriter<T, Namespaced | ClusterScoped> {
  return {
    create: async (object, signal) => await writer.create(object, signal) as T,
    patch: async (name, patch, signal) =>
      await writer.patch({ target: refTo(resource, name), ...patch }, signal) as T,
  };
}
