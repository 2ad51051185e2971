/**
 * An API server that exists in memory only: a pass writes to it as to a real one, so that what would
 * come of it can be seen without a single write. Objects that it does not hold are looked up where
 * `origin` says, once. Layer: dry run; implements the pass's ports.
 */

import type { KubeObject } from "../../kubernetes/types.gen.ts";
import type { ClusterQuery, KubeReader, KubeWriter } from "../../ports/ports.ts";
import { describeRef, type ObjectRef, type Propagation, refOf } from "../../ports/requests.ts";
import { known, type Observation } from "../../ports/observation.ts";
import { applyMergePatch } from "./merge.ts";
import { kindOfStatus, PortError } from "../../ports/errors.ts";
import { ownValue } from "../../lib/own_value.ts";
import { type SimulatedChange, SimulatedObjects } from "./objects.ts";

export interface SimulatedApiOptions {
  /** Where objects come from that nobody has put here; none exist where it is left out. */
  readonly origin?: KubeReader;
  /** Label that names an object's cluster. */
  readonly clusterNameLabel: string;
  /** What the API server adds to an object that it stores; nothing where it is left out. */
  readonly stored?: (object: KubeObject) => KubeObject;
  /** Why the API server refuses a write: text and HTTP status; undefined where it does not. */
  readonly refuses?: Refuses;
}

type Refuses = (object: KubeObject, old: KubeObject | undefined) => Refusal | undefined;

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

/** Makes an API server in memory. */
export function createSimulatedApi(options: SimulatedApiOptions): SimulatedApi {
  const objects = new SimulatedObjects(options.stored ?? ((object) => object));
  const lookUp = createLookUp(objects, options.origin);
  return {
    reader: createReader(objects, lookUp, options.clusterNameLabel),
    writer: createWriter(objects, lookUp, options.refuses ?? (() => undefined)),
    objects: () => objects.all(),
    find: (ref) => objects.find(ref),
    put: (object) => objects.put(object, objects.find(refOf(object))),
    remove: (ref, propagation) => objects.remove(ref, propagation),
    onChange: (listener) => objects.onChange(listener),
  };
}

/** Objects as they are here, or as the origin has them where nobody touched them here. */
interface LookUp {
  /** @throws when the origin cannot tell */
  one(ref: ObjectRef, signal: AbortSignal): Promise<KubeObject | undefined>;
  /** Learns what a cluster has, once a query. @throws when the origin cannot tell */
  cluster(query: ClusterQuery, signal: AbortSignal): Promise<void>;
}

function createLookUp(objects: SimulatedObjects, origin: KubeReader | undefined): LookUp {
  const listed = new Map<string, Promise<void>>();

  async function load(query: ClusterQuery, signal: AbortSignal): Promise<void> {
    if (origin === undefined) return;
    const read = await origin.listOfCluster(query, signal);
    if (!read.known) throw new Error(read.reason);
    for (const object of read.value) objects.learn(refOf(object), object);
  }

  return {
    async one(ref, signal) {
      if (objects.knows(ref) || origin === undefined) return objects.find(ref);
      const read = await origin.read(ref, signal);
      if (!read.known) throw new Error(read.reason);
      objects.learn(ref, read.value);
      return objects.find(ref);
    },
    async cluster(query, signal) {
      const key = JSON.stringify(query);
      const loading = listed.get(key) ?? load(query, signal);
      listed.set(key, loading);
      await loading;
    },
  };
}

function createReader(
  objects: SimulatedObjects,
  lookUp: LookUp,
  clusterNameLabel: string,
): KubeReader {
  return {
    read: (ref, signal) => observed(() => lookUp.one(ref, signal), signal),
    listOfCluster: (query, signal) =>
      observed(async () => {
        await lookUp.cluster(query, signal);
        const { kind, namespace, cluster } = query;
        return objects.all().filter((object) =>
          object.kind === kind && object.metadata.namespace === namespace &&
          ownValue(object.metadata.labels, clusterNameLabel) === cluster
        );
      }, signal),
  };
}

/** A copy of what was read; what could not be read is unknown. */
async function observed<T>(
  read: () => Promise<T>,
  signal: AbortSignal,
): Promise<Observation<T>> {
  try {
    return known(structuredClone(await read()));
  } catch (error) {
    signal.throwIfAborted();
    return { known: false, reason: error instanceof Error ? error.message : String(error) };
  }
}

function createWriter(objects: SimulatedObjects, lookUp: LookUp, refuses: Refuses): KubeWriter {
  function write(verb: string, object: KubeObject, old: KubeObject | undefined): KubeObject {
    const refusal = refuses(object, old);
    if (refusal !== undefined) throw new SimulatedRefusal(verb, refOf(object), refusal);
    return structuredClone(objects.put(object, old));
  }

  async function existing(verb: string, ref: ObjectRef, signal: AbortSignal): Promise<KubeObject> {
    const old = await lookUp.one(ref, signal);
    if (old === undefined) throw new SimulatedRefusal(verb, ref, NOT_FOUND);
    return old;
  }

  return {
    async create(object, signal) {
      const old = await lookUp.one(refOf(object), signal);
      if (old !== undefined) throw new SimulatedRefusal("create", refOf(object), EXISTS);
      return write("create", structuredClone(object), undefined);
    },
    async replace(object, signal) {
      const old = await existing("replace", refOf(object), signal);
      requireVersion("replace", refOf(object), object.metadata.resourceVersion, old);
      const { status } = old as { status?: unknown };
      const next = { ...structuredClone(object), ...(status === undefined ? {} : { status }) };
      return write("replace", next as KubeObject, old);
    },
    async patch({ target, body, subresource }, signal) {
      const old = await existing("patch", target, signal);
      const patched = applyMergePatch(old, structuredClone(body)) as KubeObject;
      requireVersion("patch", target, (body as KubeObject).metadata?.resourceVersion, old);
      const ofStatus = () => ({ ...old, status: patched["status"] }) as KubeObject;
      return write("patch", subresource === "status" ? ofStatus() : patched, old);
    },
    async delete({ target, propagation, preconditions }, signal) {
      const old = await lookUp.one(target, signal);
      if (old === undefined) return;
      const { uid } = preconditions ?? {};
      if (uid !== undefined && uid !== old.metadata.uid) {
        throw new SimulatedRefusal("delete", target, { status: 409, message: "another uid" });
      }
      objects.remove(target, propagation);
    },
    tryCreate: () => Promise.resolve(undefined),
    mayPatch: () => Promise.resolve(true),
    async awaitGone({ target, preconditions }, signal) {
      const left = await lookUp.one(target, signal);
      if (left === undefined || left.metadata.uid !== preconditions?.uid) return;
      throw new SimulatedRefusal("delete", target, { status: 0, message: "it is still there" });
    },
  };
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

const NOT_FOUND: Refusal = { status: 404, message: "it does not exist" };
const EXISTS: Refusal = { status: 409, message: "it exists already" };
