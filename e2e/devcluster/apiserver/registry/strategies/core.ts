/** Small core kinds: namespaces, Secrets, ConfigMaps, service accounts, volumes, Endpoints, nodes. */
import { type Cause, forbidden } from "../../model/api_error.ts";
import {
  ensureObject,
  jsonEqual,
  type JsonObject,
  type KubeObject,
  listAt,
  objectAt,
  objectsAt,
  setDefaults,
  stringAt,
} from "../../model/json.ts";
import { parseQuantity } from "../../model/quantity.ts";
import { forbiddenValue, immutable, invalidValue, required } from "../validate_metadata.ts";
import type { Strategy, StrategyContext } from "../strategy.ts";

const PROTECTED_NAMESPACES = new Set(["default", "kube-system", "kube-public"]);
const CONFIG_KEY = /^[-._a-zA-Z0-9]+$/;
const MAX_DATA_BYTES = 1024 * 1024;

export const namespaces: Strategy = {
  nameIs: "label",
  returnsDeleted: true,
  prepareCreate: (object) => {
    object["status"] = { phase: "Active" };
    const spec = ensureObject(object, "spec");
    const finalizers = listAt(spec, "finalizers");
    if (!finalizers.includes("kubernetes")) spec["finalizers"] = [...finalizers, "kubernetes"];
  },
  prepareUpdate: (object, old) => {
    object["spec"] = old["spec"];
  },
  defaults: (object) => {
    const labels = ensureObject(object.metadata as JsonObject, "labels");
    if (object.metadata.name) labels["kubernetes.io/metadata.name"] = object.metadata.name;
  },
  admitDelete: (object) => {
    if (!PROTECTED_NAMESPACES.has(object.metadata.name!)) return;
    throw forbidden(
      { group: "", kind: "namespaces", name: object.metadata.name! },
      "this namespace may not be deleted",
    );
  },
  heldBySpec: (object) => listAt(objectAt(object, "spec"), "finalizers").length > 0,
  markDeleted: (object) => {
    ensureObject(object, "status")["phase"] = "Terminating";
  },
};

function validateData(object: KubeObject, fields: string[]): Cause[] {
  let size = 0;
  const causes: Cause[] = [];
  for (const field of fields) {
    for (const [key, value] of Object.entries(objectAt(object, field))) {
      size += String(value).length;
      if (key.length > 253 || !CONFIG_KEY.test(key) || key === "." || key === "..") {
        causes.push(invalidValue(
          `${field}[${key}]`,
          key,
          "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or " +
            "'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
        ));
      }
    }
  }
  if (size > MAX_DATA_BYTES) {
    const field = object.kind === "Secret" ? "data" : "";
    causes.push({
      reason: "FieldValueTooLong",
      message: "Too long: may not be more than 1048576 bytes",
      field,
    });
  }
  return causes;
}

function validateImmutable(object: KubeObject, old: KubeObject, fields: string[]): Cause[] {
  if (old["immutable"] !== true) return [];
  const causes: Cause[] = [];
  if (object["immutable"] !== true) {
    causes.push(forbiddenValue("immutable", "field is immutable when `immutable` is set"));
  }
  for (const field of fields) {
    if (!jsonEqual(object[field], old[field])) {
      causes.push(forbiddenValue(field, "field is immutable when `immutable` is set"));
    }
  }
  return causes;
}

export const configMaps: Strategy = {
  validate: (object) => validateData(object, ["data", "binaryData"]),
  validateUpdate: (object, old) => validateImmutable(object, old, ["data", "binaryData"]),
};

const REQUIRED_SECRET_KEYS: Record<string, string[]> = {
  "kubernetes.io/tls": ["tls.crt", "tls.key"],
  "kubernetes.io/ssh-auth": ["ssh-privatekey"],
  "kubernetes.io/dockerconfigjson": [".dockerconfigjson"],
};

/** Basic authentication needs a user name or a password. */
function missingCredentials(object: KubeObject): Cause[] {
  const keys = ["username", "password"];
  const data = objectAt(object, "data");
  if (object["type"] !== "kubernetes.io/basic-auth") return [];
  return keys.some((key) => data[key] !== undefined)
    ? []
    : keys.map((key) => required(`data[${key}]`));
}

/** Base64 of a UTF-8 text. */
function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

export const secrets: Strategy = {
  defaults: (object) => {
    setDefaults(object, { type: "Opaque" });
    const texts = object["stringData"];
    delete object["stringData"];
    if (texts === undefined) return;
    const data = ensureObject(object, "data");
    for (const [key, value] of Object.entries(texts as JsonObject)) {
      data[key] = base64(String(value));
    }
  },
  validate: (object) => [
    ...validateData(object, ["data"]),
    ...(REQUIRED_SECRET_KEYS[stringAt(object, "type")] ?? [])
      .filter((key) => objectAt(object, "data")[key] === undefined)
      .map((key) => required(`data[${key}]`)),
    ...missingCredentials(object),
  ],
  validateUpdate: (object, old) => [
    ...immutable("type", object["type"], old["type"]),
    ...validateImmutable(object, old, ["data"]),
  ],
};

function validateClaim(object: KubeObject): Cause[] {
  const spec = objectAt(object, "spec");
  const storage = objectAt(objectAt(spec, "resources"), "requests")["storage"];
  const causes: Cause[] = [];
  if (listAt(spec, "accessModes").length === 0) {
    causes.push(required("spec.accessModes", "at least 1 access mode is required"));
  }
  if (storage === undefined) causes.push(required("spec.resources[storage]"));
  else if (parseQuantity(String(storage))!.nano <= 0n) {
    causes.push(
      invalidValue("spec.resources[storage]", String(storage), "must be greater than zero"),
    );
  }
  return causes;
}

/** A claim's spec is fixed but for growing storage; binding fills in the volume's name. */
function validateClaimUpdate(object: KubeObject, old: KubeObject): Cause[] {
  const spec = structuredClone(objectAt(object, "spec"));
  const was = structuredClone(objectAt(old, "spec"));
  const size = storageOf(spec);
  const oldSize = storageOf(was);
  const bound = stringAt(objectAt(old, "status"), "phase") === "Bound";
  if (!was["volumeName"]) delete spec["volumeName"];
  for (const one of [spec, was]) {
    delete one["resources"];
    delete one["volumeAttributesClassName"];
  }
  if (was["storageClassName"] === undefined) delete spec["storageClassName"];
  const causes: Cause[] = [];
  if (!jsonEqual(spec, was) || (size !== oldSize && !bound)) {
    causes.push(forbiddenValue(
      "spec",
      "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims",
    ));
  }
  if (bound && size < oldSize) {
    causes.push(forbiddenValue(
      "spec.resources.requests.storage",
      "field can not be less than status.capacity",
    ));
  }
  return causes;
}

function storageOf(spec: JsonObject): bigint {
  const storage = objectAt(objectAt(spec, "resources"), "requests")["storage"];
  return parseQuantity(String(storage ?? "0"))?.nano ?? 0n;
}

/** Claims without a class get the default one, if there is one. */
function admitStorageClass(object: KubeObject, context: StrategyContext): void {
  const spec = ensureObject(object, "spec");
  if (spec["storageClassName"] !== undefined) return;
  const chosen = context.store.list("storage.k8s.io/storageclasses").find((item) =>
    item.metadata.annotations?.["storageclass.kubernetes.io/is-default-class"] === "true"
  );
  if (chosen) spec["storageClassName"] = chosen.metadata.name;
}

/** What is in use must not go: a controller takes the finalizer off when it no longer is. */
function protect(object: KubeObject, finalizer: string): void {
  const finalizers = object.metadata.finalizers ?? [];
  if (!finalizers.includes(finalizer)) object.metadata.finalizers = [...finalizers, finalizer];
}

export const claims: Strategy = {
  returnsDeleted: true,
  defaults: (object) => setDefaults(ensureObject(object, "spec"), { volumeMode: "Filesystem" }),
  prepareCreate: (object) => {
    object["status"] = { phase: "Pending" };
  },
  admitCreate: (object, context) => {
    admitStorageClass(object, context);
    protect(object, "kubernetes.io/pvc-protection");
  },
  validate: validateClaim,
  validateUpdate: validateClaimUpdate,
};

export const volumes: Strategy = {
  returnsDeleted: true,
  defaults: (object) =>
    setDefaults(ensureObject(object, "spec"), {
      persistentVolumeReclaimPolicy: "Retain",
      volumeMode: "Filesystem",
    }),
  prepareCreate: (object) => {
    object["status"] = { phase: "Pending" };
  },
};

export const serviceAccounts: Strategy = { returnsDeleted: true };

export const endpoints: Strategy = {
  createsOnUpdate: true,
  defaults: (object) => {
    for (const subset of objectsAt(object, "subsets")) {
      for (const port of objectsAt(subset, "ports")) setDefaults(port, { protocol: "TCP" });
    }
  },
  validate: (object) =>
    objectsAt(object, "subsets").flatMap((subset, index) =>
      objectsAt(subset, "addresses").length + objectsAt(subset, "notReadyAddresses").length > 0
        ? []
        : [required(`subsets[${index}]`, "must specify `addresses` or `notReadyAddresses`")]
    ),
};

export const endpointSlices: Strategy = {
  generation: true,
  defaults: (object) => {
    for (const port of objectsAt(object, "ports")) setDefaults(port, { name: "", protocol: "TCP" });
  },
  validateUpdate: (object, old) =>
    immutable("addressType", object["addressType"], old["addressType"]),
};

export const nodes: Strategy = { keepsStatus: true };

export const events: Strategy = { createsOnUpdate: true };

export const leases: Strategy = { createsOnUpdate: true };
