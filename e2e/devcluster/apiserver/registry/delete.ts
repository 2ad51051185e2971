/** Deletion: preconditions, grace, finalizers and propagation, as the generic registry does it. */
import { badRequest, conflict, invalid, notFound } from "../model/api_error.ts";
import { type JsonObject, type KubeObject, numberAt, objectAt, stringAt } from "../model/json.ts";
import { kindSubjectOf, type ResourceType, subjectOf } from "../model/resource_type.ts";
import { strategyOf } from "./strategies/strategies.ts";
import { notSupported } from "./validate_metadata.ts";
import type { Write } from "./write_request.ts";
import type { Lifecycle, StrategyContext } from "./strategy.ts";
import { kubeTime } from "../../objects/time.ts";

export interface DeleteOptions {
  gracePeriodSeconds?: number;
  propagation?: "Orphan" | "Background" | "Foreground";
  uid?: string;
  resourceVersion?: string;
}

/** What a deletion did: the object is gone, or only marked. */
export interface Deletion {
  object: KubeObject;
  removed: boolean;
}

/** Reads DeleteOptions from the body and, where that is empty, from the query. */
export function deleteOptions(body: JsonObject, query: URLSearchParams): DeleteOptions {
  const result: DeleteOptions = {};
  const grace = numberAt(body, "gracePeriodSeconds") ?? queryNumber(query, "gracePeriodSeconds");
  if (grace !== undefined) result.gracePeriodSeconds = grace;
  const policy = stringAt(body, "propagationPolicy") || query.get("propagationPolicy");
  const orphan = body["orphanDependents"] ?? query.get("orphanDependents");
  if (policy) {
    if (policy !== "Orphan" && policy !== "Background" && policy !== "Foreground") {
      throw invalid({ group: "meta.k8s.io", kind: "DeleteOptions", name: "" }, [
        notSupported("propagationPolicy", policy, ["Foreground", "Background", "Orphan", "nil"]),
      ]);
    }
    result.propagation = policy;
  } else if (orphan !== undefined && orphan !== null) {
    result.propagation = orphan === true || orphan === "true" ? "Orphan" : "Background";
  }
  const preconditions = objectAt(body, "preconditions");
  if (stringAt(preconditions, "uid")) result.uid = stringAt(preconditions, "uid");
  if (stringAt(preconditions, "resourceVersion")) {
    result.resourceVersion = stringAt(preconditions, "resourceVersion");
  }
  return result;
}

function queryNumber(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const value = Number(text);
  if (!Number.isInteger(value)) {
    throw badRequest(`strconv.ParseInt: parsing "${text}": invalid syntax`);
  }
  return value;
}

function checkPreconditions(write: Write, object: KubeObject, options: DeleteOptions): void {
  const subject = kindSubjectOf(write.type, object.metadata.name!);
  const { uid, resourceVersion } = object.metadata;
  if (options.uid && options.uid !== uid) {
    throw conflict(
      subject,
      `the UID in the precondition (${options.uid}) does not match the UID in record (${uid}). ` +
        "The object might have been deleted and then recreated",
    );
  }
  if (options.resourceVersion && options.resourceVersion !== resourceVersion) {
    throw conflict(
      subject,
      `the ResourceVersion in the precondition (${options.resourceVersion}) does not match the ` +
        `ResourceVersion in record (${resourceVersion}). The object might have been modified`,
    );
  }
}

/** The finalizers that the propagation policy asks for, beside the others. */
function finalizersFor(object: KubeObject, options: DeleteOptions): string[] {
  const others = (object.metadata.finalizers ?? []).filter((name) =>
    options.propagation === undefined || (name !== "orphan" && name !== "foregroundDeletion")
  );
  if (options.propagation === "Orphan") return [...others, "orphan"];
  if (options.propagation === "Foreground") return [...others, "foregroundDeletion"];
  return others;
}

/** Deletes one object, or marks it. @throws ApiError 404, 409. */
export function deleteObject(write: Write, name: string, options: DeleteOptions): Deletion {
  const { type, store } = write;
  const object = store.get(type.storageKey, write.namespace || undefined, name);
  if (!object) throw notFound(subjectOf(type, name));
  checkPreconditions(write, object, options);
  const strategy = strategyOf(type);
  strategy.admitDelete?.(object, write);
  if (options.gracePeriodSeconds !== undefined && options.gracePeriodSeconds < 0) {
    options.gracePeriodSeconds = 1;
  }
  const grace = strategy.gracePeriodSeconds?.(object, options.gracePeriodSeconds) ?? 0;
  const finalizers = [
    ...new Set([
      ...finalizersFor(object, options),
      ...strategy.deletionFinalizers?.(object, write) ?? [],
    ]),
  ];
  const held = finalizers.length > 0 || (strategy.heldBySpec?.(object) ?? false);
  if (grace === 0 && !held) {
    if (!write.dryRun) removeObject(write, object);
    // A kind that ends gracefully shows that it was given no time.
    const shown = strategy.gracePeriodSeconds ? mark(write, object, 0, finalizers) : object;
    return { object: shown, removed: true };
  }
  const marked = mark(write, object, grace, finalizers);
  if (marked === object || write.dryRun) return { object: marked, removed: false };
  const stored = store.put(type.storageKey, marked);
  strategy.afterMarked?.(stored, write, LIFECYCLE);
  return { object: stored, removed: false };
}

function mark(write: Write, object: KubeObject, grace: number, finalizers: string[]): KubeObject {
  const current = object.metadata;
  const pending = current.deletionGracePeriodSeconds ?? 0;
  const sameFinalizers = finalizers.join() === (current.finalizers ?? []).join();
  // A deletion that is under way may be shortened, never prolonged.
  if (current.deletionTimestamp && sameFinalizers && grace >= pending) return object;
  const marked = structuredClone(object);
  const metadata = marked.metadata;
  if (finalizers.length > 0) metadata.finalizers = finalizers;
  else delete metadata.finalizers;
  if (!current.deletionTimestamp || grace < pending) {
    metadata.deletionTimestamp = kubeTime(new Date(write.now.getTime() + grace * 1000));
    metadata.deletionGracePeriodSeconds = grace;
    if (metadata.generation !== undefined && !current.deletionTimestamp) metadata.generation++;
  }
  strategyOf(write.type).markDeleted?.(marked);
  return marked;
}

function removeObject(write: Write, object: KubeObject): KubeObject {
  const { type, store } = write;
  const removed = store.remove(
    type.storageKey,
    object.metadata.namespace,
    object.metadata.name!,
    object,
  )!;
  strategyOf(type).afterRemove?.(removed, write, LIFECYCLE);
  return removed;
}

/** Removes an object being deleted once nothing holds it any more; called at every update. */
export function finishIfReleased(write: Write, object: KubeObject): KubeObject | undefined {
  const { metadata } = object;
  if (!metadata.deletionTimestamp || (metadata.finalizers ?? []).length > 0) return undefined;
  if ((metadata.deletionGracePeriodSeconds ?? 0) > 0) return undefined;
  if (strategyOf(write.type).heldBySpec?.(object)) return undefined;
  return removeObject(write, object);
}

/** The Status that answers a DELETE. */
export function deletedStatus(write: Write, object: KubeObject): JsonObject {
  const { group, plural } = write.type;
  return {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Success",
    details: {
      name: object.metadata.name!,
      ...(group ? { group } : {}),
      kind: plural,
      uid: object.metadata.uid!,
    },
  };
}

/** A write of the server itself. */
function ownWrite(context: StrategyContext, type: ResourceType, object: KubeObject): Write {
  return {
    ...context,
    type,
    namespace: object.metadata.namespace ?? "",
    manager: "kube-apiserver",
    fieldValidation: "Ignore",
    now: new Date(),
  };
}

const LIFECYCLE: Lifecycle = {
  remove(context, type, object) {
    deleteObject(ownWrite(context, type, object), object.metadata.name!, {});
  },
  release: (context, type, object) =>
    finishIfReleased(ownWrite(context, type, object), object) !== undefined,
};
