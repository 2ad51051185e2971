/**
 * An simulated cluster's objects in the spelling of the recorder: without uids, versions, times and
 * what other controllers write, passwords masked by kind of characters and length.
 */

import type { KubeObject, Service } from "../../src/kubernetes/types.gen.ts";
import { decodeBase64 } from "../../src/lib/base64.ts";
import { maskedOwners, withoutEmpty } from "./normalise.ts";
import { MASKED_UID } from "./recorded.ts";

/** Kinds that the recorder listed. */
const KINDS = new Set([
  "Service",
  "Endpoints",
  "Secret",
  "ConfigMap",
  "ServiceAccount",
  "PersistentVolumeClaim",
  "Pod",
  "StatefulSet",
  "Deployment",
  "PodDisruptionBudget",
  "CronJob",
  "Role",
  "RoleBinding",
  "postgresql",
  "FabricEventStream",
]);

/** The annotation by which the recorder knew Endpoints that Kubernetes made. */
export const CHANGE_TIME = "endpoints.kubernetes.io/last-change-trigger-time";

const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)/g;
const SIMULATED_UID = /\bsimulated-\d+\b/g;
const RANDOM = /\b(?=[A-Za-z0-9]{64}\b)(?=[a-z0-9]*[A-Z])[A-Za-z0-9]{64}\b/g;

/** What tells a time of the run from one that somebody wrote. */
interface Known {
  /** Date in names of rotated roles. */
  readonly today: string;
  /** Everything that people applied. */
  readonly input: string;
}

/** All objects of a namespace as the recorder would list them. */
export function recordObjects(
  objects: readonly KubeObject[],
  namespace: string,
  known: Known,
): KubeObject[] {
  return objects
    .filter(({ kind, metadata }) => KINDS.has(kind) && metadata.namespace === namespace)
    .filter(({ metadata }) => metadata.annotations?.[CHANGE_TIME] === undefined)
    // Pods of a Deployment have names that differ between any two runs.
    .filter(({ kind, metadata }) => kind !== "Pod" || /-\d+$/.test(metadata.name ?? ""))
    .map((object) => recordObject(object, known));
}

function recordObject(object: KubeObject, known: Known): KubeObject {
  const { uid: _, resourceVersion: __, generation: ___, ...metadata } = maskedOwners(
    object.metadata,
  );
  for (const map of ["labels", "annotations"] as const) {
    if (Object.keys(metadata[map] ?? { kept: "" }).length === 0) delete metadata[map];
  }
  if (metadata.deletionTimestamp !== undefined) metadata.deletionTimestamp = "<time>";
  if (object.kind === "Pod") return recordPod(object, metadata);
  if (object.kind === "postgresql") {
    const { apiVersion, kind, status } = object;
    return plain({ apiVersion, kind, metadata, status }, known);
  }
  const { status: ____, ...rest } = object;
  if (object.kind === "PersistentVolumeClaim") {
    const finalizers = metadata.finalizers ?? ["kubernetes.io/pvc-protection"];
    return plain({ ...rest, metadata: { ...metadata, finalizers } }, known);
  }
  if (object.kind === "Service") {
    return plain({ ...rest, metadata, spec: recordService(rest) }, known);
  }
  if (object.kind === "Secret") {
    return plain({ ...rest, metadata, data: recordData(object.data as Data) }, known);
  }
  return plain({ ...rest, metadata }, known);
}

/** Pods showed their labels and annotations only; the hash is over what this folder cannot know. */
function recordPod(object: KubeObject, metadata: KubeObject["metadata"]): KubeObject {
  const { name = "", labels, annotations } = metadata;
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    metadata: {
      name,
      ...(labels ? { labels } : {}),
      ...(annotations && Object.keys(annotations).length > 0 ? { annotations } : {}),
    },
  };
}

/** Node ports are free ones on a real control plane. */
function recordService({ spec }: Omit<KubeObject, "status">): unknown {
  const { ports, ...rest } = spec as NonNullable<Service["spec"]>;
  return { ...rest, ports: ports?.map(({ nodePort: _, ...port }) => port) };
}

type Data = Readonly<Record<string, string>> | undefined;

function recordData(data: Data): Data {
  return Object.fromEntries(
    Object.entries(data ?? {}).map(([key, encoded]) => {
      const text = decodeBase64(encoded) ?? "";
      if (/password/i.test(key)) {
        return [key, `<${/^[A-Za-z0-9]+$/.test(text) ? "alphanumeric" : "other"} ${text.length}>`];
      }
      if (/^nextRotation/.test(key)) return [key, "<time>"];
      return [key, /userlist|\.txt$/.test(key) ? sortedLines(text) : text];
    }),
  );
}

function sortedLines(text: string): string {
  return text.includes("\n") ? text.trim().split("\n").sort().join("\n") + "\n" : text;
}

/** Without empty structures, with random and dated texts masked. */
function plain(value: unknown, known: Known): KubeObject {
  const mask = (part: unknown): unknown => {
    if (typeof part === "string") {
      return part.replace(SIMULATED_UID, MASKED_UID).replace(RANDOM, "<alphanumeric 64>")
        .replace(TIME, (time) => known.input.includes(time) ? time : "<time>")
        .replaceAll(known.today, "<yymmdd>");
    }
    if (Array.isArray(part)) return part.map(mask);
    if (typeof part !== "object" || part === null) return part;
    const record = part as Record<string, unknown>;
    const roles = record.name === "INFRASTRUCTURE_ROLES" && typeof record.value === "string"
      ? { value: record.value.split(",").sort().join(",") }
      : {};
    return Object.fromEntries(
      Object.entries({ ...record, ...roles }).map(([key, inner]) => [key, mask(inner)]),
    );
  };
  return withoutEmpty(mask(value)) as KubeObject;
}
