/**
 * What the API server adds to an object that it stores: fields with a fixed default. This is the
 * only place that knows them; nothing that a builder set is dropped or changed, but an empty
 * structure, which the recorder left out, and uids, which it masked.
 *
 * https://kubernetes.io/docs/reference/kubernetes-api/
 */

import type {
  Container,
  KubeObject,
  PodSpec,
  Probe,
  StatefulSet,
  Volume,
} from "../../src/kubernetes/types.gen.ts";
import { MASKED_UID } from "./recorded.ts";

/** Mode of files of Secrets and the like where none is asked for: octal 0644. */
const DEFAULT_FILE_MODE = 0o644;

/** Structures that the recorder left out where they were empty. */
const LEFT_OUT_WHEN_EMPTY = new Set(["resources", "securityContext", "metadata", "status"]);

/** A StatefulSet as the API server would give it back, in the recorder's spelling. */
export function storedStatefulSet(built: StatefulSet): KubeObject {
  const { spec } = built;
  const stored = {
    ...built,
    metadata: maskedOwners(built.metadata),
    spec: {
      revisionHistoryLimit: 10,
      podManagementPolicy: "OrderedReady",
      persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
      ...spec,
      template: { ...spec?.template, spec: podSpec(spec?.template.spec) },
      volumeClaimTemplates: (spec?.volumeClaimTemplates ?? []).map((claim) => ({
        ...claim,
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        spec: { volumeMode: "Filesystem", ...claim.spec },
        status: { phase: "Pending" },
      })),
    },
  };
  return withoutEmpty(stored) as KubeObject;
}

/** Metadata with the uids of its owners masked as the recorder did. */
export function maskedOwners(metadata: KubeObject["metadata"]): KubeObject["metadata"] {
  const owners = metadata.ownerReferences;
  if (!owners) return metadata;
  return {
    ...metadata,
    ownerReferences: owners.map((owner) => ({ ...owner, uid: MASKED_UID })),
  };
}

/** A pod spec as the API server stores it. */
export function podSpec(spec: PodSpec | undefined): unknown {
  if (!spec) return spec;
  return {
    dnsPolicy: "ClusterFirst",
    restartPolicy: "Always",
    schedulerName: "default-scheduler",
    // The deprecated twin of serviceAccountName.
    ...(spec.serviceAccountName ? { serviceAccount: spec.serviceAccountName } : {}),
    ...spec,
    containers: spec.containers.map(container),
    ...(spec.initContainers ? { initContainers: spec.initContainers.map(container) } : {}),
    ...(spec.volumes ? { volumes: spec.volumes.map(volume) } : {}),
  };
}

function container(given: Container): Container {
  const lists = {
    ...(given.ports ? { ports: given.ports.map((port) => ({ protocol: "TCP", ...port })) } : {}),
    ...(given.env ? { env: given.env.map(variable) } : {}),
  };
  return {
    terminationMessagePath: "/dev/termination-log",
    terminationMessagePolicy: "File",
    imagePullPolicy: pullPolicy(given.image ?? ""),
    ...given,
    ...lists,
    ...(given.readinessProbe ? { readinessProbe: probe(given.readinessProbe) } : {}),
    ...(given.livenessProbe ? { livenessProbe: probe(given.livenessProbe) } : {}),
    ...(given.startupProbe ? { startupProbe: probe(given.startupProbe) } : {}),
    ...(given.lifecycle ? { lifecycle: lifecycle(given.lifecycle) } : {}),
  } as Container;
}

function pullPolicy(image: string): string {
  return image.endsWith(":latest") || !image.split("/").at(-1)!.includes(":")
    ? "Always"
    : "IfNotPresent";
}

function variable(given: NonNullable<Container["env"]>[number]): unknown {
  const { fieldRef, resourceFieldRef } = given.valueFrom ?? {};
  if (fieldRef) return { ...given, valueFrom: { fieldRef: { apiVersion: "v1", ...fieldRef } } };
  if (resourceFieldRef) {
    return { ...given, valueFrom: { resourceFieldRef: { divisor: "0", ...resourceFieldRef } } };
  }
  return given;
}

function probe(given: Probe): Probe {
  return {
    timeoutSeconds: 1,
    periodSeconds: 10,
    successThreshold: 1,
    failureThreshold: 3,
    ...given,
    ...(given.httpGet ? { httpGet: httpGet(given.httpGet) } : {}),
    ...(given.grpc ? { grpc: { service: "", ...given.grpc } } : {}),
  } as Probe;
}

function httpGet(given: NonNullable<Probe["httpGet"]>): NonNullable<Probe["httpGet"]> {
  return { path: "/", scheme: "HTTP", ...given };
}

function lifecycle(given: NonNullable<Container["lifecycle"]>): unknown {
  return Object.fromEntries(
    Object.entries(given).map(([name, handler]) => {
      if (typeof handler !== "object" || handler.httpGet === undefined) return [name, handler];
      return [name, { ...handler, httpGet: httpGet(handler.httpGet) }];
    }),
  );
}

function volume(given: Volume): unknown {
  const mode = { defaultMode: DEFAULT_FILE_MODE };
  return {
    ...given,
    ...(given.secret ? { secret: { ...mode, ...given.secret } } : {}),
    ...(given.configMap ? { configMap: { ...mode, ...given.configMap } } : {}),
    ...(given.downwardAPI ? { downwardAPI: { ...mode, ...given.downwardAPI } } : {}),
    ...(given.hostPath ? { hostPath: { type: "", ...given.hostPath } } : {}),
    ...(given.projected ? { projected: projected(given.projected) } : {}),
  };
}

function projected(given: NonNullable<Volume["projected"]>): unknown {
  return {
    defaultMode: DEFAULT_FILE_MODE,
    ...given,
    sources: (given.sources ?? []).map((source) => ({
      ...source,
      ...(source.downwardAPI
        ? {
          downwardAPI: {
            items: (source.downwardAPI.items ?? []).map((item) => ({
              ...item,
              ...(item.fieldRef ? { fieldRef: { apiVersion: "v1", ...item.fieldRef } } : {}),
            })),
          },
        }
        : {}),
    })),
  };
}

/** A value without the empty structures that the recorder left out. */
export function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmpty);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value)
    .map(([key, part]) => [key, withoutEmpty(part)] as const)
    .filter(([key, part]) =>
      part !== undefined && !(LEFT_OUT_WHEN_EMPTY.has(key) && isEmpty(part))
    );
  return Object.fromEntries(entries);
}

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}
