/**
 * Writes: the pipeline that each create and update goes through (decode, defaults, what a client
 * may set, admission, validation, managed fields, store). One for built-in kinds and custom resources.
 */
import {
  alreadyExists,
  ApiError,
  badRequest,
  type Cause,
  conflict,
  forbidden,
  invalid,
  modified,
  notFound,
} from "../model/api_error.ts";
import { decodeBody } from "./decode_body.ts";
import { decodeBuiltin } from "../kubernetes/decode.ts";
import {
  isObject,
  type Json,
  jsonEqual,
  type JsonObject,
  type KubeObject,
  objectAt,
} from "../model/json.ts";
import { trackUpdate } from "./managed_fields/manager.ts";
import { finishIfReleased } from "./delete.ts";
import { present, storedForm } from "./versions.ts";
import { kindSubjectOf, subjectOf } from "../model/resource_type.ts";
import { strategyOf } from "./strategies/strategies.ts";
import type { Strategy } from "./strategy.ts";
import { immutable, validateMetadata, validateMetadataUpdate } from "./validate_metadata.ts";
import type { Write } from "./write_request.ts";
import { kubeTime } from "../../objects/time.ts";

/** How an update finds its new state; both see the stored object. */
export interface Update {
  name: string;
  subresource: string;
  /** Result: the new object, already a copy. Called again when nothing but the revision changed. */
  change(current: KubeObject): KubeObject;
  /** Set by server-side apply, which computes managed fields itself. */
  ownsManagedFields?: boolean;
  /** The new state is a patched copy, so its uid is no precondition of the client. */
  patched?: boolean;
}

/** Checks that the namespace takes new objects. @throws ApiError 404 or 403. */
export function requireNamespace(write: Write, name: string): void {
  if (!write.type.namespaced) return;
  const namespace = write.store.get("/namespaces", undefined, write.namespace);
  if (!namespace) throw notFound({ group: "", kind: "namespaces", name: write.namespace });
  if (!namespace.metadata.deletionTimestamp) return;
  const error = forbidden(
    subjectOf(write.type, name),
    `unable to create new content in namespace ${write.namespace} because it is being terminated`,
  );
  const causes = [{
    reason: "NamespaceTerminating",
    message: `namespace ${write.namespace} is being terminated`,
    field: "metadata.namespace",
  }];
  throw new ApiError(403, "Forbidden", error.message, { details: { ...error.details, causes } });
}

function checkNamespace(write: Write, object: KubeObject): void {
  const metadata = object.metadata;
  if (!write.type.namespaced) {
    delete metadata.namespace;
    return;
  }
  if (metadata.namespace && metadata.namespace !== write.namespace) {
    throw badRequest(
      "the namespace of the provided object does not match the namespace sent on the request",
    );
  }
  metadata.namespace = write.namespace;
}

const NAME_ALPHABET = "bcdfghjklmnpqrstvwxz2456789";

function generatedName(base: string): string {
  const random = crypto.getRandomValues(new Uint8Array(5));
  const suffix = [...random].map((byte) => NAME_ALPHABET[byte % NAME_ALPHABET.length]).join("");
  return base.slice(0, 58) + suffix;
}

function refuseInvalid(write: Write, name: string, causes: Cause[]): void {
  if (causes.length > 0) throw invalid(kindSubjectOf(write.type, name), causes);
}

/** Gives a new object what only the server sets. */
function stampNew(write: Write, object: KubeObject, strategy: Strategy): void {
  const metadata = object.metadata;
  if (!metadata.name && metadata.generateName) metadata.name = generatedName(metadata.generateName);
  delete metadata.deletionTimestamp;
  delete metadata.deletionGracePeriodSeconds;
  delete metadata.resourceVersion;
  delete metadata["selfLink"];
  metadata.uid = crypto.randomUUID();
  metadata.creationTimestamp = kubeTime(write.now);
  if (write.type.custom || strategy.generation) metadata.generation = 1;
  else delete metadata.generation;
}

/** Gives what hooks have written the form in which Kubernetes stores it. */
function normalise(write: Write, object: KubeObject): void {
  if (write.type.custom) return;
  const { object: normal } = decodeBuiltin(object, write.type.schema);
  for (const key of Object.keys(object)) delete (object as JsonObject)[key];
  Object.assign(object, normal);
}

/**
 * Creates an object from a request body; `tracked` when it carries its managed fields already.
 * @throws ApiError as kube-apiserver answers.
 */
export function createObject(
  write: Write,
  body: JsonObject,
  name = "",
  managedFields: "new" | "tracked" = "new",
): KubeObject {
  const { type, store } = write;
  const strategy = strategyOf(type);
  const decoded = decodeBody(write, body);
  checkNamespace(write, decoded);
  if (type.subresources.has("status") && !strategy.keepsStatus) delete decoded["status"];
  strategy.defaults?.(decoded);
  const object = managedFields === "tracked"
    ? decoded
    : trackUpdate({ ...write, object: decoded, subresource: "" });
  if (object.metadata.resourceVersion) {
    // Kubernetes takes this for its own fault.
    throw new ApiError(500, "", "resourceVersion should not be set on objects to be created");
  }
  if (name) object.metadata.name ??= name;
  stampNew(write, object, strategy);
  strategy.prepareCreate?.(object, write);
  requireNamespace(write, object.metadata.name ?? "");
  strategy.admitCreate?.(object, write);
  normalise(write, object);
  refuseInvalid(write, object.metadata.name ?? "", [
    ...validateMetadata(object, strategy),
    ...strategy.validate?.(object, write) ?? [],
  ]);
  if (store.get(type.storageKey, object.metadata.namespace, object.metadata.name!)) {
    throw alreadyExists(subjectOf(type, object.metadata.name!));
  }
  if (write.dryRun) return object;
  const stored = store.put(type.storageKey, storedForm(type, object));
  strategy.afterWrite?.(stored, write);
  return stored;
}

/** What an update may not touch stays as it was. */
function keepServerFields(object: KubeObject, current: KubeObject): void {
  const metadata = object.metadata;
  const was = current.metadata;
  for (
    const key of [
      "uid",
      "creationTimestamp",
      "deletionTimestamp",
      "deletionGracePeriodSeconds",
      "generation",
      "generateName",
    ] as const
  ) {
    if (was[key] === undefined) delete metadata[key];
    else (metadata as JsonObject)[key] = was[key];
  }
  delete metadata["selfLink"];
}

function checkPreconditions(
  write: Write,
  object: KubeObject,
  current: KubeObject,
  patched: boolean,
): void {
  const { uid, resourceVersion } = object.metadata;
  const subject = subjectOf(write.type, current.metadata.name!);
  if (uid && uid !== current.metadata.uid && patched) {
    const cause = immutable("metadata.uid", uid, current.metadata.uid!)[0]!;
    throw invalid(kindSubjectOf(write.type, current.metadata.name!), [cause, cause]);
  }
  if (uid && uid !== current.metadata.uid) {
    throw conflict(
      subject,
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${current.metadata.uid}`,
    );
  }
  if (
    resourceVersion && resourceVersion !== "0" &&
    resourceVersion !== current.metadata.resourceVersion
  ) {
    throw modified(subject);
  }
}

/** Splits what the main resource and what `status` may change. */
function keepOtherHalf(
  write: Write,
  object: KubeObject,
  current: KubeObject,
  subresource: string,
): void {
  const { type } = write;
  if (subresource === "status") {
    for (const key of Object.keys(object)) {
      if (!["apiVersion", "kind", "metadata", "status"].includes(key)) delete object[key];
    }
    for (const [key, value] of Object.entries(current)) {
      if (!["apiVersion", "kind", "metadata", "status"].includes(key)) object[key] = value;
    }
    const managedFields = object.metadata["managedFields"];
    const own = type.custom
      ? {}
      : { labels: object.metadata.labels, annotations: object.metadata.annotations };
    const finalizers = type.custom ? {} : { finalizers: object.metadata.finalizers };
    object.metadata = withoutUndefined({
      ...current.metadata,
      ...own,
      ...finalizers,
      managedFields,
    }) as KubeObject["metadata"];
  } else if (type.subresources.has("status") && !strategyOf(type).keepsStatus) {
    if (current["status"] === undefined) delete object["status"];
    else object["status"] = current["status"];
  }
}

function withoutUndefined(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

function specChanged(object: KubeObject, current: KubeObject, write: Write): boolean {
  const ignored = new Set(["metadata", "apiVersion", "kind"]);
  if (write.type.subresources.has("status")) ignored.add("status");
  const relevant = (value: JsonObject) =>
    Object.fromEntries(Object.entries(value).filter(([key]) => !ignored.has(key)));
  return !jsonEqual(relevant(object), relevant(current));
}

/** Whether a write would change nothing that is stored. */
function isNoop(object: KubeObject, current: KubeObject): boolean {
  const bare = (value: KubeObject) => ({
    ...value,
    metadata: { ...value.metadata, managedFields: undefined, resourceVersion: undefined },
  });
  if (!jsonEqual(bare(object), bare(current))) return false;
  return jsonEqual(managersOf(object), managersOf(current));
}

/** Managed fields without their times, which alone are no change. */
function managersOf(object: KubeObject): JsonObject {
  const entries = object.metadata["managedFields"];
  if (!Array.isArray(entries)) return {};
  return {
    entries: entries.map((entry) => isObject(entry) ? { ...entry, time: undefined } : entry),
  };
}

function requireName(found: Json | undefined, wanted: string): void {
  if (found === wanted) return;
  throw badRequest(
    `the name of the object (${
      String(found ?? "")
    }) does not match the name on the URL (${wanted})`,
  );
}

/** The new state as the client asks for it, with managed fields noted. */
function requestedState(write: Write, update: Update, current: KubeObject): KubeObject {
  const object = update.change(current);
  checkNamespace(write, object);
  requireName(object.metadata.name, update.name);
  checkPreconditions(write, object, current, update.patched ?? false);
  keepServerFields(object, current);
  keepOtherHalf(write, object, current, update.subresource);
  if (update.subresource === "") strategyOf(write.type).defaults?.(object);
  if (update.ownsManagedFields) return object;
  return trackUpdate({ ...write, object, current, subresource: update.subresource });
}

/** What the server makes of the requested state, in place. @throws ApiError 403, 422. */
function prepareUpdate(
  write: Write,
  update: Update,
  object: KubeObject,
  current: KubeObject,
): void {
  const { type } = write;
  const strategy = strategyOf(type);
  if (update.subresource === "") {
    strategy.prepareUpdate?.(object, current, write);
    const counts = type.custom !== undefined || strategy.generation;
    if (counts && specChanged(object, current, write)) {
      object.metadata.generation = (current.metadata.generation ?? 0) + 1;
    }
    strategy.admitUpdate?.(object, current, write);
    normalise(write, object);
    refuseInvalid(write, current.metadata.name!, [
      ...validateMetadataUpdate(object, current, strategy),
      ...strategy.validateUpdate?.(object, current, write) ?? [],
      ...strategy.validate?.(object, write) ?? [],
    ]);
  } else {
    refuseInvalid(write, current.metadata.name!, [
      ...validateMetadataUpdate(object, current, strategy),
      ...strategy.validateStatus?.(object, current, write) ?? [],
    ]);
  }
}

/** Changes a stored object. @throws ApiError 404, 409, 422, … as kube-apiserver answers. */
export function updateObject(write: Write, update: Update): KubeObject {
  const { type, store } = write;
  const found = store.get(type.storageKey, write.namespace || undefined, update.name);
  if (!found) throw notFound(subjectOf(type, update.name));
  const current = present(type, found);
  const object = requestedState(write, update, current);
  prepareUpdate(write, update, object, current);
  if (isNoop(object, current)) return current;
  if (write.dryRun) {
    return {
      ...object,
      metadata: { ...object.metadata, resourceVersion: current.metadata.resourceVersion! },
    };
  }
  const strategy = strategyOf(type);
  const finished = finishIfReleased(write, object);
  if (finished) return finished;
  const stored = store.put(type.storageKey, storedForm(type, object));
  strategy.afterWrite?.(stored, write);
  return stored;
}

/** PUT: replaces the object by a request body. */
export function replaceObject(
  write: Write,
  name: string,
  subresource: string,
  body: JsonObject,
): { object: KubeObject; created: boolean } {
  const { type, store } = write;
  const strategy = strategyOf(type);
  requireName(objectAt(body, "metadata")["name"], name);
  const exists = store.get(type.storageKey, write.namespace || undefined, name) !== undefined;
  if (!exists && subresource === "" && strategy.createsOnUpdate) {
    if (!objectAt(body, "metadata")["resourceVersion"]) {
      return { object: createObject(write, body, name), created: true };
    }
  }
  const change = (current: KubeObject) => {
    const object = decodeBody(write, body);
    if (!object.metadata.resourceVersion && type.custom) {
      throw invalid(subjectOf(type, name), [{
        reason: "FieldValueInvalid",
        message: "Invalid value: 0: must be specified for an update",
        field: "metadata.resourceVersion",
      }]);
    }
    // A client that sends no managed fields keeps those that are there.
    if (object.metadata["managedFields"] === undefined) {
      const kept = current.metadata["managedFields"];
      if (kept !== undefined) object.metadata["managedFields"] = kept;
    }
    return object;
  };
  return { object: updateObject(write, { name, subresource, change }), created: false };
}
