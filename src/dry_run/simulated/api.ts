/**
 * An API server that exists in memory only: a pass writes to it as to a real one, so that what would
 * come of it can be seen without a single write. Objects that it does not hold are looked up where
 * `origin` says, once. Layer: dry run; implements the pass's ports.
 */

import type { KubeObject } from "../../kubernetes/types.gen.ts";
import type { ClusterQuery, KubeReader, KubeWriter } from "../../ports/ports.ts";
import {
  type DeleteRequest,
  describeRef,
  type ObjectRef,
  type PatchRequest,
  type Propagation,
  refOf,
} from "../../ports/requests.ts";
import { known } from "../../ports/observation.ts";
import { applyMergePatch } from "./merge.ts";
import { kindOfStatus, PortError } from "../../ports/errors.ts";
import { ownValue } from "../../lib/own_value.ts";

/** One change, in the shape in which the controller hears of changes. */
export interface SimulatedChange {
  readonly type: "apply" | "delete";
  readonly object: KubeObject;
  readonly old?: KubeObject | undefined;
}

export interface SimulatedApiOptions {
  /** Where objects come from that nobody has put here; none exist where it is left out. */
  readonly origin?: KubeReader;
  /** Label that names an object's cluster. */
  readonly clusterNameLabel: string;
  /** What the API server adds to an object that it stores; nothing where it is left out. */
  readonly stored?: (object: KubeObject) => KubeObject;
  /** Why the API server refuses a write: text and HTTP status; undefined where it does not. */
  readonly refuses?: (object: KubeObject, old: KubeObject | undefined) => Refusal | undefined;
}

export interface Refusal {
  readonly status: number;
  readonly message: string;
}

export interface SimulatedApi {
  readonly reader: KubeReader;
  readonly writer: KubeWriter;
  /** What is there now, as far as anybody asked. */
  objects(): readonly KubeObject[];
  find(ref: ObjectRef): KubeObject | undefined;
  /** Creates or replaces an object as a person or a controller would. */
  put(object: KubeObject): KubeObject;
  /** Asks for an object's end: it is marked where a finalizer holds it. */
  remove(ref: ObjectRef, propagation?: Propagation): void;
  onChange(listener: (change: SimulatedChange) => void): () => void;
}

/** A write that the API server would refuse; `status` as in HTTP. */
export class SimulatedRefusal extends PortError {
  override readonly name = "SimulatedRefusal";
  readonly status: number;

  constructor(verb: string, ref: ObjectRef, { status, message }: Refusal) {
    super(`cannot ${verb} ${describeRef(ref)}: ${message}`, kindOfStatus(status));
    this.status = status;
  }
}

const DELETED_AT = "2026-01-01T00:00:00Z";

/** Makes an API server in memory. */
export function createSimulatedApi(options: SimulatedApiOptions): SimulatedApi {
  const { origin, clusterNameLabel } = options;
  const objects = new Map<string, KubeObject | undefined>();
  const listed = new Map<string, Promise<void>>();
  const listeners = new Set<(change: SimulatedChange) => void>();
  let version = 0;

  function tell(change: SimulatedChange): void {
    for (const listener of [...listeners]) listener(structuredClone(change));
  }

  function store(object: KubeObject, old: KubeObject | undefined): KubeObject {
    const changed = JSON.stringify(old?.["spec"]) !== JSON.stringify(object["spec"]);
    const generation = (old?.metadata.generation ?? 0) + (changed || old === undefined ? 1 : 0);
    const next = options.stored?.(object) ?? object;
    if (old !== undefined && sameContent(next, old)) return old;
    const written = {
      ...next,
      metadata: {
        ...next.metadata,
        uid: old?.metadata.uid ?? object.metadata.uid ?? `simulated-${++version}`,
        resourceVersion: String(++version),
        generation,
      },
    };
    const key = describeRef(refOf(object));
    // In the order of their creation, as Patroni lists its members.
    if (old === undefined) objects.delete(key);
    objects.set(key, written);
    tell({ type: "apply", object: written, old });
    return written;
  }

  /** Stores an object; one that waited for its last finalizer goes. */
  function put(object: KubeObject, old: KubeObject | undefined): KubeObject {
    const { deletionTimestamp, finalizers = [] } = object.metadata;
    if (deletionTimestamp === undefined || finalizers.length > 0) return store(object, old);
    drop(object, "Background");
    return object;
  }

  function drop(object: KubeObject, propagation: Propagation): void {
    objects.set(describeRef(refOf(object)), undefined);
    releaseDependents(object, propagation);
    tell({ type: "delete", object });
  }

  /** What the garbage collector does with the objects that an object owns. */
  function releaseDependents({ metadata }: KubeObject, propagation: Propagation): void {
    for (const dependent of objects.values()) {
      const owners = dependent?.metadata.ownerReferences ?? [];
      if (dependent === undefined || !owners.some(({ uid }) => uid === metadata.uid)) continue;
      const others = owners.filter(({ uid }) => uid !== metadata.uid);
      if (propagation !== "Orphan" && others.length === 0) remove(refOf(dependent));
      else {
        const { ownerReferences: _, ...rest } = dependent.metadata;
        const kept = others.length === 0 ? rest : { ...rest, ownerReferences: others };
        store({ ...dependent, metadata: kept }, dependent);
      }
    }
  }

  function remove(ref: ObjectRef, propagation: Propagation = "Background"): void {
    const object = objects.get(describeRef(ref));
    if (object === undefined) return;
    const held = object.metadata.finalizers ?? [];
    if (held.length === 0) return drop(object, propagation);
    if (object.metadata.deletionTimestamp !== undefined) return;
    const metadata = { ...object.metadata, deletionTimestamp: DELETED_AT };
    store({ ...object, metadata }, object);
  }

  async function current(ref: ObjectRef, signal: AbortSignal): Promise<KubeObject | undefined> {
    const key = describeRef(ref);
    if (objects.has(key) || origin === undefined) return objects.get(key);
    const read = await origin.read(ref, signal);
    if (!read.known) throw new Error(read.reason);
    if (!objects.has(key)) objects.set(key, read.value);
    return objects.get(key);
  }

  async function loadList(query: ClusterQuery, signal: AbortSignal): Promise<void> {
    if (origin === undefined) return;
    const read = await origin.listOfCluster(query, signal);
    if (!read.known) throw new Error(read.reason);
    for (const object of read.value) {
      const key = describeRef(refOf(object));
      if (!objects.has(key)) objects.set(key, object);
    }
  }

  function checked(verb: string, object: KubeObject, old: KubeObject | undefined): KubeObject {
    const refusal = options.refuses?.(object, old);
    if (refusal !== undefined) throw new SimulatedRefusal(verb, refOf(object), refusal);
    return structuredClone(put(object, old));
  }

  async function patch(request: PatchRequest, signal: AbortSignal): Promise<KubeObject> {
    const { target, body, subresource } = request;
    const old = await current(target, signal);
    if (old === undefined) throw new SimulatedRefusal("patch", target, notFound());
    const patched = applyMergePatch(old, structuredClone(body)) as KubeObject;
    requireVersion("patch", target, (body as KubeObject).metadata?.resourceVersion, old);
    const next = subresource === "status"
      ? { ...old, status: patched["status"] } as KubeObject
      : patched;
    return checked("patch", next, old);
  }

  const reader: KubeReader = {
    async read(ref, signal) {
      try {
        return known(structuredClone(await current(ref, signal)));
      } catch (error) {
        signal.throwIfAborted();
        return { known: false, reason: error instanceof Error ? error.message : String(error) };
      }
    },
    async listOfCluster(query, signal) {
      const key = JSON.stringify(query);
      try {
        if (!listed.has(key)) listed.set(key, loadList(query, signal));
        await listed.get(key);
      } catch (error) {
        signal.throwIfAborted();
        return { known: false, reason: error instanceof Error ? error.message : String(error) };
      }
      const { kind, namespace, cluster } = query;
      const found = [...objects.values()].filter((object): object is KubeObject =>
        object?.kind === kind && object.metadata.namespace === namespace &&
        ownValue(object.metadata.labels, clusterNameLabel) === cluster
      );
      return known(structuredClone(found));
    },
  };

  const writer: KubeWriter = {
    async create(object, signal) {
      const old = await current(refOf(object), signal);
      if (old !== undefined) throw new SimulatedRefusal("create", refOf(object), exists());
      return checked("create", structuredClone(object), undefined);
    },
    async replace(object, signal) {
      const old = await current(refOf(object), signal);
      if (old === undefined) throw new SimulatedRefusal("replace", refOf(object), notFound());
      requireVersion("replace", refOf(object), object.metadata.resourceVersion, old);
      const { status } = old as { status?: unknown };
      const next = { ...structuredClone(object), ...(status === undefined ? {} : { status }) };
      return checked("replace", next as KubeObject, old);
    },
    patch,
    async delete({ target, propagation, preconditions }: DeleteRequest, signal) {
      const old = await current(target, signal);
      if (old === undefined) return;
      const { uid } = preconditions ?? {};
      if (uid !== undefined && uid !== old.metadata.uid) {
        throw new SimulatedRefusal("delete", target, { status: 409, message: "another uid" });
      }
      remove(target, propagation);
    },
    async awaitGone({ target, preconditions }, signal) {
      const left = await current(target, signal);
      if (left === undefined || left.metadata.uid !== preconditions?.uid) return;
      throw new SimulatedRefusal("delete", target, { status: 0, message: "it is still there" });
    },
  };

  return {
    reader,
    writer,
    objects: () => [...objects.values()].filter((object) => object !== undefined),
    find: (ref) => objects.get(describeRef(ref)),
    put: (object) => put(object, objects.get(describeRef(refOf(object)))),
    remove,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** True for a write that changes nothing: the API server keeps the version, nobody hears of it. */
function sameContent(next: KubeObject, old: KubeObject): boolean {
  const content = ({ metadata, ...rest }: KubeObject) => {
    const { resourceVersion: _, generation: __, uid: ___, ...kept } = metadata;
    return JSON.stringify(sortedKeys({ ...rest, metadata: kept }));
  };
  return content(next) === content(old);
}

function sortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedKeys);
  if (typeof value !== "object" || value === null) return value;
  const record = value as Record<string, unknown>;
  return Object.fromEntries(
    Object.keys(record).sort().map((key) => [key, sortedKeys(record[key])]),
  );
}

function requireVersion(
  verb: string,
  ref: ObjectRef,
  wanted: string | undefined,
  { metadata }: KubeObject,
): void {
  if (wanted === undefined || wanted === metadata.resourceVersion) return;
  throw new SimulatedRefusal(verb, ref, { status: 409, message: "it has changed meanwhile" });
}

function notFound(): Refusal {
  return { status: 404, message: "it does not exist" };
}

function exists(): Refusal {
  return { status: 409, message: "it exists already" };
}
