/**
 * What Kubernetes 1.34 fills in for workloads.
 * https://github.com/kubernetes/kubernetes/blob/v1.34.4/pkg/apis/apps/v1/defaults.go and batch/v1
 */
import {
  ensureObject,
  isObject,
  type JsonObject,
  type KubeObject,
  objectAt,
  objectsAt,
  setDefaults,
} from "../../model/json.ts";
import { defaultTemplate } from "./pod.ts";

/** Fills in a claim's spec and, for templates, its status. */
export function defaultClaim(claim: JsonObject): void {
  setDefaults(ensureObject(claim, "spec"), { volumeMode: "Filesystem" });
  setDefaults(ensureObject(claim, "status"), { phase: "Pending" });
}

export function defaultStatefulSet(object: KubeObject): void {
  const spec = ensureObject(object, "spec");
  setDefaults(spec, {
    podManagementPolicy: "OrderedReady",
    replicas: 1,
    revisionHistoryLimit: 10,
    updateStrategy: {},
    persistentVolumeClaimRetentionPolicy: {},
  });
  const strategy = objectAt(spec, "updateStrategy");
  setDefaults(strategy, { type: "RollingUpdate" });
  if (strategy["type"] === "RollingUpdate") {
    setDefaults(ensureObject(strategy, "rollingUpdate"), { partition: 0 });
  }
  setDefaults(objectAt(spec, "persistentVolumeClaimRetentionPolicy"), {
    whenDeleted: "Retain",
    whenScaled: "Retain",
  });
  for (const claim of objectsAt(spec, "volumeClaimTemplates")) {
    setDefaults(claim, { apiVersion: "v1", kind: "PersistentVolumeClaim" });
    defaultClaim(claim);
  }
  defaultTemplate(spec);
}

export function defaultDeployment(object: KubeObject): void {
  const spec = ensureObject(object, "spec");
  setDefaults(spec, {
    replicas: 1,
    revisionHistoryLimit: 10,
    progressDeadlineSeconds: 600,
    strategy: {},
  });
  const strategy = objectAt(spec, "strategy");
  setDefaults(strategy, { type: "RollingUpdate" });
  if (strategy["type"] === "RollingUpdate") {
    setDefaults(ensureObject(strategy, "rollingUpdate"), {
      maxUnavailable: "25%",
      maxSurge: "25%",
    });
  }
  defaultTemplate(spec);
}

export function defaultReplicaSet(object: KubeObject): void {
  const spec = ensureObject(object, "spec");
  setDefaults(spec, { replicas: 1 });
  defaultTemplate(spec);
}

export function defaultDaemonSet(object: KubeObject): void {
  const spec = ensureObject(object, "spec");
  setDefaults(spec, { revisionHistoryLimit: 10, updateStrategy: {} });
  const strategy = objectAt(spec, "updateStrategy");
  setDefaults(strategy, { type: "RollingUpdate" });
  if (strategy["type"] === "RollingUpdate") {
    setDefaults(ensureObject(strategy, "rollingUpdate"), { maxUnavailable: 1, maxSurge: 0 });
  }
  setDefaults(ensureObject(object.metadata as JsonObject, "annotations"), {
    "deprecated.daemonset.template.generation": "1",
  });
  defaultTemplate(spec);
}

export function defaultJob(object: KubeObject): void {
  const spec = ensureObject(object, "spec");
  const labels = objectAt(objectAt(objectAt(spec, "template"), "metadata"), "labels");
  if (Object.keys(labels).length > 0) setDefaults(object.metadata as JsonObject, { labels });
  if (spec["completions"] === undefined && spec["parallelism"] === undefined) {
    spec["completions"] = 1;
  }
  setDefaults(spec, {
    parallelism: 1,
    backoffLimit: spec["backoffLimitPerIndex"] === undefined ? 6 : 2_147_483_647,
    completionMode: "NonIndexed",
    suspend: false,
    manualSelector: false,
    podReplacementPolicy: spec["podFailurePolicy"] === undefined ? "TerminatingOrFailed" : "Failed",
  });
  defaultTemplate(spec);
}

export function defaultCronJob(object: KubeObject): void {
  const spec = ensureObject(object, "spec");
  setDefaults(spec, {
    concurrencyPolicy: "Allow",
    suspend: false,
    successfulJobsHistoryLimit: 3,
    failedJobsHistoryLimit: 1,
  });
  const jobSpec = objectAt(objectAt(spec, "jobTemplate"), "spec");
  if (isObject(jobSpec)) defaultTemplate(jobSpec);
}
