/** Kinds of smaller API groups: budgets, RBAC, network, storage and priority classes, quotas. */
import type { Cause } from "../../model/api_error.ts";
import {
  ensureObject,
  isObject,
  jsonEqual,
  type JsonObject,
  type KubeObject,
  numberAt,
  objectAt,
  objectsAt,
  setDefaults,
  stringAt,
} from "../../model/json.ts";
import { checkBindingEscalation, checkRoleEscalation } from "../rbac_escalation.ts";
import { forbiddenValue, invalidValue, notSupported, required } from "../validate_metadata.ts";
import type { Strategy } from "../strategy.ts";

const RBAC = "rbac.authorization.k8s.io";

function validateBudget(object: KubeObject): Cause[] {
  const spec = objectAt(object, "spec");
  const causes: Cause[] = [];
  if (spec["minAvailable"] !== undefined && spec["maxUnavailable"] !== undefined) {
    const printed = {
      MinAvailable: spec["minAvailable"],
      Selector: spec["selector"] ?? null,
      MaxUnavailable: spec["maxUnavailable"],
      UnhealthyPodEvictionPolicy: spec["unhealthyPodEvictionPolicy"] ?? null,
    };
    causes.push(
      invalidValue("spec", printed, "minAvailable and maxUnavailable cannot be both set"),
    );
  }
  for (const key of ["minAvailable", "maxUnavailable"]) {
    const value = numberAt(spec, key);
    if (value !== undefined && value < 0) {
      causes.push(invalidValue(`spec.${key}`, value, "must be greater than or equal to 0"));
    }
  }
  return causes;
}

export const budgets: Strategy = {
  generation: true,
  validate: validateBudget,
};

function defaultBinding(object: KubeObject): void {
  const role = object["roleRef"];
  if (isObject(role) && !role["apiGroup"]) role["apiGroup"] = RBAC;
  for (const subject of objectsAt(object, "subjects")) {
    if (subject["kind"] === "User" || subject["kind"] === "Group") {
      setDefaults(subject, { apiGroup: RBAC });
    }
  }
}

/** A roleRef as Kubernetes prints it: with the names of its Go fields. */
function goRoleRef(object: KubeObject): JsonObject {
  const { apiGroup, kind, name } = objectAt(object, "roleRef");
  return { APIGroup: apiGroup, Kind: kind, Name: name };
}

function validateBinding(object: KubeObject): Cause[] {
  const role = objectAt(object, "roleRef");
  const kinds = object.kind === "RoleBinding" ? ["ClusterRole", "Role"] : ["ClusterRole"];
  const causes: Cause[] = [];
  const kind = stringAt(role, "kind");
  if (!kinds.includes(kind)) causes.push(notSupported("roleRef.kind", kind, kinds));
  if (!stringAt(role, "name")) causes.push(required("roleRef.name"));
  objectsAt(object, "subjects").forEach((subject, index) => {
    if (!stringAt(subject, "name")) causes.push(required(`subjects[${index}].name`));
    const ownNamespace = object.kind === "RoleBinding"; // stands for one that is left out
    if (subject["kind"] === "ServiceAccount" && !ownNamespace && !stringAt(subject, "namespace")) {
      causes.push(required(`subjects[${index}].namespace`));
    }
  });
  return causes;
}

export const bindings: Strategy = {
  nameIs: "path",
  createsOnUpdate: true,
  defaults: defaultBinding,
  admitCreate: checkBindingEscalation,
  admitUpdate: (object, old, context) => {
    const same = jsonEqual(object["roleRef"], old["roleRef"]) &&
      jsonEqual(object["subjects"], old["subjects"]);
    if (!same) checkBindingEscalation(object, context);
  },
  validate: validateBinding,
  validateUpdate: (object, old) =>
    jsonEqual(object["roleRef"], old["roleRef"])
      ? []
      : [invalidValue("roleRef", goRoleRef(object), "cannot change roleRef")],
};

function validateRules(object: KubeObject): Cause[] {
  return objectsAt(object, "rules").flatMap((rule, index) => {
    const verbs = rule["verbs"];
    if (Array.isArray(verbs) && verbs.length > 0) return [];
    return [required(`rules[${index}].verbs`, "verbs must contain at least one value")];
  });
}

export const roles: Strategy = {
  nameIs: "path",
  createsOnUpdate: true,
  admitCreate: checkRoleEscalation,
  admitUpdate: (object, old, context) => {
    if (!jsonEqual(object["rules"], old["rules"])) checkRoleEscalation(object, context);
  },
  validate: validateRules,
};

export const networkPolicies: Strategy = {
  generation: true,
  defaults: (object) => {
    const spec = ensureObject(object, "spec");
    const egress = Array.isArray(spec["egress"]) && spec["egress"].length > 0;
    setDefaults(spec, { policyTypes: egress ? ["Ingress", "Egress"] : ["Ingress"] });
    for (const rule of [...objectsAt(spec, "ingress"), ...objectsAt(spec, "egress")]) {
      for (const port of objectsAt(rule, "ports")) setDefaults(port, { protocol: "TCP" });
    }
  },
};

export const ingresses: Strategy = {
  generation: true,
};

export const storageClasses: Strategy = {
  returnsDeleted: true,
  defaults: (object) =>
    setDefaults(object, { reclaimPolicy: "Delete", volumeBindingMode: "Immediate" }),
  validateUpdate: (object, old) =>
    ["provisioner", "parameters", "reclaimPolicy", "volumeBindingMode"].flatMap((key) =>
      jsonEqual(object[key], old[key])
        ? []
        : [forbiddenValue(key, `updates to ${key} are forbidden.`)]
    ),
};

export const priorityClasses: Strategy = {
  generation: true,
  defaults: (object) => setDefaults(object, { preemptionPolicy: "PreemptLowerPriority" }),
  validateUpdate: (object, old) =>
    object["value"] === old["value"]
      ? []
      : [forbiddenValue("value", "may not be changed in an update.")],
};
