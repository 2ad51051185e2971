/** Workloads: StatefulSet, Deployment, ReplicaSet, DaemonSet, Job, CronJob. */
import type { Cause } from "../../model/api_error.ts";
import { defaultTemplate } from "../defaults/pod.ts";
import {
  defaultCronJob,
  defaultDaemonSet,
  defaultDeployment,
  defaultJob,
  defaultReplicaSet,
  defaultStatefulSet,
} from "../defaults/workloads.ts";
import {
  ensureObject,
  type Json,
  jsonEqual,
  type JsonObject,
  type KubeObject,
  numberAt,
  objectAt,
  objectsAt,
  stringAt,
} from "../../model/json.ts";
import { type Labels, labelSelectorPredicate } from "../../model/selectors.ts";
import {
  forbiddenValue,
  immutable,
  invalidValue,
  notSupported,
  required,
  validateLabelsAndAnnotations,
  validateName,
} from "../validate_metadata.ts";
import { validatePodSpec } from "./pod_validation.ts";
import type { Strategy } from "../strategy.ts";

function isEmptySelector(selector: JsonObject): boolean {
  return Object.keys(objectAt(selector, "matchLabels")).length === 0 &&
    objectsAt(selector, "matchExpressions").length === 0;
}

function validateTemplate(spec: JsonObject, field: string, policies: string[]): Cause[] {
  const podSpec = objectAt(objectAt(spec, "template"), "spec");
  return [
    ...validatePodSpec(podSpec, `${field}.spec`),
    ...validateTemplateHead(spec, field, policies),
  ];
}

/** All that is checked of a StatefulSet's template: Kubernetes finds out the rest at Pod creation. */
function validateTemplateHead(spec: JsonObject, field: string, policies: string[]): Cause[] {
  const template = objectAt(spec, "template");
  const podSpec = objectAt(template, "spec");
  const causes = validateLabelsAndAnnotations(objectAt(template, "metadata"), `${field}.metadata`);
  const policy = stringAt(podSpec, "restartPolicy");
  if (!policies.includes(policy)) {
    causes.push(
      policy === "" || policy === "Always"
        ? required(
          `${field}.spec.restartPolicy`,
          `valid values: ${policies.map((value) => `"${value}"`).join(", ")}`,
        )
        : notSupported(`${field}.spec.restartPolicy`, policy, policies),
    );
  }
  return causes;
}

function validateSelector(spec: JsonObject): Cause[] {
  const selector = spec["selector"];
  const missing = selector === undefined || selector === null;
  const labels = objectAt(objectAt(objectAt(spec, "template"), "metadata"), "labels");
  if (missing) return [required("spec.selector"), mismatch(labels)];
  if (isEmptySelector(selector as JsonObject)) {
    return [invalidValue("spec.selector", selector, "empty selector is invalid for deployment")];
  }
  if (labelSelectorPredicate(selector)(labels as Labels)) return [];
  return [mismatch(labels)];
}

function mismatch(labels: JsonObject): Cause {
  return invalidValue(
    "spec.template.metadata.labels",
    labels,
    "`selector` does not match template `labels`",
  );
}

function validateNotNegative(spec: JsonObject, key: string): Cause[] {
  const value = numberAt(spec, key);
  if (value === undefined || value >= 0) return [];
  return [invalidValue(`spec.${key}`, value, "must be greater than or equal to 0")];
}

function validateClaimTemplates(spec: JsonObject): Cause[] {
  return objectsAt(spec, "volumeClaimTemplates").flatMap((claim, index) => {
    const field = `spec.volumeClaimTemplates[${index}]`;
    const name = stringAt(objectAt(claim, "metadata"), "name");
    return name ? validateName(name, `${field}.metadata.name`, "subdomain") : [];
  });
}

function validateStatefulSet(object: KubeObject): Cause[] {
  const spec = objectAt(object, "spec");
  const strategy = stringAt(objectAt(spec, "updateStrategy"), "type");
  const management = stringAt(spec, "podManagementPolicy");
  const causes: Cause[] = [];
  if (!["OrderedReady", "Parallel"].includes(management)) {
    causes.push(
      invalidValue("spec.podManagementPolicy", management, "must be 'OrderedReady' or 'Parallel'"),
    );
  }
  if (!["OnDelete", "RollingUpdate"].includes(strategy)) {
    causes.push(
      invalidValue(
        "spec.updateStrategy",
        objectAt(spec, "updateStrategy"),
        "must be 'RollingUpdate' or 'OnDelete'",
      ),
    );
  }
  return [
    ...causes,
    ...validateNotNegative(spec, "replicas"),
    ...validateSelector(spec).map((cause) => ({
      ...cause,
      message: cause.message.replace("for deployment", "for statefulset"),
    })),
    ...validateTemplateHead(spec, "spec.template", ["Always"]),
    ...validateClaimTemplates(spec),
  ];
}

const MUTABLE_STATEFUL_SET_FIELDS = [
  "replicas",
  "ordinals",
  "template",
  "updateStrategy",
  "revisionHistoryLimit",
  "persistentVolumeClaimRetentionPolicy",
  "minReadySeconds",
];

function validateStatefulSetUpdate(object: KubeObject, old: KubeObject): Cause[] {
  const fixed = (set: KubeObject): JsonObject =>
    Object.fromEntries(
      Object.entries(objectAt(set, "spec")).filter(([key]) =>
        !MUTABLE_STATEFUL_SET_FIELDS.includes(key)
      ),
    );
  if (jsonEqual(fixed(object), fixed(old))) return [];
  return [forbiddenValue(
    "spec",
    "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', " +
      "'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
  )];
}

function validateReplicated(object: KubeObject): Cause[] {
  const spec = objectAt(object, "spec");
  return [
    ...validateNotNegative(spec, "replicas"),
    ...validateSelector(spec),
    ...validateTemplate(spec, "spec.template", ["Always"]),
  ];
}

function validateSelectorUpdate(object: KubeObject, old: KubeObject): Cause[] {
  const of = (whole: KubeObject): Json | undefined => objectAt(whole, "spec")["selector"];
  return immutable("spec.selector", of(object), of(old));
}

/** A Job's pods are found by its uid: the selector and the labels are the server's. */
function prepareJob(object: KubeObject): void {
  const spec = ensureObject(object, "spec");
  if (spec["manualSelector"] === true) return;
  const uid = object.metadata.uid!;
  const labels = ensureObject(ensureObject(ensureObject(spec, "template"), "metadata"), "labels");
  const own = {
    "controller-uid": uid,
    "job-name": object.metadata.name!,
    "batch.kubernetes.io/controller-uid": uid,
    "batch.kubernetes.io/job-name": object.metadata.name!,
  };
  // Labels that the Job has from its template follow the template's.
  const metadata = object.metadata as JsonObject;
  if (jsonEqual(metadata["labels"], labels)) Object.assign(metadata["labels"] as JsonObject, own);
  Object.assign(labels, own);
  spec["selector"] = { matchLabels: { "batch.kubernetes.io/controller-uid": uid } };
}

function validateJobUpdate(object: KubeObject, old: KubeObject): Cause[] {
  const spec = objectAt(object, "spec");
  const was = objectAt(old, "spec");
  const suspended = was["suspend"] === true;
  return [
    ...immutable("spec.completions", spec["completions"], was["completions"]),
    ...immutable("spec.selector", spec["selector"], was["selector"]),
    ...suspended ? [] : immutable("spec.template", spec["template"], was["template"]),
    ...immutable("spec.completionMode", spec["completionMode"], was["completionMode"]),
  ];
}

function validateCronJob(object: KubeObject): Cause[] {
  const spec = objectAt(object, "spec");
  const schedule = stringAt(spec, "schedule");
  const causes: Cause[] = [];
  if (!schedule) causes.push(required("spec.schedule"));
  else if (!/^(@\w+( .*)?|\S+(\s+\S+){4})$/.test(schedule)) {
    causes.push(invalidValue(
      "spec.schedule",
      schedule,
      `expected exactly 5 fields, found ${schedule.split(/\s+/).length}: [${schedule}]`,
    ));
  }
  const policy = stringAt(spec, "concurrencyPolicy");
  const policies = ["Allow", "Forbid", "Replace"];
  if (!policies.includes(policy)) {
    causes.push(notSupported("spec.concurrencyPolicy", policy, policies));
  }
  if (object.metadata.name && object.metadata.name.length > 52) {
    causes.push(
      invalidValue("metadata.name", object.metadata.name, "must be no more than 52 characters"),
    );
  }
  const jobSpec = objectAt(objectAt(spec, "jobTemplate"), "spec");
  return [
    ...causes,
    ...validateTemplate(jobSpec, "spec.jobTemplate.spec.template", ["OnFailure", "Never"]),
  ];
}

const base: Strategy = { generation: true };

export const statefulSets: Strategy = {
  ...base,
  defaults: defaultStatefulSet,
  validate: validateStatefulSet,
  validateUpdate: validateStatefulSetUpdate,
};

export const deployments: Strategy = {
  ...base,
  defaults: defaultDeployment,
  validate: validateReplicated,
  validateUpdate: validateSelectorUpdate,
};

export const replicaSets: Strategy = {
  ...base,
  defaults: defaultReplicaSet,
  validate: validateReplicated,
  validateUpdate: validateSelectorUpdate,
};

export const daemonSets: Strategy = {
  ...base,
  defaults: defaultDaemonSet,
  validate: validateReplicated,
  validateUpdate: validateSelectorUpdate,
};

/** A template without a controller. */
export const podTemplates: Strategy = {
  ...base,
  defaults: defaultTemplate,
  validate: (object) =>
    validatePodSpec(objectAt(objectAt(object, "template"), "spec"), "template.spec"),
};

export const jobs: Strategy = {
  ...base,
  prepareCreate: prepareJob,
  defaults: defaultJob,
  validate: (object) =>
    validateTemplate(objectAt(object, "spec"), "spec.template", ["OnFailure", "Never"]),
  validateUpdate: validateJobUpdate,
};

export const cronJobs: Strategy = {
  ...base,
  defaults: defaultCronJob,
  validate: validateCronJob,
};
